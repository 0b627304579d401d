/**
 * Has every server of a stack looked at, and changes nothing there but that the helper comes: `npm run --silent look -- --stack prod`.
 * What an `up` would refuse is said beforehand, while what is on the servers still serves.
 */
import { spawnSync } from "node:child_process";
import { loadStackFile, StackFileError } from "./stackFile";
import { wordsOfPulumi } from "./pulumiWords";
import { finish, type Outcome } from "./outcome";
import { usageOnStack, wordsOf, wrongUsage } from "./words";

const USAGE = usageOnStack("look -- --stack NAME [--config-file FILE]");

const OPTIONS = { stack: { type: "string" }, "config-file": { type: "string" } } as const;

/** The helper, the look, and the components that they are part of: what `up` does with these alone. */
export const TARGETS = [
  "**::jitsi:index:AudioMeet::*",
  "**$jitsi:index:*::*",
  "**-bootstrap",
  "**-preflight",
].flatMap((target) => ["--target", target]);

const UP = ["up", "--yes", "--skip-preview", "--suppress-outputs", ...TARGETS];

/** Why a stack cannot be looked at like this: a machine that is made first is nobody's yet. */
function refusal(file: string): string | undefined {
  try {
    const { settings } = loadStackFile(file);
    if (settings === undefined) return `${file} has mistakes: npm run --silent check -- --stack-file ${file}`;
    const made = settings.regions.filter(({ machines }) => machines.provider !== "existing");
    const names = made.map(({ name }) => name).join(", ");
    return made.length === 0
      ? undefined
      : `regions whose machines are made have no servers to look at before: ${names}; pulumi up looks at them first`;
  } catch (error) {
    if (error instanceof StackFileError) return error.message;
    throw error;
  }
}

function look(args: string[]): Outcome {
  const words = wordsOf(args, OPTIONS, ["stack"]);
  if (words === undefined) return wrongUsage(USAGE);
  const file = words["config-file"] ?? `Pulumi.${words.stack}.yaml`;
  const cause = refusal(file);
  if (cause !== undefined) return { code: 1, stdout: [], stderr: [cause] };
  const { status, error } = spawnSync("pulumi", [...UP, "--stack", words.stack, "--config-file", file], {
    stdio: "inherit",
  });
  if (error) return { code: 1, stdout: [], stderr: [wordsOfPulumi(error.message)] };
  if (status === 0)
    return {
      code: 0,
      stdout: ["every server is fit; the helper is there and nothing else"],
      stderr: [],
    };
  return { code: 1, stdout: [], stderr: ["nothing was changed on the servers; at most the helper is there"] };
}

if (require.main === module) finish(look(process.argv.slice(2)));
