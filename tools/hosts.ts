/** Asks the helper on the hosts of a stack, over SSH, by the logins of the stack output `ssh`. */
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

/** The logins of a stack by host id, or in one line why there are none. */
export async function loginsOf(
  stack: string,
): Promise<{ logins: Record<string, string> } | { refusal: string }> {
  const told = await readOutput(stack, ["ssh"]);
  return "refusal" in told ? told : { logins: told.value as Record<string, string> };
}

/** All outputs of a stack, or in one line why there are none. */
export async function outputsOf(
  stack: string,
): Promise<{ outputs: { ssh: Record<string, string> } } | { refusal: string }> {
  const told = await readOutput(stack, []);
  if ("refusal" in told) return told;
  const outputs = told.value as { ssh?: Record<string, string> };
  if (outputs.ssh === undefined)
    return { refusal: `the stack ${stack} has no hosts yet: run pulumi up first` };
  return { outputs: { ...outputs, ssh: outputs.ssh } };
}

async function readOutput(stack: string, names: string[]): Promise<{ value: unknown } | { refusal: string }> {
  const words = ["stack", "output", ...names];
  const told = await run("pulumi", [...words, "--json", "--stack", stack]);
  if (told.code === 0) return { value: JSON.parse(told.stdout) };
  return { refusal: `pulumi ${words.join(" ")} --stack ${stack}: ${told.stderr.trim()}${remedyOf(told)}` };
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
  options: RunOptions = {},
): Promise<Record<string, Answer<T>>> {
  const asked = Object.entries(logins).map(
    async ([id, login]) => [id, await askHost<T>(login, verb, options)] as const,
  );
  return Object.fromEntries(await Promise.all(asked));
}

async function askHost<T extends object>(
  login: string,
  verb: string,
  options: RunOptions = {},
): Promise<Answer<T>> {
  const ask = `/usr/local/sbin/audio-meet ${verb}`;
  const asRoot = `if [ "$(id -u)" = 0 ]; then exec ${ask}; else exec sudo -n ${ask}; fi`;
  const { code, stdout, stderr } = await run("bash", ["-c", `${unattended(login)} '${asRoot}'`], options);
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
export function run(file: string, args: string[], options: RunOptions = {}): Promise<Ended> {
  const timeout = options.longMilliseconds ?? TIMEOUT_MILLISECONDS;
  return new Promise((resolve) => {
    const limits = { timeout, maxBuffer: 1 << 28, env: { ...process.env, ...options.env } };
    const child = execFile(file, args, limits, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      const late = error?.killed ? `no answer within ${timeout / 1000} s` : undefined;
      resolve({ code, stdout, stderr: late ?? (stderr || (code < 0 ? (error?.message ?? "") : "")) });
    });
    // A program that ends without reading is no fault of ours.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.stdin ?? "");
  });
}
