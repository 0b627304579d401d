/** Asks every host of a stack how it is now: `npm run --silent health -- --stack prod`. */
import * as YAML from "yaml";
import { healthOf, type HostHealth } from "../services/health";
import type { HealthSummary } from "../services/manifest";
import { askHosts } from "./hosts";
import { loginsOf } from "./logins";
import { finish, type Outcome } from "./outcome";
import { usageOnStack, wordsOf, wrongUsage } from "./words";

const USAGE = usageOnStack("health -- --stack NAME [--config-file FILE]");

const OPTIONS = { stack: { type: "string" }, "config-file": { type: "string" } } as const;

/** How a host is; `notKnown`: it was not reached, or did not answer, which says nothing about the daemons on it. */
export type AskedHealth = HostHealth | { healthy: false; notKnown: string };

/** How each host is now, by id; `logins`: commands that log in, as in the stack output `ssh`. */
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

async function main(args: string[]): Promise<Outcome> {
  const words = wordsOf(args, OPTIONS, ["stack"]);
  if (words === undefined) return wrongUsage(USAGE);
  const told = await loginsOf(words.stack, words["config-file"]);
  if ("refusal" in told) return { code: 1, stdout: [], stderr: [told.refusal] };
  const health = await askHealth(told.logins);
  const text = YAML.stringify(health, { lineWidth: 0, sortMapEntries: true }).trimEnd();
  const isHealthy = Object.values(health).every(({ healthy }) => healthy);
  return { code: isHealthy ? 0 : 1, stdout: [text], stderr: [] };
}

if (require.main === module) void main(process.argv.slice(2)).then(finish);
