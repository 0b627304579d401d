/**
 * Holds every host of a stack against what was applied to it: `npm run --silent drift -- --stack prod [--json]`. Changes nothing.
 * Ends with 0 where all is as deployed, 2 where something differs, 1 where a host did not answer.
 */
import { parseArgs } from "node:util";
import { counted } from "./outcome";
import { askHosts, loginsOf, type Answer } from "./hosts";

const USAGE =
  "usage: npm run --silent drift -- --stack NAME [--json] (with pulumi on the path, logged in to its backend)";

/** One difference, as the helper names it (host/audio_meet/checks/drift.py). */
interface Difference {
  kind: string;
  name: string;
  expected: string;
  found: string;
}

type Drift = Answer<{ drift: Difference[] }>;

/** A host in lines for a reader. */
function lines(id: string, answer: Drift): string[] {
  if ("notKnown" in answer) return [`${id}: not known: ${answer.notKnown}`];
  const { drift } = answer;
  if (drift.length === 0) return [`${id}: as deployed`];
  const each = drift.map(
    ({ kind, name, expected, found }) => `  ${kind} ${name}: ${found} (expected: ${expected})`,
  );
  return [`${id}: ${counted(drift.length, "difference")}`, ...each];
}

function exitCode(answers: Drift[]): number {
  if (answers.some((answer) => "drift" in answer && answer.drift.length > 0)) return 2;
  return answers.some((answer) => "notKnown" in answer) ? 1 : 0;
}

async function main(args: string[]): Promise<number> {
  let values;
  try {
    ({ values } = parseArgs({ args, options: { stack: { type: "string" }, json: { type: "boolean" } } }));
  } catch {
    values = undefined;
  }
  if (!values?.stack) {
    console.error(USAGE);
    return 2;
  }
  const told = await loginsOf(values.stack);
  if ("refusal" in told) {
    console.error(told.refusal);
    return 1;
  }
  const answers = await askHosts<{ drift: Difference[] }>(told.logins, "drift");
  const hosts = Object.entries(answers).sort(([one], [other]) => one.localeCompare(other, "en"));
  if (values.json) console.log(JSON.stringify(Object.fromEntries(hosts), null, 2));
  else for (const [id, answer] of hosts) console.log(lines(id, answer).join("\n"));
  return exitCode(Object.values(answers));
}

void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
