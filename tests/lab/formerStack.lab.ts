import { standIns } from "../../lab/choice";
import { join } from "node:path";
import { labName } from "../../facts/labHost";
import type { FileGroup } from "../../services/manifest";
import { FormerProgram, hasCommit } from "./support/formerProgram";
import { mustInGuest } from "./support/guests";
import { LabStack, type Step } from "./support/labStack";

const NAME =
  "a stack that an earlier program made goes on under this one: nothing is replaced, no file is lost, and no daemon restarts but by its own files";

/** Programs of earlier commits, each with where its bridge is, and the daemons of each host. */
const FORMER: Record<string, Record<string, string>> = {
  // The last at which a deployment was no component: its resources stood below the stack itself.
  cf8890f: { main: "core" },
  // The last at which a bridge was sixteen resources: firewall, kernel, upkeep, trust and login had steps of their own.
  b5b2bbd: { "jvb-a": "jvb-a" },
};

/** Another commit may be said: its stack has its bridge on the core. */
const COMMIT = process.env["FORMER_COMMIT"];
const STACKS: Record<string, Record<string, string>> = COMMIT === undefined
  ? FORMER
  : { [COMMIT]: { main: "core" } };

const UNITS = {
  core: ["prosody", "prosody-jvb", "jicofo", "nginx", "coturn", "audio-meet-firewall", "audio-meet-kernel"],
  bridge: ["jitsi-videobridge2", "audio-meet-firewall", "audio-meet-kernel"],
};

/** Steps whose files others have taken over, so that their end does nothing on their host. */
const TAKEN_OVER = /-(trust|files-(firewall|kernel|upkeep)|videobridge-login)$/;

describe.each(Object.entries(STACKS))("of %s", (commit, bridges) => {
  const isThere = hasCommit(commit);
  const why = isThere ? "" : ` (skipped: this clone has no history back to ${commit})`;
  const domain = `${commit}.audio-meet.test`;
  const stack = new LabStack(`former-${commit}`, {});
  const former = new FormerProgram(commit, join(stack.folder, "program"));
  const hosts = [...new Set(["core", ...Object.values(bridges)])];

  /** On each host: its boot and the start of each daemon, so that another start is another text; and a digest of each of `paths`. */
  async function onHosts(script: (hostId: string) => string): Promise<Record<string, string>> {
    const texts = hosts.map(async (id) => {
      const text = await mustInGuest(stack, labName(domain, id, 1), script(id));
      return text
        .trim()
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => [`${id} ${line.split("=")[0]}`, line.split("=")[1] ?? ""] as const);
    });
    return Object.fromEntries((await Promise.all(texts)).flat());
  }

  /** Has the former program make the stack; returns how many steps it took. */
  async function make(): Promise<number> {
    const up = () => stack.counted("up", "--skip-preview", "--cwd", former.folder);
    const first = await up();
    // To a program as old as a6fc895, what jicofo says at its start, while no bridge is there yet, is a fault of jicofo.
    const isEarly = first.code !== 0 && first.output.includes("No operational bridges available");
    if (isEarly) await mustInGuest(stack, labName(domain, "core", 1), "systemctl restart jicofo");
    const { code, output, steps } = isEarly ? await up() : first;
    if (code !== 0) throw new Error(`the former program's up failed:\n${output.slice(-8000)}`);
    return steps.length + (isEarly ? first.steps.length : 0);
  }

  const unitsOf = (id: string) => [
    ...(id === "core" ? UNITS.core : UNITS.bridge),
    ...Object.values(bridges).flatMap((hostId) => (hostId === "core" ? ["jitsi-videobridge2"] : [])),
  ];
  const starts = () =>
    onHosts((id) =>
      [
        "echo boot=$(cat /proc/sys/kernel/random/boot_id)",
        ...unitsOf(id).map((unit) => `echo ${unit}=$(systemctl show -P InvocationID ${unit})`),
      ].join("\n"),
    );

  /** What an earlier program's steps had brought that are no steps any more: rules that are loaded, and files by their inode. */
  const kept = () =>
    onHosts(() =>
      [
        "echo rules=$(nft list table inet audio_meet >/dev/null && echo loaded)",
        "stat -c '%n=%i' /etc/jitsi/trust/* /etc/audio-meet/kernel.conf /etc/apt/apt.conf.d/52audio-meet",
        "find /etc/audio-meet/secrets -type f -printf '%p=%i\\n'",
      ].join("\n"),
    );

  const restarted = (before: FileGroup["files"], after: FileGroup["files"]) => {
    const paths = Object.keys({ ...before, ...after });
    const changed = paths.filter((path) => JSON.stringify(before[path]) !== JSON.stringify(after[path]));
    const units = changed.flatMap((path) =>
      Object.entries({ ...before[path]?.units, ...after[path]?.units }),
    );
    return new Set(
      units.filter(([, action]) => action === "restart").map(([unit]) => unit.replace(/\.service$/, "")),
    );
  };

  /** The files of every step, those with secrets as well: path → what each unit needs when it changes, and what is in it. */
  async function files(): Promise<FileGroup["files"]> {
    const groups = (await stack.resources(true)).flatMap(({ type, inputs }) => {
      const text = textIn(inputs?.["stdin"]);
      if (type !== "command:remote:Command" || !text.startsWith('{"')) return [];
      const document = JSON.parse(text) as Partial<FileGroup>;
      return document.group === undefined ? [] : [document.files ?? {}];
    });
    return Object.assign({}, ...groups) as FileGroup["files"];
  }

  beforeAll(async () => {
    if (!isThere) return;
    await stack.open();
    await former.make();
    stack.config = former.config(domain, bridges);
  });

  afterAll(async () => {
    if (!isThere) return;
    await stack.destroy();
    await former.remove();
    await stack.close();
  });

  (isThere ? test : test.skip)(`${NAME}${why}`, async () => {
    expect(await make()).toBeGreaterThan(20);
    const [startsBefore, filesBefore, keptBefore] = [await starts(), await files(), await kept()];
    expect(Object.keys(filesBefore).length).toBeGreaterThan(20);
    expect(Object.keys(keptBefore).length).toBeGreaterThan(5);

    const undone = new Set(
      (await stack.resources())
        .filter(({ inputs }) => inputs?.["delete"] !== undefined)
        .map(({ urn }) => urn.split("::").at(-1) ?? ""),
    );
    expect(undone.size).toBeGreaterThan(10);
    // This program would listen, and stand-ins carry no sound.
    stack.config = { ...stack.config, ...standIns() };

    const { steps } = await stack.mustUp();
    const ops = (wanted: RegExp) =>
      steps.filter(({ op }: Step) => wanted.test(op)).map(({ name, op }) => `${op} ${name}`);
    expect(ops(/replace/)).toEqual([]);
    // A step may go whose end does nothing on its host; what undoes something there stays.
    const gone = steps.filter(({ op }) => op.startsWith("delete")).map(({ name }) => name);
    expect(gone.filter((name) => undone.has(name) && !TAKEN_OVER.test(name))).toEqual([]);
    expect(gone.filter((name) => TAKEN_OVER.test(name)).length).toBeGreaterThan(3);

    const [startsAfter, filesAfter, keptAfter] = [await starts(), await files(), await kept()];
    const allowed = restarted(filesBefore, filesAfter);
    const again = Object.keys(startsAfter).filter((name) => startsAfter[name] !== startsBefore[name]);
    expect(again.filter((name) => !allowed.has(name.split(" ")[1] ?? ""))).toEqual([]);
    const isSame = (path: string) => JSON.stringify(filesBefore[path]) === JSON.stringify(filesAfter[path]);
    const same = Object.keys(keptBefore).filter((name) => isSame(name.split(" ")[1] ?? ""));
    expect(same.filter((name) => keptAfter[name] !== keptBefore[name])).toEqual([]);

    const { steps: nothing } = await stack.mustUp();
    expect(nothing).toEqual([]);
  });
});

/** A text, or one that the state marks as a secret, which is JSON in JSON. */
function textIn(value: unknown): string {
  if (typeof value === "string") return value;
  const { plaintext } = (value ?? {}) as { plaintext?: string };
  return plaintext === undefined ? "" : String(JSON.parse(plaintext));
}
