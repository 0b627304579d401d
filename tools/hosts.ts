/** Asks the helper on the hosts of a stack, over SSH. */
import { execFile } from "node:child_process";
import { unattended } from "./unattended";

/** The longest that a verb asks for (30 s), one last round of slow checks (a browser that starts, a login), and the way there and back. */
const TIMEOUT_MILLISECONDS = 120_000;

/** What a program gets beside its arguments. */
export interface RunOptions {
  /** When it is given up. */
  longMilliseconds?: number;
  stdin?: string;
  env?: Record<string, string>;
}

/** How a program ended. */
export interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** What a host's helper answers; `notKnown`: it was not reached, or said nothing that can be read, which says nothing about the host. */
export type Answer<T> = T | { notKnown: string };

/** Has every host's helper run a verb that prints one JSON document. */
export async function askHosts<T extends object>(
  logins: Record<string, string>,
  verb: string,
  options: RunOptions = {},
): Promise<Record<string, Answer<T>>> {
  const asked = Object.entries(logins).map(
    async ([id, login]) => [id, await askHost<T>(login, verb, options)] as const,
  );
  return Object.fromEntries(await Promise.all(asked));
}

/** Has one host's helper do so; `login`: as in the output `ssh`. */
export async function askHost<T extends object>(
  login: string,
  verb: string,
  options: RunOptions = {},
): Promise<Answer<T>> {
  const { code, stdout, stderr } = await run(
    "bash",
    ["-c", `${unattended(login)} '${asRoot(verb)}'`],
    options,
  );
  const answer = documentIn(stdout);
  if (answer !== undefined) return answer as T;
  const words = lastLine(stderr);
  return { notKnown: words === "" ? `ssh ended with code ${code}` : withRemedy(words) };
}

/** What a program said last. */
export function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

/** Words of ssh(1) → what to do about them. */
const REMEDIES: [RegExp, string][] = [
  [
    /^Host key verification failed/,
    "; the host shows another key than the stack pins: on its console, compare `cat /etc/ssh/ssh_host_ed25519_key.pub` with its hostKey",
  ],
  [
    /Permission denied \(/,
    "; put the key that logs in there into the SSH agent (ssh-add), or set jitsi:sshPrivateKey",
  ],
];

function withRemedy(words: string): string {
  const [, remedy] = REMEDIES.find(([said]) => said.test(words)) ?? [];
  return remedy === undefined ? words : words.replace(/\.$/, "") + remedy;
}

/** The command on a host that runs a verb of its helper, whoever logs in. */
export function asRoot(verb: string): string {
  const ask = `/usr/local/sbin/audio-meet ${verb}`;
  return `if [ "$(id -u)" = 0 ]; then exec ${ask}; else exec sudo -n ${ask}; fi`;
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
export function run(file: string, args: string[], options: RunOptions = {}): Promise<Ended> {
  const timeout = options.longMilliseconds ?? TIMEOUT_MILLISECONDS;
  return new Promise((resolve) => {
    const limits = { timeout, maxBuffer: 1 << 28, env: { ...process.env, ...options.env } };
    const child = execFile(file, args, limits, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      const late = error?.killed ? `no answer within ${Math.round(timeout / 1000)} s` : undefined;
      resolve({ code, stdout, stderr: late ?? (stderr || (code < 0 ? (error?.message ?? "") : "")) });
    });
    // A program that ends without reading is no fault of ours.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.stdin ?? "");
  });
}
