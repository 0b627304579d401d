/**
 * A preview for whoever is about to run `up`: what changes, file by file, who notices it, and how many people that is now.
 * `npm run --silent preview -- --stack prod`. The engine and the hosts are asked side by side; no count enters the program.
 */
import { check } from "./check";
import { finish, type Outcome } from "./outcome";
import { run } from "./hosts";
import { loginsOf } from "./logins";
import { wordsOfPulumi } from "./pulumiWords";
import { AS_TEXT } from "./markdown";
import { previewComment } from "./preview/comment";
import { PreviewError, readPreview } from "./preview/digest";
import { askPeople, type People } from "./preview/people";
import { usageOnStack, wordsOf, wrongUsage } from "./words";

const USAGE = usageOnStack("preview -- --stack NAME [--config-file FILE]");

/** A preview of 50 bridges takes half a minute on a quiet machine. */
const PREVIEW_MILLISECONDS = 600_000;

const OPTIONS = { stack: { type: "string" }, "config-file": { type: "string" } } as const;

/** Nobody is in a conference of a stack that has no hosts yet, or none that can be asked: the count is not known then. */
async function peopleOf(stack: string, configFile: string): Promise<People | undefined> {
  const told = await loginsOf(stack, configFile);
  return "refusal" in told ? undefined : askPeople(told.logins);
}

async function previewNow(stack: string, configFile: string | undefined): Promise<Outcome> {
  const file = configFile ?? `Pulumi.${stack}.yaml`;
  const command = ["preview", "--json", "--non-interactive", "--stack", stack, "--config-file", file];
  const [{ code, stdout, stderr }, people] = await Promise.all([
    run("pulumi", command, { longMilliseconds: PREVIEW_MILLISECONDS }),
    peopleOf(stack, file),
  ]);
  const sizes = check(["--stack-file", file]);
  try {
    const after = [...sizes.stdout, ...sizes.stderr];
    const text = previewComment(readPreview(stdout), { stack, before: undefined, after, people }, AS_TEXT);
    return { code: code === 0 ? 0 : 1, stdout: [text], stderr: [] };
  } catch (error) {
    if (!(error instanceof PreviewError)) throw error;
    return { code: 1, stdout: [], stderr: [wordsOfPulumi(stderr) || error.message] };
  }
}

async function main(args: string[]): Promise<Outcome> {
  const words = wordsOf(args, OPTIONS, ["stack"]);
  return words === undefined ? wrongUsage(USAGE) : previewNow(words.stack, words["config-file"]);
}

void main(process.argv.slice(2)).then(finish);
