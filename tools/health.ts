/** Asks every host of a stack how it is now: `npm run --silent health -- --stack prod`. */
import { execFile } from "node:child_process";
import { parseArgs } from "node:util";
import * as YAML from "yaml";
import { healthOf, type HostHealth } from "../services/health";
import type { HealthSummary } from "../services/manifest";
import { unattended } from "./unattended";

const USAGE =
  "usage: npm run --silent health -- --stack NAME (with pulumi on the path, logged in to its backend)";

/** What the host's own helper asks again: everything that its last verification asked, for up to 30 s. */
const ASK = "/usr/local/sbin/audio-meet health";
const AS_ROOT = `if [ "$(id -u)" = 0 ]; then exec ${ASK}; else exec sudo -n ${ASK}; fi`;
/** The 30 s, one last round of slow checks (a browser that starts, a login), and the way there and back. */
const TIMEOUT_MILLISECONDS = 120_000;

/** How a host is; `notKnown`: it was not reached, or did not answer, which says nothing about the daemons on it. */
export type AskedHealth = HostHealth | { healthy: false; notKnown: string };

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

/** How each host is now, by id; `logins`: the stack output `ssh`. */
export async function askHealth(logins: Record<string, string>): Promise<Record<string, AskedHealth>> {
  const asked = Object.entries(logins).map(async ([id, login]) => [id, await askHost(login)] as const);
  return Object.fromEntries(await Promise.all(asked));
}

/** One line for each thing that does not hold, and for each host of which nothing is known. */
export function troubles(health: Record<string, AskedHealth>): string[] {
  return Object.entries(health).flatMap(([id, one]) =>
    "notKnown" in one
      ? [`${id}: health unknown: ${one.notKnown}`]
      : (one.broken ?? []).map((words) => `${id}: ${words}`),
  );
}

async function askHost(login: string): Promise<AskedHealth> {
  const { code, stdout, stderr } = await run("bash", ["-c", `${unattended(login)} '${AS_ROOT}'`]);
  const summary = summaryIn(stdout);
  if (summary) return healthOf(summary);
  const words = stderr.trim().split("\n").at(-1) ?? "";
  return { healthy: false, notKnown: words === "" ? `ssh ended with code ${code}` : words };
}

/** What the helper prints, on one line; undefined where it did not get that far. */
function summaryIn(stdout: string): HealthSummary | undefined {
  try {
    return JSON.parse(stdout) as HealthSummary;
  } catch {
    return undefined;
  }
}

function run(file: string, args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(file, args, { timeout: TIMEOUT_MILLISECONDS }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      const late = error?.killed ? `no answer within ${TIMEOUT_MILLISECONDS / 1000} s` : undefined;
      resolve({ code, stdout, stderr: late ?? (stderr || (code < 0 ? (error?.message ?? "") : "")) });
    });
  });
}

/** What to do about a `pulumi` that told no logins; empty where its own words say it. */
function remedyOf({ stderr }: Ended): string {
  if (stderr.includes("ENOENT")) return "; install the Pulumi CLI, or put it on the path of this shell";
  if (stderr.includes("output property")) return "; the stack has no hosts yet: run pulumi up first";
  return "";
}

async function main(): Promise<number> {
  let stack: string | undefined;
  try {
    stack = parseArgs({ options: { stack: { type: "string" } } }).values.stack;
  } catch {
    stack = undefined;
  }
  if (!stack) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  const told = await run("pulumi", ["stack", "output", "ssh", "--json", "--stack", stack]);
  if (told.code !== 0) {
    process.stderr.write(
      `pulumi stack output ssh --stack ${stack}: ${told.stderr.trim()}${remedyOf(told)}\n`,
    );
    return 1;
  }
  const health = await askHealth(JSON.parse(told.stdout) as Record<string, string>);
  process.stdout.write(YAML.stringify(health, { lineWidth: 0, sortMapEntries: true }));
  return Object.values(health).every(({ healthy }) => healthy) ? 0 : 1;
}

if (require.main === module) void main().then((code) => (process.exitCode = code));
