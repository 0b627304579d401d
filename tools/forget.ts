/** Takes the steps of a machine that is gone for good out of a stack: `npm run --silent forget -- --stack prod --host fra-1`. */
import { spawnSync } from "node:child_process";
import { lastLine } from "./hosts";
import { loginsOf } from "./logins";
import { finish, type Outcome } from "./outcome";
import { type StackState, stepsAt, withoutSteps } from "./stackState";
import { unattended } from "./unattended";
import { usageOnStack, wordsOf, wrongUsage } from "./words";

const USAGE = usageOnStack("forget -- --stack NAME --host ID [--gone] [--config-file FILE]");

const OPTIONS = {
  stack: { type: "string" },
  "config-file": { type: "string" },
  host: { type: "string" },
  gone: { type: "boolean" },
} as const;

/** Its own words are all that is said of this error. */
class Refusal extends Error {}

/** What a command printed; a Refusal with its last words where it failed. */
function printed(file: string, args: string[], input?: string): string {
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    encoding: "utf8",
    maxBuffer: 2 ** 30,
    ...(input !== undefined && { input }),
  });
  if (status === 0) return stdout;
  throw new Refusal(`${file} ${args.join(" ")}: ${error?.message ?? lastLine(stderr)}`);
}

/** Words of ssh(1), or of a jump host, where nobody is there; all others, a refused login too, come from a machine that runs. */
const NOBODY = /timed out|No route to host|Host is down|Network is unreachable|Could not resolve/;

/** Refuses to forget a machine that may still be entered: there, the steps can be undone. */
function refuseWhereItAnswers(id: string, login: string): void {
  const { status, stderr } = spawnSync("bash", ["-c", `${unattended(login)} true`], { encoding: "utf8" });
  const words = lastLine(stderr);
  if (status === 0)
    throw new Refusal(
      `${id} answers, so it still exists; remove its entry from the stack file and run \`pulumi up\`, which drains it first`,
    );
  if (!NOBODY.test(stderr)) throw new Refusal(cannotTell(id, words));
}

const cannotTell = (id: string, why: string) =>
  `cannot tell whether ${id} still exists (${why}); if it does not, add --gone`;

/** Why there is nothing to forget. */
function nothingOf(id: string, logins: Record<string, string>): string {
  if (id in logins) return `the state no longer has a step of ${id}; run \`pulumi up\``;
  return `the stack has no host ${id}; its hosts are ${Object.keys(logins).join(", ")}`;
}

/** Who is to be forgotten. */
interface Wanted {
  stack: string;
  configFile: string | undefined;
  id: string;
  /** Whether whoever asks knows that it is gone. */
  isKnown: boolean;
}

async function forget({ stack, configFile, id, isKnown }: Wanted): Promise<string> {
  const of = ["--stack", stack];
  const told = await loginsOf(stack, configFile);
  // A machine that went before the end of its first `up` is in the state and not in the outputs.
  if ("refusal" in told && !told.isWithoutHosts) throw new Refusal(told.refusal);
  const logins = "refusal" in told ? {} : told.logins;
  const login = logins[id];
  if (login !== undefined && !isKnown) refuseWhereItAnswers(id, login);
  // Whom a step logs in to is encrypted in the state. What is shown here stays in memory.
  const shown = JSON.parse(printed("pulumi", ["stack", "export", "--show-secrets", ...of])) as StackState;
  const steps = stepsAt(shown, id);
  if (steps.length === 0 && "refusal" in told) throw new Refusal(told.refusal);
  if (steps.length === 0) throw new Refusal(nothingOf(id, logins));
  if (login === undefined && !isKnown)
    throw new Refusal(cannotTell(id, "no `up` with it has ended well yet"));
  const state = JSON.parse(printed("pulumi", ["stack", "export", ...of])) as StackState;
  printed("pulumi", ["stack", "import", ...of], JSON.stringify(withoutSteps(state, new Set(steps))));
  return `${id} is forgotten: ${steps.length} steps were removed from the state; nothing was changed on the host`;
}

async function main(args: string[]): Promise<Outcome> {
  const words = wordsOf(args, OPTIONS, ["stack", "host"]);
  if (words === undefined) return wrongUsage(USAGE);
  const { stack, host, gone, "config-file": configFile } = words;
  try {
    const done = await forget({ stack, configFile, id: host, isKnown: gone ?? false });
    return { code: 0, stdout: [done], stderr: [] };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { code: 1, stdout: [], stderr: [`forget: ${error.message}`] };
  }
}

void main(process.argv.slice(2)).then(finish);
