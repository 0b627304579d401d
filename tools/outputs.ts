/** Prints stack outputs for reading, and last what is not as it should be: `pulumi stack output --json | tsx tools/outputs.ts`. */
import { readFileSync } from "node:fs";
import * as YAML from "yaml";

const outputs = JSON.parse(readFileSync(0, "utf8")) as { capacity?: { warnings?: string[] } };
process.stdout.write(YAML.stringify(outputs, { lineWidth: 0 }));
for (const warning of outputs.capacity?.warnings ?? []) process.stdout.write(`warning: ${warning}\n`);
