/**
 * The stack file of a benchmark with another setting: `tsx bench/setting.ts lobby=true,jitsiModules=true < Pulumi.bench.yaml`.
 * BENCH_AUDIENCE: how many people it is made for. LAB_JITSI_PLUGINS: with Jitsi's own modules, as that folder has them.
 */
import { readFileSync } from "node:fs";
import * as YAML from "yaml";

type Values = Record<string, unknown>;

/** `name=true,other=false` as switches of `jitsi:features`. */
export function switches(setting: string): Record<string, boolean> {
  return Object.fromEntries(
    setting.split(",").map((pair) => {
      const [, name, value] = /^(\w+)=(true|false)$/.exec(pair) ?? [];
      if (name === undefined) throw new Error(`${pair} is no setting: write lobby=true`);
      return [name, value === "true"] as const;
    }),
  );
}

/** The text of the stack file with them. */
export function withSetting(text: string, setting: string, audience?: string, plugins?: string): string {
  const file = YAML.parse(text) as { config: Record<string, Values> };
  const { config } = file;
  config["jitsi:features"] = { ...config["jitsi:features"], ...switches(setting) };
  if (audience) config["jitsi:audience"] = { participants: Number(audience) };
  if (plugins) config["jitsi:release"] = { ...config["jitsi:release"], meetProsody: "1.0.0+plugins.*" };
  return YAML.stringify(file);
}

if (require.main === module) {
  const { BENCH_AUDIENCE: audience, LAB_JITSI_PLUGINS: plugins } = process.env;
  process.stdout.write(withSetting(readFileSync(0, "utf8"), process.argv[2] ?? "", audience, plugins));
}
