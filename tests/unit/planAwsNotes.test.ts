import { awsNotes } from "../../plan/awsNotes";
import { planDeployment } from "../../plan/deployment";
import { settingsOf, type Json } from "./configFixtures";

function notesOf(regions: [region: string, machines: Json, nodes: Json][]): string[] {
  const all = regions.map(([region, machines, nodes], at) => ({
    name: `r${at}`,
    machines: { provider: "aws", region, adminCidrs: ["198.51.100.0/24"], ...machines },
    ...nodes,
  }));
  return awsNotes(
    planDeployment(settingsOf({ domain: "meet.example.org", contact: "ops@example.org", regions: all })),
  );
}

const bridges = (...ids: string[]) => ids.map((id) => ({ id }));

test("each region of Amazon's says once what it needs of an account, and what a new one has", () => {
  const notes = notesOf([
    ["eu-central-1", {}, { core: {}, videobridges: bridges("fra-1", "fra-2") }],
    ["us-east-1", { instanceType: "c7g.large" }, { videobridges: bridges("iad-1") }],
    ["us-east-1", { instanceType: "c7g.xlarge" }, { videobridges: bridges("iad-2") }],
  ]);
  expect(notes).toEqual([
    "eu-central-1 needs 12 vCPUs of the standard families and 3 elastic addresses, and 4 and 1 more while a machine is replaced; a new account has 5 and 5 (ask at Service Quotas, EC2, before the first `up`)",
    "us-east-1 needs 6 vCPUs of the standard families and 2 elastic addresses, and 4 and 1 more while a machine is replaced; a new account has 5 and 5 (ask at Service Quotas, EC2, before the first `up`)",
  ]);
});

test("what a new account carries asks for nothing", () => {
  const machines = { instanceType: "c7g.large" };
  const [note] = notesOf([
    ["eu-central-1", machines, { core: {}, videobridges: [{ id: "main", on: "core" }] }],
  ]);
  expect(note).toBe(
    "eu-central-1 needs 2 vCPUs of the standard families and 1 elastic address, and 2 and 1 more while a machine is replaced; a new account has 5 and 5",
  );
});

test.each([
  ["us-east-1", "e", "c7i.xlarge", /us-east-1e has no c7i\.xlarge in most accounts; leave `zone` out/],
  ["eu-west-2", "d", "c6g.xlarge", /eu-west-2d has no c6g\.xlarge/],
  ["eu-west-2", "d", "c7g.xlarge", undefined],
  ["us-east-1", "a", "c7i.xlarge", undefined],
])("%s, zone %s and %s", (region, zone, instanceType, said) => {
  const nodes = { core: {}, videobridges: [{ id: "main", on: "core" }] };
  const [, note] = notesOf([[region, { zone, instanceType }, nodes]]);
  if (said === undefined) expect(note).toBeUndefined();
  else expect(note).toMatch(said);
});

test("a burstable machine says what its credits may cost beside the estimate", () => {
  const nodes = { core: { instanceType: "c7i.large" }, videobridges: bridges("fra-1") };
  const [, note] = notesOf([["eu-central-1", { instanceType: "t3.xlarge" }, nodes]]);
  // Four vCPUs, six tenths of each above the baseline, at 0.05 USD.
  expect(note).toBe(
    "fra-1 (t3.xlarge) costs up to 0.12 USD more per hour while its CPU is above 40 % for long (unlimited credits); the estimate does not include this",
  );
});

test("administrators who reach no public address are named", () => {
  const core = { core: {}, videobridges: [{ id: "main", on: "core" }] };
  const [, note] = notesOf([["eu-central-1", { adminCidrs: ["10.0.0.0/8", "192.168.7.0/24"] }, core]]);
  expect(note).toMatch(/^r0 allows SSH from 10\.0\.0\.0\/8, 192\.168\.7\.0\/24 only/);
  expect(notesOf([["eu-central-1", { adminCidrs: ["10.0.0.0/8", "198.51.100.0/24"] }, core]])).toHaveLength(
    1,
  );
});

test("mail that leaves EC2 at port 25 is named", () => {
  const nodes = { core: {}, videobridges: bridges("fra-1"), monitoring: {} };
  const machines = { provider: "aws", region: "eu-central-1", adminCidrs: ["198.51.100.0/24"] };
  const of = (server: string) =>
    awsNotes(
      planDeployment(
        settingsOf({
          domain: "meet.example.org",
          contact: "ops@example.org",
          regions: [{ name: "eu", machines, ...nodes }],
          monitoring: { mail: { server, from: "am@example.org" } },
        }),
      ),
    ).filter((note) => note.includes("port 25"));
  expect(of("smtp.example.org:25")).toHaveLength(1);
  expect(of("smtp.example.org:587")).toEqual([]);
});
