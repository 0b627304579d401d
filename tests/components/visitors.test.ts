import { differences, documentOf } from "./support/compare";
import { deployment, everythingBefore, stepOf, type Deployment } from "./support/deployment";
import { labStack, withKey } from "./support/stacks";

const STACK = labStack(["fra-1", "fra-2"]);
const AUDIENCE = { participants: 1400, speakers: 300 };

let without: Deployment;
let run: Deployment;
beforeAll(async () => {
  without = await deployment(withKey(STACK, "audience", { participants: 1400 }));
  run = await deployment(withKey(STACK, "audience", AUDIENCE));
});

test("nodes bring a certificate and one step on the core, and change no bridge", () => {
  const found = differences(without, run);
  expect(found.added.map((label) => label.split(" ").at(-1)).sort()).toEqual([
    "core-files-visitors",
    "core-prosody-visitors-certificate",
    "core-prosody-visitors-key",
    "core-prosody-visitors-request",
  ]);
  expect(found.removed).toEqual([]);
  expect(found.changed.filter((name) => !name.startsWith("core-"))).toEqual([]);
});

test("jicofo comes after them", () => {
  const before = everythingBefore(run, stepOf(run, "core-files-jicofo"));
  expect(before.has(stepOf(run, "core-files-visitors").label)).toBe(true);
});

test("another node is a change of their step, of the main Prosody, jicofo and nginx, and of what verifies", async () => {
  const more = await deployment(withKey(STACK, "audience", { ...AUDIENCE, participants: 2400 }));
  const { added, removed, changed: names } = differences(run, more);
  expect([added, removed]).toEqual([[], []]);
  const steps = [...new Set(names.map((name) => name.split(".")[0]))];
  for (const step of [
    "core-files-visitors",
    "core-prosody-files-prosody",
    "core-files-jicofo",
    "core-files-nginx",
  ])
    expect(steps).toContain(step);
});

test("a restart of a node is told as one of its visitors alone", () => {
  const { whoNotices } = documentOf(stepOf(run, "core-files-visitors")) as {
    whoNotices: Record<string, string>;
  };
  expect(whoNotices["prosody-v1.service"]).toMatch(/: a visitor who is logged in there has to join again/);
});
