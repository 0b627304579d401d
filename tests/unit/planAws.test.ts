import { costEstimate, costLine } from "../../plan/cost";
import { planDeployment } from "../../plan/deployment";
import { allPorts } from "../../services/onHost";
import { INSTANCE_TYPES } from "../../facts/instanceTypes";
import { securityGroups, type IngressRule } from "../../plan/securityGroups";
import type { DeploymentPlan } from "../../plan/types";
import { existing, hostKey, server, settingsOf, type Json } from "./configFixtures";

function aws(name: string, region: string, more: Json): Json {
  const machines = { provider: "aws", region, adminCidrs: ["198.51.100.0/24"] };
  return { name, machines, ...more };
}

/** A core and a bridge in Frankfurt, a bridge in Virginia, and one on a server that exists. */
function twoRegions(more: Json = {}): Json {
  return {
    domain: "meet.example.org",
    contact: "ops@example.org",
    regions: [
      aws("eu", "eu-central-1", { core: {}, videobridges: [{ id: "fra-1" }] }),
      aws("us", "us-east-1", { videobridges: [{ id: "iad-1", instanceType: "c7g.large" }] }),
      existing("own", { videobridges: [server("own-1", "203.0.113.9")] }),
    ],
    ...more,
  };
}

function regionOf(plan: DeploymentPlan, name: string) {
  const region = plan.awsRegions.find((one) => one.name === name);
  if (region === undefined) throw new Error(`no region ${name}`);
  return region;
}

function rulesOf(plan: DeploymentPlan, region: string): IngressRule[] {
  return securityGroups(plan, regionOf(plan, region), allPorts()).flatMap(({ ingress }) => ingress);
}

const plan = planDeployment(settingsOf(twoRegions()));

test("an instance's size comes from its type, so its capacity is known before it exists", () => {
  expect(plan.hosts.map(({ id, size }) => [id, size?.cores])).toEqual([
    // Two threads of Intel's are a core, each vCPU of Graviton is one.
    ["core", 2],
    ["fra-1", 2],
    ["iad-1", 2],
    ["own-1", undefined],
  ]);
});

test("hosts without an address are named, each with a stand-in of its own, and known addresses replace them", () => {
  expect(plan.provisionalHosts).toEqual(["core", "fra-1", "iad-1"]);
  const standIns = plan.hosts.flatMap(({ id, publicAddress, privateAddress }) =>
    plan.provisionalHosts.includes(id) ? [publicAddress, privateAddress] : [],
  );
  expect(new Set(standIns).size).toBe(6);
  const book = Object.fromEntries(
    plan.provisionalHosts.map((id, at) => [
      id,
      { publicAddress: `203.0.113.${at + 1}`, privateAddress: `10.64.0.${at + 1}` },
    ]),
  );
  const known = planDeployment(settingsOf(twoRegions()), book);
  expect(known.provisionalHosts).toEqual([]);
  expect(JSON.stringify(known)).not.toMatch(/198\.1[89]\./);
  // In one region over private addresses; from elsewhere over the public one of the core, from the bridge's own.
  expect(
    known.videobridges.map(({ id, coreAddress, sourceAddress }) => [id, coreAddress, sourceAddress]),
  ).toEqual([
    ["fra-1", "10.64.0.1", "10.64.0.2"],
    ["iad-1", "203.0.113.1", "203.0.113.3"],
    ["own-1", "203.0.113.1", "203.0.113.9"],
  ]);
});

test("prosody-jvb opens for the group of nearby bridges and for each bridge elsewhere, and for nobody else", () => {
  const sources = rulesOf(plan, "eu").filter(({ fromPort }) => fromPort === 15222);
  expect(sources.map(({ source }) => source)).toEqual([
    { role: "videobridge" },
    { hostId: "iad-1" },
    { hostId: "own-1" },
  ]);
});

test("the world reaches the page and the media, and no daemon's own interface", () => {
  const open = [...rulesOf(plan, "eu"), ...rulesOf(plan, "us")].filter(
    ({ source }) => "cidr" in source && source.cidr.endsWith("/0"),
  );
  const ports = new Set(open.map(({ fromPort, protocol }) => `${fromPort}/${protocol}`));
  expect(ports).toContain("443/tcp");
  expect(ports).toContain("10000/udp");
  for (const closed of ["22/tcp", "5222/tcp", "15222/tcp", "5280/tcp", "8080/tcp", "8888/tcp"]) {
    expect(ports).not.toContain(closed);
  }
  expect(rulesOf(plan, "us").map(({ fromPort }) => fromPort)).not.toContain(443);
});

test("port 22 opens for the configured ranges alone", () => {
  const login = rulesOf(plan, "us").filter(({ fromPort }) => fromPort === 22);
  expect(login.map(({ source }) => source)).toEqual([{ cidr: "198.51.100.0/24" }]);
});

test("one more bridge elsewhere adds its own rules and leaves the names of all others", () => {
  const config = twoRegions();
  const regions = config["regions"] as { videobridges: Json[] }[];
  regions[1]?.videobridges.unshift({ id: "iad-0" });
  const names = rulesOf(planDeployment(settingsOf(config)), "eu").map(({ name }) => name);
  const before = rulesOf(plan, "eu").map(({ name }) => name);
  expect(names.filter((name) => !before.includes(name))).toEqual([
    "core-prosodyJvb-host-iad-0",
    "core-turnRelay-host-iad-0",
  ]);
  expect(before.filter((name) => !names.includes(name))).toEqual([]);
});

describe("cost", () => {
  const cost = costEstimate(plan);

  test("adds up instances, volumes and addresses, by host", () => {
    // us-east-1: c7g.large 0.0725, 20 GB at 0.08 a month, an address at 0.005.
    expect(cost?.hosts["iad-1"]).toBeCloseTo(0.0725 + (20 * 0.08) / 730 + 0.005, 3);
    expect(Object.keys(cost?.hosts ?? {})).toEqual(["core", "fra-1", "iad-1"]);
  });

  test("counts the traffic of the audience that listens at AWS", () => {
    // 500 people on three bridges, two of them at AWS: 333 listeners at 240 kbit/s make 36 GB an hour.
    expect(cost?.perConferenceHour).toBeCloseTo(36 * 0.09, 1);
  });

  test("a month is every hour of the machines and the conference hours of the audience, less the free gigabytes", () => {
    const quiet = costEstimate(planDeployment(settingsOf(twoRegions({ audience: { hoursPerMonth: 0 } }))));
    expect(quiet?.perMonth).toBeCloseTo((quiet?.perHour ?? 0) * 730, 0);
    const traffic = (20 * 36 - 100) * 0.09;
    expect(cost?.perMonth).toBeCloseTo((quiet?.perMonth ?? 0) + traffic, 0);
    expect(cost).toMatchObject({ conferenceHoursPerMonth: 20, freeGigabytesPerMonth: 100 });
  });

  test("says its date and what it leaves out, machines elsewhere by name", () => {
    expect(cost?.pricesOf).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(cost?.leavesOut.join("\n")).toMatch(/taxes[\s\S]*not at AWS: own-1/);
  });

  test("in one line says what is paid always, while people listen, and when the prices were taken", () => {
    const line = cost && costLine(cost);
    expect(line).toMatch(
      /^about 0\.\d\d USD an hour at AWS, 3\.\d\d USD more while .*, \d+\.\d\d USD a month/,
    );
    expect(line).toMatch(
      / USD a month with 20 hours of that, without the account's 100 free GB \(prices of 20\d\d-\d\d-\d\d, without taxes.*; machines that are not at AWS: own-1\)$/,
    );
  });

  test("there is none where nothing is at AWS", () => {
    const core = { address: "203.0.113.1", hostKey: hostKey() };
    const regions = [existing("own", { core, videobridges: [server("a", "203.0.113.2")] })];
    expect(costEstimate(planDeployment(settingsOf(twoRegions({ regions }))))).toBeUndefined();
  });
});

test("every instance type has memory for the heaps and a price", () => {
  for (const [name, type] of Object.entries(INSTANCE_TYPES)) {
    expect([name, type.memoryMegabytes >= 4096, type.dollarsPerHour > 0]).toEqual([name, true, true]);
  }
});
