import { planDeployment } from "../../plan/deployment";
import { imageChoice, instanceIdentity, keepsAddress } from "../../plan/instanceIdentity";
import type { AwsMachinePlan } from "../../plan/types";
import { settingsOf, type Json } from "./configFixtures";

function planOf(machines: Json = {}, core: Json = {}, bridge: Json = {}) {
  const base = { provider: "aws", region: "eu-central-1", adminCidrs: ["198.51.100.0/24"], ...machines };
  const region = { name: "eu", machines: base, core, videobridges: [{ id: "fra-1", ...bridge }] };
  const plan = planDeployment(
    settingsOf({ domain: "meet.example.org", contact: "ops@example.org", regions: [region] }),
  );
  const [aws] = plan.awsRegions;
  if (aws === undefined) throw new Error("no AWS region");
  return plan.hosts.map((host) => ({
    id: host.id,
    keeps: keepsAddress(host),
    image: imageChoice(host.machine as AwsMachinePlan, aws),
    identity: instanceIdentity(host, host.machine as AwsMachinePlan, aws),
  }));
}

/** Hosts that become other machines. */
function replaced(...after: Parameters<typeof planOf>): string[] {
  const before = new Map(planOf().map(({ id, identity }) => [id, identity]));
  return planOf(...after).flatMap(({ id, identity }) => (before.get(id) === identity ? [] : [id]));
}

test.each<[string, Parameters<typeof planOf>, string[]]>([
  ["nothing else", [], []],
  ["a larger volume", [{ volumeGigabytes: 50 }], []],
  ["protection, other administrators", [{ terminationProtection: true, adminCidrs: ["192.0.2.0/24"] }], []],
  ["a generation", [{}, {}, { generation: 2 }], ["fra-1"]],
  ["a larger type for all", [{ instanceType: "c7i.2xlarge" }], ["fra-1"]],
  ["another architecture for all", [{ instanceType: "c7g.xlarge" }], ["core", "fra-1"]],
  ["a larger core", [{}, { instanceType: "c7i.4xlarge" }], []],
  ["another release", [{ ubuntu: "24.04" }], ["core", "fra-1"]],
  ["another zone", [{ zone: "b" }], ["core", "fra-1"]],
  ["an image", [{ image: "ami-0123456789abcdef0" }], ["core", "fra-1"]],
  ["another network", [{ network: { vpc: "vpc-01234567", subnet: "subnet-01234567" } }], ["core", "fra-1"]],
])("with %s in the config, those machines become others", (_, after, expected) => {
  expect(replaced(...after)).toEqual(expected);
});

test("the image fits the processor of the type, and is nobody's choice where the config names one", () => {
  expect(planOf({}, {}, { instanceType: "c7g.large" }).map(({ image }) => image)).toEqual([
    { ubuntu: "22.04", architecture: "amd64" },
    { ubuntu: "22.04", architecture: "arm64" },
  ]);
  expect(planOf({ image: "ami-0123456789abcdef0" }).map(({ image }) => image)).toEqual([
    undefined,
    undefined,
  ]);
});

test("the core's address moves on to its successor, a bridge's does not", () => {
  expect(planOf().map(({ id, keeps }) => [id, keeps])).toEqual([
    ["core", true],
    ["fra-1", false],
  ]);
});
