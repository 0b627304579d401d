import { join } from "node:path";
import { labName } from "../../facts/labHost";
import type { FileGroup } from "../../services/manifest";
import { FormerProgram, hasCommit } from "./support/formerProgram";
import { mustInGuest } from "./support/guests";
import { LabStack, type Step } from "./support/labStack";

/**
 * The program that makes the stack. By default the last at which a deployment was no component: its resources stood below the stack
 * itself.
 */
const COMMIT = process.env["FORMER_COMMIT"] ?? "cf8890f";
const DOMAIN = "former.audio-meet.test";
const CORE = labName(DOMAIN, "core", 1);

const NAME =
  "a stack that an earlier program made goes on under this one: nothing is replaced, and no daemon restarts but by its own files";

/** Every daemon of a core with a bridge. */
const UNITS = ["prosody", "prosody-jvb", "jicofo", "jitsi-videobridge2", "nginx", "coturn"];

const stack = new LabStack("former", {});
const former = new FormerProgram(COMMIT, join(stack.folder, "program"));

/** Boot and start of each daemon: another one where the machine or the daemon was started again. */
async function starts(): Promise<Record<string, string>> {
  const boot = "echo boot=$(cat /proc/sys/kernel/random/boot_id)";
  const each = UNITS.map((unit) => `echo ${unit}=$(systemctl show -P InvocationID ${unit})`);
  const text = await mustInGuest(stack, CORE, [boot, ...each].join("\n"));
  return Object.fromEntries(
    text
      .trim()
      .split("\n")
      .map((line) => line.split("=") as [string, string]),
  );
}

/** Has the former program make the stack; returns how many steps it took. */
async function make(): Promise<number> {
  const up = () => stack.counted("up", "--skip-preview", "--cwd", former.folder);
  const first = await up();
  // To a program as old as a6fc895, what jicofo says at its start, while no bridge is there yet, is a fault of jicofo.
  const isEarly = first.code !== 0 && first.output.includes("No operational bridges available");
  if (isEarly) await mustInGuest(stack, CORE, "systemctl restart jicofo");
  const { code, output, steps } = isEarly ? await up() : first;
  if (code !== 0) throw new Error(`the former program's up failed:\n${output.slice(-8000)}`);
  return steps.length + (isEarly ? first.steps.length : 0);
}

/** The files of every step that shows them, path → what each unit needs when it changes and a digest of what is in it. */
async function files(): Promise<FileGroup["files"]> {
  const groups = (await stack.resources()).flatMap(({ type, inputs }) => {
    const stdin = inputs?.["stdin"];
    if (type !== "command:remote:Command" || typeof stdin !== "string" || !stdin.startsWith('{"group"'))
      return [];
    return [JSON.parse(stdin) as FileGroup];
  });
  return Object.assign({}, ...groups.map((group) => group.files)) as FileGroup["files"];
}

/** Units that a file which is not as it was restarts. */
function restarted(before: FileGroup["files"], after: FileGroup["files"]): Set<string> {
  const paths = Object.keys({ ...before, ...after });
  const changed = paths.filter((path) => JSON.stringify(before[path]) !== JSON.stringify(after[path]));
  const units = changed.flatMap((path) => Object.entries({ ...before[path]?.units, ...after[path]?.units }));
  return new Set(
    units.filter(([, action]) => action === "restart").map(([unit]) => unit.replace(/\.service$/, "")),
  );
}

const isThere = hasCommit(COMMIT);
const why = isThere ? "" : ` (skipped: this clone has no history back to ${COMMIT})`;

beforeAll(async () => {
  if (!isThere) return;
  await stack.open();
  await former.make();
  stack.config = former.config(DOMAIN);
});

afterAll(async () => {
  if (!isThere) return;
  await stack.destroy();
  await former.remove();
  await stack.close();
});

(isThere ? test : test.skip)(`${NAME}${why}`, async () => {
  expect(await make()).toBeGreaterThan(20);
  const [startsBefore, filesBefore] = [await starts(), await files()];
  expect(Object.keys(filesBefore).length).toBeGreaterThan(20);

  const undone = new Set(
    (await stack.resources())
      .filter(({ inputs }) => inputs?.["delete"] !== undefined)
      .map(({ urn }) => urn.split("::").at(-1) ?? ""),
  );
  expect(undone.size).toBeGreaterThan(10);

  const { steps } = await stack.mustUp();
  const ops = (wanted: RegExp) =>
    steps.filter(({ op }: Step) => wanted.test(op)).map(({ name, op }) => `${op} ${name}`);
  expect(ops(/replace/)).toEqual([]);
  // A step may go whose end does nothing on its host; what undoes something there stays.
  const gone = steps.filter(({ op }) => op.startsWith("delete")).map(({ name }) => name);
  expect(gone.filter((name) => undone.has(name))).toEqual([]);

  const [startsAfter, filesAfter] = [await starts(), await files()];
  const allowed = restarted(filesBefore, filesAfter);
  const again = Object.keys(startsAfter).filter((name) => startsAfter[name] !== startsBefore[name]);
  expect(again.filter((name) => !allowed.has(name))).toEqual([]);

  const { steps: nothing } = await stack.mustUp();
  expect(nothing).toEqual([]);
});
