/**
 * Synthetic participants with real media join a room of a stack, talk in turns and say what they heard (docs/REHEARSE.md):
 * `npm run --silent rehearse -- --stack prod --participants 300 --minutes 5`. Ends with 0 where everybody heard and was heard, with 1
 * where not, or where it could not begin.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { finish, type Outcome } from "./outcome";
import { duringOf, type Ran, runDuring } from "./rehearse/during";
import { outputsOf, type Outputs } from "./rehearse/deployment";
import { hearPaths, outcomeOf, prepare, type Ready } from "./rehearse/hearing";
import type { Rehearsal } from "./rehearse/measured";
import { pageOf as htmlOf } from "./rehearse/page";
import { WAYS } from "./rehearse/paths";
import { flagsOf, rehearse, type Wish } from "./rehearse/program";
import { allFigures, remarks, troubles, unseen } from "./rehearse/verdict";
import { Watch } from "./rehearse/watch";
import { usageOnStack, wordsOf, wrongUsage } from "./words";

const USAGE = usageOnStack(
  "rehearse -- --stack NAME [--participants 20] [--minutes 1] [--talkers 3] [--rate 10] [--room NAME] [--regions A,B] [--json FILE] [--report FILE.html] [--label TEXT] [--return SECONDS] [--during COMMAND], or --stack NAME --paths",
);

const OPTIONS = {
  stack: { type: "string" },
  participants: { type: "string" },
  minutes: { type: "string" },
  talkers: { type: "string" },
  rate: { type: "string" },
  room: { type: "string" },
  regions: { type: "string" },
  json: { type: "string" },
  report: { type: "string" },
  label: { type: "string" },
  return: { type: "string" },
  during: { type: "string" },
  paths: { type: "boolean" },
} as const;

type Words = NonNullable<ReturnType<typeof wordsOf<typeof OPTIONS, "stack">>>;

/** A turn is as long as lets everybody talk once, but within these. */
const TURN_SECONDS = { least: 2, most: 10 };

/** What the words ask for; undefined where a number is none. */
export function wishOf(
  words: Partial<Record<Exclude<keyof typeof OPTIONS, "paths">, string>>,
): Wish | undefined {
  const participants = Number(words.participants ?? 20);
  const talkers = Number(words.talkers ?? 3);
  const minutes = Number(words.minutes ?? 1);
  const joinsPerSecond = Number(words.rate ?? 10);
  const returnSeconds = Number(words.return ?? 1);
  const isWhole = [participants, talkers].every((value) => Number.isInteger(value) && value > 0);
  if (!isWhole || participants < 2 || !(minutes > 0) || !(joinsPerSecond > 0) || !(returnSeconds > 0))
    return undefined;
  const turn = (minutes * 60 * talkers) / participants;
  return {
    room: words.room ?? `rehearsal-${Date.now()}`,
    participants,
    talkers,
    turnSeconds: Math.min(Math.max(Math.floor(turn), TURN_SECONDS.least), TURN_SECONDS.most),
    holdSeconds: Math.round(minutes * 60),
    joinsPerSecond,
    ...(words.return && { returnSeconds }),
    ...(words.regions && { regions: words.regions.split(",") }),
  };
}

/** This machine, in words. */
function machine(): string {
  const [first] = cpus();
  return `${cpus().length} cores (${first?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB`;
}

async function hold(ready: Ready<Outputs>, wish: Wish, { label = "", during }: Words): Promise<Rehearsal> {
  const { outputs, page, program, authorityFile } = ready;
  const watch = new Watch(outputs.ssh);
  let ran: Ran | undefined;
  const command = during === undefined ? undefined : async () => void (ran = await runDuring(during));
  try {
    const trust = authorityFile === undefined ? {} : { SSL_CERT_FILE: authorityFile };
    const crowd = await rehearse(program, flagsOf(page, wish), trust, command);
    const change = ran === undefined ? {} : { during: duringOf(crowd, ran) };
    return { deployment: page.domain, label, machine: machine(), crowd, ...change, hosts: watch.end() };
  } finally {
    watch.end();
  }
}

async function tryPaths(ready: Ready): Promise<Outcome> {
  return outcomeOf(await hearPaths(ready, { ways: WAYS, unmet: "silent" }));
}

/** Writes the files that were asked for, and says the rest. */
function tell(rehearsal: Rehearsal, words: Words): Outcome {
  if (words.json) writeFileSync(words.json, `${JSON.stringify(rehearsal)}\n`);
  if (words.report) writeFileSync(words.report, htmlOf(rehearsal));
  const wrong = troubles(rehearsal.crowd);
  const notes = [...remarks(rehearsal.crowd), ...unseen(rehearsal.hosts)];
  const stdout = allFigures(rehearsal).map(([name, value]) => `${name}: ${value}`);
  return {
    code: wrong.length === 0 ? 0 : 1,
    stdout: [...stdout, ...notes.map((line) => `note: ${line}`)],
    stderr: wrong.map((line) => `silent: ${line}`),
  };
}

async function main(args: string[]): Promise<Outcome> {
  const words = wordsOf(args, OPTIONS, ["stack"]);
  const wish = words && wishOf(words);
  if (words === undefined || wish === undefined) return wrongUsage(USAGE);
  const folder = mkdtempSync(join(tmpdir(), "audio-meet-rehearse-"));
  try {
    const outputs = await outputsOf(words.stack);
    if ("refusal" in outputs) return { code: 1, stdout: [], stderr: [outputs.refusal] };
    const ready = await prepare(outputs, folder);
    return words.paths ? await tryPaths(ready) : tell(await hold(ready, wish, words), words);
  } catch (error) {
    return { code: 1, stdout: [], stderr: [error instanceof Error ? error.message : String(error)] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (require.main === module) void main(process.argv.slice(2)).then(finish);
