/**
 * Holds every host of a stack against what was applied to it: `npm run --silent drift -- --stack prod [--json]`. Changes nothing.
 * Ends with 0 where all is as deployed, 2 where something differs, 1 where a host did not answer.
 */
import { askHosts, loginsOf, type Answer } from "./hosts";
import { counted, finish, type Outcome } from "./outcome";
import { usageOnStack, wordsOf, wrongUsage } from "./words";

const USAGE = usageOnStack("drift -- --stack NAME [--json]");

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

function exitCode(answers: Drift[]): Outcome["code"] {
  if (answers.some((answer) => "drift" in answer && answer.drift.length > 0)) return 2;
  return answers.some((answer) => "notKnown" in answer) ? 1 : 0;
}

async function main(args: string[]): Promise<Outcome> {
  const words = wordsOf(args, { stack: { type: "string" }, json: { type: "boolean" } }, ["stack"]);
  if (words === undefined) return wrongUsage(USAGE);
  const told = await loginsOf(words.stack);
  if ("refusal" in told) return { code: 1, stdout: [], stderr: [told.refusal] };
  const answers = await askHosts<{ drift: Difference[] }>(told.logins, "drift");
  const hosts = Object.entries(answers).sort(([one], [other]) => one.localeCompare(other, "en"));
  const stdout = words.json
    ? [JSON.stringify(Object.fromEntries(hosts), null, 2)]
    : hosts.flatMap(([id, answer]) => lines(id, answer));
  return { code: exitCode(Object.values(answers)), stdout, stderr: [] };
}

void main(process.argv.slice(2)).then(finish);
