/**
 * Prints stack outputs for reading, with the health of now, and last what is not as it should be:
 * `pulumi stack output --json | tsx tools/outputs.ts`. Ends with 1 where a host is not well.
 */
import { readFileSync } from "node:fs";
import * as YAML from "yaml";
import { askHealth, troubles } from "./health";

interface Outputs {
  capacity?: { warnings?: string[] };
  ssh: Record<string, string>;
}

async function main(): Promise<void> {
  const outputs = JSON.parse(readFileSync(0, "utf8")) as Outputs;
  // An `up` that changes nothing verifies nothing: the output of that name is of the last one that did.
  const health = await askHealth(outputs.ssh);
  process.stdout.write(YAML.stringify({ ...outputs, health }, { lineWidth: 0, sortMapEntries: true }));
  const broken = troubles(health);
  for (const warning of [...(outputs.capacity?.warnings ?? []), ...broken])
    process.stdout.write(`warning: ${warning}\n`);
  if (broken.length > 0) process.exitCode = 1;
}

void main();
