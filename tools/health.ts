/** Asks every host of a stack how it is now: `npm run --silent health -- --stack prod`. */
import { parseArgs } from "node:util";
import * as YAML from "yaml";
import { healthOf, type HostHealth } from "../services/health";
import type { HealthSummary } from "../services/manifest";
import { askHosts, loginsOf } from "./hosts";

const USAGE =
  "usage: npm run --silent health -- --stack NAME (with pulumi on the path, logged in to its backend)";

/** How a host is; `notKnown`: it was not reached, or did not answer, which says nothing about the daemons on it. */
export type AskedHealth = HostHealth | { healthy: false; notKnown: string };

/** How each host is now, by id; `logins`: the stack output `ssh`. */
export async function askHealth(logins: Record<string, string>): Promise<Record<string, AskedHealth>> {
  const answers = await askHosts<HealthSummary>(logins, "health");
  return Object.fromEntries(
    Object.entries(answers).map(([id, answer]) => [
      id,
      "notKnown" in answer ? { healthy: false as const, ...answer } : healthOf(answer),
    ]),
  );
}

/** One line for each thing that does not hold, and for each host of which nothing is known. */
export function troubles(health: Record<string, AskedHealth>): string[] {
  return Object.entries(health).flatMap(([id, one]) =>
    "notKnown" in one
      ? [`${id}: health unknown: ${one.notKnown}`]
      : (one.broken ?? []).map((words) => `${id}: ${words}`),
  );
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
  const told = await loginsOf(stack);
  if ("refusal" in told) {
    process.stderr.write(`${told.refusal}\n`);
    return 1;
  }
  const health = await askHealth(told.logins);
  process.stdout.write(YAML.stringify(health, { lineWidth: 0, sortMapEntries: true }));
  return Object.values(health).every(({ healthy }) => healthy) ? 0 : 1;
}

if (require.main === module) void main().then((code) => (process.exitCode = code));
