/** Prints stack outputs for reading: `pulumi stack output --json | tsx tools/outputs.ts`. */
import { readFileSync } from "node:fs";
import * as YAML from "yaml";

process.stdout.write(YAML.stringify(JSON.parse(readFileSync(0, "utf8")), { lineWidth: 0 }));
