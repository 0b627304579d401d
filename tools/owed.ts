/**
 * Lists the restarts that wait on every host of a stack, and until when: `npm run --silent owed -- --stack prod [--json]`. Changes nothing.
 * Ends with 0 where all hosts answered and nothing went wrong, 2 where a restart that was due failed, 1 where a host did not answer.
 */
import { askHosts, type Answer } from "./hosts";
import { loginsOf } from "./logins";
import { finish, type Outcome } from "./outcome";
import { usageOnStack, wordsOf, wrongUsage } from "./words";

const USAGE = usageOnStack("owed -- --stack NAME [--json] [--config-file FILE]");

const OPTIONS = {
  stack: { type: "string" },
  json: { type: "boolean" },
  "config-file": { type: "string" },
} as const;

/** What one host's helper lists (host/audio_meet/owed/owed.py). */
interface Owed {
  owed: { restarts: string[]; whoNotices: string[]; brings: string[]; since: string; until: string }[];
  failed?: { step: string; reason: string; at: string };
}

/** A host in lines for a reader. */
function lines(id: string, answer: Answer<Owed>): string[] {
  if ("notKnown" in answer) return [`${id}: not known: ${answer.notKnown}`];
  const { owed, failed } = answer;
  const waiting = owed.flatMap(({ restarts, whoNotices, brings, since, until }) => [
    `${id}: ${restarts.join(", ")} waits ${until}, since ${since}`,
    ...whoNotices.map((words) => `  now: ${words}`),
    `  brings: ${brings.join(", ")}`,
  ]);
  const trouble = failed
    ? [`${id}: ${failed.step} went wrong at ${failed.at}, and nothing more is tried: ${failed.reason}`]
    : [];
  return [...(waiting.length > 0 ? waiting : [`${id}: nothing is owed`]), ...trouble];
}

function exitCode(answers: Answer<Owed>[]): Outcome["code"] {
  if (answers.some((answer) => "failed" in answer)) return 2;
  return answers.some((answer) => "notKnown" in answer) ? 1 : 0;
}

async function main(args: string[]): Promise<Outcome> {
  const words = wordsOf(args, OPTIONS, ["stack"]);
  if (words === undefined) return wrongUsage(USAGE);
  const told = await loginsOf(words.stack, words["config-file"]);
  if ("refusal" in told) return { code: 1, stdout: [], stderr: [told.refusal] };
  const answers = await askHosts<Owed>(told.logins, "owed --json");
  const hosts = Object.entries(answers).sort(([one], [other]) => one.localeCompare(other, "en"));
  const stdout = words.json
    ? [JSON.stringify(Object.fromEntries(hosts), null, 2)]
    : hosts.flatMap(([id, answer]) => lines(id, answer));
  return { code: exitCode(Object.values(answers)), stdout, stderr: [] };
}

void main(process.argv.slice(2)).then(finish);
