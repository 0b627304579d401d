/**
 * Holds every host of a stack against what was applied to it: `npm run --silent drift -- --stack prod [--json | --repair]`. Touches
 * no host. Ends with 0 where all is as deployed, 2 where something differs, 1 where a host did not answer.
 */
import { askHosts, type Answer } from "./hosts";
import { loginsOf } from "./logins";
import { counted, finish, type Outcome } from "./outcome";
import { writeRepairs } from "./repairs";
import { StackFileError } from "./stackFile";
import { usageOnStack, wordsOf, wrongUsage } from "./words";

const USAGE = usageOnStack("drift -- --stack NAME [--json | --repair] [--config-file FILE]");

/** One difference, as the helper names it (host/audio_meet/drift/entry.py). */
interface Difference {
  kind: string;
  name: string;
  expected: string;
  found: string;
  /** The step that repairs it; absent: none does. */
  step?: string;
}

type Drift = Answer<{ drift: Difference[] }>;

const OPTIONS = {
  stack: { type: "string" },
  json: { type: "boolean" },
  repair: { type: "boolean" },
  "config-file": { type: "string" },
} as const;

/** The steps that repair something, as the stack file names them. */
function stepsOf(hosts: [id: string, answer: Drift][]): string[] {
  const named = hosts.flatMap(([id, answer]) =>
    "notKnown" in answer
      ? []
      : answer.drift.flatMap(({ step }) => (step === undefined ? [] : `${id}/${step}`)),
  );
  return [...new Set(named)];
}

/** A host in lines for a reader. */
function lines(id: string, answer: Drift): string[] {
  if ("notKnown" in answer) return [`${id}: not known: ${answer.notKnown}`];
  const { drift } = answer;
  if (drift.length === 0) return [`${id}: as deployed`];
  const each = drift.map(
    ({ kind, name, expected, found, step }) =>
      `  ${kind} ${name}: ${found} (expected: ${expected}; ${step === undefined ? "no step repairs it" : `step ${id}/${step}`})`,
  );
  return [`${id}: ${counted(drift.length, "difference")}`, ...each];
}

function exitCode(answers: Drift[]): Outcome["code"] {
  if (answers.some((answer) => "drift" in answer && answer.drift.length > 0)) return 2;
  return answers.some((answer) => "notKnown" in answer) ? 1 : 0;
}

/** Has the next `up` run these steps again; in lines what was written and what comes next. */
function repaired(steps: string[], stack: string, file: string): string[] {
  if (steps.length === 0) return ["no step repairs anything"];
  writeRepairs(file, steps);
  return [`${file}: jitsi:repair runs again: ${steps.join(", ")}`, `next: pulumi up --stack ${stack}`];
}

async function main(args: string[]): Promise<Outcome> {
  const words = wordsOf(args, OPTIONS, ["stack"]);
  if (words === undefined || (words.json && words.repair)) return wrongUsage(USAGE);
  const { stack } = words;
  const told = await loginsOf(stack, words["config-file"]);
  if ("refusal" in told) return { code: 1, stdout: [], stderr: [told.refusal] };
  const answers = await askHosts<{ drift: Difference[] }>(told.logins, "drift");
  const hosts = Object.entries(answers).sort(([one], [other]) => one.localeCompare(other, "en"));
  const code = exitCode(Object.values(answers));
  if (words.json) return { code, stdout: [JSON.stringify(Object.fromEntries(hosts), null, 2)], stderr: [] };
  const stdout = hosts.flatMap(([id, answer]) => lines(id, answer));
  if (!words.repair) return { code, stdout, stderr: [] };
  try {
    const file = words["config-file"] ?? `Pulumi.${stack}.yaml`;
    return { code, stdout: [...stdout, ...repaired(stepsOf(hosts), stack, file)], stderr: [] };
  } catch (error) {
    if (!(error instanceof StackFileError)) throw error;
    return { code: 1, stdout, stderr: [error.message] };
  }
}

void main(process.argv.slice(2)).then(finish);
