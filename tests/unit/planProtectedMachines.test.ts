import { planDeployment } from "../../plan/deployment";
import { machineRecords, protectionErrors, protectionRefusal } from "../../plan/protectedMachines";
import { existing, server, settingsOf, type Json } from "./configFixtures";

interface Change {
  machines?: Json;
  core?: Json;
  bridges?: Json[];
}

function recordsOf({ machines = {}, core = {}, bridges = [{ id: "fra-1" }] }: Change) {
  const own = { provider: "aws", region: "eu-central-1", adminCidrs: ["198.51.100.0/24"], ...machines };
  const region = { name: "eu", machines: own, core, videobridges: bridges };
  const there = existing("us", { videobridges: [server("iad-1", "203.0.113.9")] });
  return machineRecords(
    planDeployment(
      settingsOf({ domain: "meet.example.org", contact: "ops@example.org", regions: [region, there] }),
    ),
  );
}

const PROTECTED = { terminationProtection: true };
const guarded = (change: Change) => ({ ...change, machines: { ...change.machines, ...PROTECTED } });

test("instances are kept in mind, servers that were there before are not", () => {
  expect(Object.keys(recordsOf({}))).toEqual(["core", "fra-1"]);
});

test.each<[string, Change, string[]]>([
  ["nothing else", {}, []],
  ["a larger core, which stops and starts", { core: { instanceType: "c7i.2xlarge" } }, []],
  ["a bridge more", { bridges: [{ id: "fra-1" }, { id: "fra-2" }] }, []],
  [
    "larger volumes, other administrators",
    { machines: { volumeGigabytes: 50, adminCidrs: ["192.0.2.0/24"] } },
    [],
  ],
  ["no bridge", { bridges: [] }, ["fra-1 was removed from the region eu; its machine would be terminated."]],
  [
    "a larger bridge",
    { bridges: [{ id: "fra-1", instanceType: "c7i.2xlarge" }] },
    [
      "fra-1 would become another machine (c7i.2xlarge instead of c7i.xlarge); the old one would be terminated.",
    ],
  ],
  [
    "another zone for all",
    { machines: { zone: "b" } },
    ["core", "fra-1"].map(
      (id) =>
        `${id} would become another machine (own network in eu-central-1b instead of own network); the old one would be terminated.`,
    ),
  ],
])("under protection, with %s", (_, change, errors) => {
  expect(protectionErrors(recordsOf(guarded({})), recordsOf(guarded(change)))).toEqual(errors);
  expect(protectionErrors(recordsOf({}), recordsOf(guarded(change)))).toEqual([]);
});

test("whoever switches it off may replace a machine in the same run, and take one out in the next", () => {
  const replaced = recordsOf({ core: { generation: 2 } });
  expect(protectionErrors(recordsOf(guarded({})), replaced)).toEqual([]);
  const without = recordsOf({ bridges: [] });
  expect(protectionErrors(recordsOf(guarded({})), without)).toHaveLength(1);
  expect(protectionErrors(recordsOf({}), without)).toEqual([]);
});

test("the refusal names the machines, what they would be, and the way out", () => {
  const before = recordsOf(guarded({}));
  const errors = protectionErrors(before, recordsOf(guarded({ core: { generation: 2 }, bridges: [] })));
  expect(protectionRefusal(before, errors).split("\n")).toEqual([
    "Termination protection is on (machines.terminationProtection: true of eu), and this change would terminate machines; nothing was changed:",
    "  core would become another machine (generation 2 instead of generation 1); the old one would be terminated.",
    "  fra-1 was removed from the region eu; its machine would be terminated.",
    "To make the change: undo it, set terminationProtection: false for the region, and run pulumi up. Then make the change and run pulumi up. Then set it to true again.",
  ]);
});
