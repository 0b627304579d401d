import { existsSync } from "node:fs";
import { join } from "node:path";
import { guestsOf } from "./support/guests";
import { labConfig } from "./support/labConfig";
import { LabStack, type StackConfig } from "./support/labStack";
import { run } from "../../lab/run";
import { traces } from "./support/traces";

/** Eight mistakes of different kinds in one file. */
function badConfig(): StackConfig {
  const local = { name: "local", machines: { provider: "lab" }, core: {} };
  const servers = { name: "servers", machines: { provider: "existing", user: "fra one" } };
  return labConfig("refused", {
    "jitsi:maxBridgeParticipant": 180,
    "jitsi:regions": [
      { ...local, videobridges: [{ id: "twin" }] },
      { ...servers, core: { address: "127.0.0.1" }, videobridges: [{ id: "twin", address: "203.0.113.7" }] },
    ],
  });
}

const MISTAKES = [
  'jitsi:domain is "refused".',
  "jitsi:maxBridgeParticipant is 180, but there is no such key.",
  'jitsi:regions[1].machines.user is "fra one".',
  'jitsi:regions[1].core.address is "127.0.0.1".',
  "jitsi:regions[1].core.hostKey is missing.",
  "jitsi:regions[1].videobridges[0].hostKey is missing.",
  "jitsi:regions[1].core is a second core.",
  'jitsi:regions[1].videobridges[0].id is "twin", which is also the id of jitsi:regions[0].videobridges[0].',
];

/** Lines of a text without the indentation that Pulumi adds. */
function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim().replace(/^error: /, ""))
    .filter((line) => line !== "");
}

const stack = new LabStack("refused", badConfig());

beforeAll(async () => {
  await stack.open();
});

afterAll(async () => {
  await stack.close();
});

let shown: string[] = [];

test("up names every mistake at once and touches nothing", async () => {
  const refused = await stack.up();
  shown = linesOf(refused.output);
  expect(refused.code).not.toBe(0);
  expect(MISTAKES.filter((mistake) => !shown.includes(mistake))).toEqual([]);
  const made = (await stack.resources()).filter(({ type }) => type !== "pulumi:pulumi:Stack");
  expect(made).toEqual([]);
  expect(await guestsOf(stack)).toEqual([]);
  expect(existsSync(join(stack.folder, "machines"))).toBe(false);
});

test("check says the same, word for word", async () => {
  const check = await run("npm", ["run", "--silent", "check", "--", "--stack-file", stack.configFile]);
  expect(check.code).toBe(1);
  const said = linesOf(check.output);
  expect(said.pop()).toBe(`${stack.configFile}: ${MISTAKES.length} mistakes`);
  expect(said).toHaveLength(MISTAKES.length * 3);
  expect(said.filter((line) => !shown.includes(line))).toEqual([]);
});

test.each([
  ["AUDIO_MEET_SUITE", "wheezy", "suite 'wheezy': unknown"],
  ["AUDIO_MEET_PACKAGES", "fake", "AUDIO_MEET_PACKAGES is 'fake'"],
])("make up with %s=%s ends before it makes anything", async (name, value, words) => {
  const folder = join(stack.folder, name);
  const env = { ...process.env, AUDIO_MEET_LAB: folder, [name]: value };
  const { code, output } = await run("bash", ["lab/up.sh"], { env });
  expect(code).not.toBe(0);
  expect(output.trim()).toMatch(new RegExp(`^lab: ${words}[^\\n]*$`));
  expect(existsSync(join(folder, "chosen.yaml"))).toBe(false);
});

test("nothing is left", async () => {
  await stack.close();
  expect(await traces(stack.folder)).toEqual([]);
});
