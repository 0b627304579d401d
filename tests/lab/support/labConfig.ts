import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as YAML from "yaml";
import { standIns } from "../../../lab/choice";
import type { StackConfig } from "./labStack";

/** With stand-ins of Jitsi's packages, whatever could be had; without its recorder, whose storage has keys of its own: tests/lab/recorder.lab.ts is about recorders. */
function devConfig(): StackConfig {
  const file = join(__dirname, "..", "..", "..", "Pulumi.dev.yaml");
  const { config } = YAML.parse(readFileSync(file, "utf8")) as { config: StackConfig };
  const regions = config["jitsi:regions"] as Record<string, unknown>[];
  for (const region of regions) delete region["recorders"];
  const others = Object.entries(config).filter(([key]) => !key.startsWith("jitsi:recording"));
  return { ...Object.fromEntries(others), ...standIns() };
}

/** Versions of the lab's own packages. */
export const DEV_RELEASE = devConfig()["jitsi:release"] as Record<string, string>;

/** The embedded default stack under a domain of its own, so that it lives beside `make up`, with other keys on top. */
export function labConfig(domain: string, more: StackConfig = {}): StackConfig {
  return { ...devConfig(), "jitsi:domain": domain, ...more };
}

/** The same on one machine, the bridge on the core. */
export function oneMachine(domain: string, more: StackConfig = {}, machines: object = {}): StackConfig {
  const region = { name: "local", machines: { provider: "lab", ...machines }, core: {} };
  return labConfig(domain, {
    "jitsi:regions": [{ ...region, videobridges: [{ id: "main", on: "core" }] }],
    ...more,
  });
}
