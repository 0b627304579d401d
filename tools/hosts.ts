/** Asks the helper on the hosts of a stack, over SSH, by the logins of the stack output `ssh`. */
import { execFile } from "node:child_process";
import { unattended } from "./unattended";

/** The longest that a verb asks for (30 s), one last round of slow checks (a browser that starts, a login), and the way there and back. */
const TIMEOUT_MILLISECONDS = 120_000;

/** How a program ended. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** The logins of a stack by host id, or in one line why there are none. */
export async function loginsOf(
  stack: string,
): Promise<{ logins: Record<string, string> } | { refusal: string }> {
  const told = await run("pulumi", ["stack", "output", "ssh", "--json", "--stack", stack]);
  if (told.code === 0) return { logins: JSON.parse(told.stdout) as Record<string, string> };
  return { refusal: `pulumi stack output ssh --stack ${stack}: ${told.stderr.trim()}${remedyOf(told)}` };
}

/** What to do about a `pulumi` that told no logins; empty where its own words say it. */
function remedyOf({ stderr }: Ended): string {
  if (stderr.includes("ENOENT")) return "; install the Pulumi CLI, or put it on the path of this shell";
  if (stderr.includes("output property")) return "; the stack has no hosts yet: run pulumi up first";
  return "";
}

/** What a host's helper answers; `notKnown`: it was not reached, or said nothing that can be read, which says nothing about the host. */
export type Answer<T> = T | { notKnown: string };

/** Has every host's helper run a verb that prints one JSON document. */
export async function askHosts<T extends object>(
  logins: Record<string, string>,
  verb: string,
): Promise<Record<string, Answer<T>>> {
  const asked = Object.entries(logins).map(
    async ([id, login]) => [id, await askHost<T>(login, verb)] as const,
  );
  return Object.fromEntries(await Promise.all(asked));
}

async function askHost<T extends object>(login: string, verb: string): Promise<Answer<T>> {
  const ask = `/usr/local/sbin/audio-meet ${verb}`;
  const asRoot = `if [ "$(id -u)" = 0 ]; then exec ${ask}; else exec sudo -n ${ask}; fi`;
  const { code, stdout, stderr } = await run("bash", ["-c", `${unattended(login)} '${asRoot}'`]);
  const answer = documentIn(stdout);
  if (answer !== undefined) return answer as T;
  const words = stderr.trim().split("\n").at(-1) ?? "";
  return { notKnown: words === "" ? `ssh ended with code ${code}` : words };
}

/** What the helper prints, on one line; undefined where it did not get that far. */
function documentIn(stdout: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}

/** Runs a program to its end, or until it is given up. */
export function run(
  file: string,
  args: string[],
  options: { longMilliseconds?: number } = {},
): Promise<Ended> {
  const timeout = options.longMilliseconds ?? TIMEOUT_MILLISECONDS;
  return new Promise((resolve) => {
    execFile(file, args, { timeout, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      const late = error?.killed ? `no answer within ${timeout / 1000} s` : undefined;
      resolve({ code, stdout, stderr: late ?? (stderr || (code < 0 ? (error?.message ?? "") : "")) });
    });
  });
}
