import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as YAML from "yaml";
import { goodConfig, type Json, lab } from "./configFixtures";
import { FakePrograms } from "./fakePrograms";

let programs: FakePrograms;

beforeEach(() => {
  programs = new FakePrograms("look-");
});
afterEach(() => {
  rmSync(programs.folder, { recursive: true });
});

function look(config: Json) {
  const file = join(programs.folder, "Pulumi.prod.yaml");
  const keys = Object.entries(config).map(([key, value]) => [`jitsi:${key}`, value]);
  writeFileSync(file, YAML.stringify({ config: Object.fromEntries(keys) as Json }));
  return programs.tool("look.ts", ["--stack", "prod", "--config-file", file]);
}

const called = () => readFileSync(join(programs.folder, "pulumi.log"), "utf8");

test("the helper and the look run, and no other step", () => {
  programs.add("pulumi", "echo found fit");
  const { status, stdout } = look(goodConfig());
  expect([status, stdout]).toEqual([
    0,
    "found fit\nevery server is fit; the helper is there and nothing else\n",
  ]);
  expect(called()).toMatch(/^up --yes .*--target \*\*-bootstrap --target \*\*-preflight --stack prod /);
});

test("what was found is shown as it came, and it ends with 1", () => {
  programs.add("pulumi", "echo 'your own Prosody serves meet.example.org' >&2; exit 255");
  const { status, stderr } = look(goodConfig());
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^your own Prosody serves meet\.example\.org\nnothing was changed on the servers; at most/,
  );
});

const MADE = lab("us", { videobridges: [{ id: "us-1" }] });

test.each([
  [
    "machines that are made",
    { regions: [(goodConfig()["regions"] as Json[])[0], MADE] },
    "look at before: us;",
  ],
  ["mistakes", { domain: "no domain" }, "npm run --silent check -- --stack-file "],
])("with %s nothing is called", (_name, changed, words) => {
  programs.add("pulumi", "exit 0");
  const { status, stderr } = look({ ...goodConfig(), ...changed });
  expect(status).toBe(1);
  expect(stderr).toContain(words);
  expect(called).toThrow("ENOENT");
});

test("other words than those of its usage are refused with it", () => {
  expect(programs.tool("look.ts", ["prod"]).stderr).toContain("usage: npm run --silent look");
});
