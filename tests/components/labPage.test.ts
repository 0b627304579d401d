import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as YAML from "yaml";
import { standIns } from "../../lab/choice";
import type { Json } from "../unit/configFixtures";
import { deployment } from "./support/deployment";

const read = (name: string) => readFileSync(join(__dirname, "../..", name), "utf8");

test("the page of the lab counts the resources of the dev stack with stand-ins as the engine does, the stack among them", async () => {
  const { config } = YAML.parse(read("Pulumi.dev.yaml")) as { config: Json };
  const entries = Object.entries({ ...config, ...standIns() }).map(
    ([key, value]) => [key.replace("jitsi:", ""), value] as const,
  );
  const [secrets, open] = [true, false].map((isSecret) =>
    Object.fromEntries(entries.filter(([name]) => /Key$/.test(name) === isSecret)),
  );
  const keys = Object.fromEntries(Object.keys(secrets ?? {}).map((name) => [name, "x".repeat(40)]));
  const { resources } = await deployment(open ?? {}, keys);
  const all = resources.length + 1;
  const page = read("docs/LAB.md");
  expect(page).toContain(`4 guests, ${all} resources`);
  expect([...page.matchAll(/^ {4}(\d+) unchanged$/gm)].map(([, number]) => Number(number))).toEqual([
    all,
    all - 2,
  ]);
});
