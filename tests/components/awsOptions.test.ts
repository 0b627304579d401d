import * as pulumi from "@pulumi/pulumi";
import { isSecret, plain } from "../../lab/plugins/shared/values";
import { documentOf } from "./support/compare";
import { deployment, everythingBefore, resourceOf, stepOf, type Deployment } from "./support/deployment";
import { textOf } from "./support/registration";
import { awsStack, existingStack, withKey } from "./support/stacks";

const DOMAIN = "meet.example.org";

describe("with ipv6", () => {
  let run: Deployment;
  beforeAll(async () => {
    run = await deployment(awsStack(["iad-1"], { ipv6: true }));
  });

  test("the network has a range and a way out, and each instance an address of its own", () => {
    expect(resourceOf(run, "Vpc eu-network-vpc").inputs["assignGeneratedIpv6CidrBlock"]).toBe(true);
    const { inputs } = resourceOf(run, "Subnet eu-network-subnet");
    expect(inputs["ipv6CidrBlock"]).toMatch(/^2600:[0-9a-f:]+::\/64$/);
    const route = resourceOf(run, "Route eu-network-route-ipv6");
    expect(route.inputs["destinationIpv6CidrBlock"]).toBe("::/0");
    expect(resourceOf(run, "Instance fra-1-machine-instance").inputs["ipv6AddressCount"]).toBe(1);
  });

  test("everybody reaches the page and the media over it, and the machines reach everybody", () => {
    for (const name of ["eu-network-core-https", "eu-network-core-turnUdp", "us-network-videobridge-media"])
      expect(resourceOf(run, `SecurityGroupIngressRule ${name}-world-ipv6`).inputs["cidrIpv6"]).toBe("::/0");
    // In two halves: Amazon itself gives ::/0 to groups that were there before, and refuses a second rule of that range.
    const halves = ["lower", "upper"].map(
      (half) =>
        resourceOf(run, `SecurityGroupEgressRule us-network-videobridge-outgoing-ipv6-${half}`).inputs[
          "cidrIpv6"
        ],
    );
    expect(halves).toEqual(["::/1", "8000::/1"]);
  });

  test("the outputs name the second record and each bridge's second address, which every host proves to have", () => {
    expect(run.outputs["dns"]).toEqual({ [DOMAIN]: expect.stringMatching(/^203\.0\./) as string });
    const { [DOMAIN]: address } = run.outputs["dnsIpv6"] as Record<string, string>;
    expect(address).toMatch(/^2600:1f14::/);
    expect(run.outputs["bridges"]).toMatchObject({
      "iad-1": { ipv6Address: expect.stringMatching(/^2600:1f14::/) as string },
    });
    const checks = documentOf(stepOf(run, "core-verification-run"))["checks"];
    expect(checks).toContainEqual({ kind: "localAddress", address });
  });

  test("an authority that certifies the name may find it at both addresses", async () => {
    const config = withKey(awsStack(["iad-1"], { ipv6: true }), "certificate", { issuer: "letsencrypt" });
    const step = stepOf(await deployment(config), "core-certificate");
    expect(documentOf(step)["addresses"]).toHaveLength(3);
  });
});

test("the one provider of the account asks as the stack's own keys of aws: say, with the operator's tags beside ours", async () => {
  pulumi.runtime.setAllConfig({
    "aws:profile": "production",
    "aws:allowedAccountIds": '["123456789012"]',
    "aws:defaultTags": '{"tags":{"CostCenter":"42"}}',
    "aws:secretKey": "of the operator",
  });
  try {
    const zone = { route53Zone: "Z0123456789ABCDEFGHIJ" };
    const run = await deployment(withKey(awsStack(), "dns", zone));
    const providers = run.resources.filter(({ type }) => type === "pulumi:providers:aws");
    expect(providers.map(({ name }) => name)).toEqual(["aws"]);
    const { inputs } = resourceOf(run, "aws aws");
    expect(inputs).toMatchObject({ profile: "production", allowedAccountIds: '["123456789012"]' });
    expect(isSecret(inputs["secretKey"] ?? null)).toBe(true);
    expect(JSON.parse(textOf(inputs, "defaultTags"))).toEqual({
      tags: { CostCenter: "42", "audio-meet:domain": DOMAIN, "audio-meet:stack": "dev" },
    });
  } finally {
    pulumi.runtime.setAllConfig({});
  }
});

test("without ipv6 nothing speaks of it", async () => {
  const run = await deployment(awsStack());
  expect(JSON.stringify(run.resources.filter(({ type }) => type.startsWith("aws:")))).not.toMatch(/::|ipv6/i);
  expect(run.outputs).not.toHaveProperty("dnsIpv6");
});

test("a zone is the subnet's, with the region's name before it", async () => {
  const run = await deployment(awsStack(["iad-1"], { zone: "b" }));
  const zones = ["eu", "us"].map(
    (name) => resourceOf(run, `Subnet ${name}-network-subnet`).inputs["availabilityZone"],
  );
  expect(zones).toEqual(["eu-central-1b", "us-east-1b"]);
  // A subnet cannot move: the new one stands beside the old one until its machines have gone.
  const ranges = [run, await deployment(awsStack())].map(
    (each) => resourceOf(each, "Subnet eu-network-subnet").inputs["cidrBlock"],
  );
  expect(new Set(ranges).size).toBe(2);
});

test("where nobody names a zone, it is the first one with all types of the region, and stays", async () => {
  const run = await deployment(awsStack());
  const subnets = ["eu", "us"].map((name) => resourceOf(run, `Subnet ${name}-network-subnet`));
  // Zone a of the account that answers here lacks Graviton.
  expect(subnets.map(({ inputs }) => inputs["availabilityZone"])).toEqual(["eu-central-1a", "us-east-1b"]);
  for (const { ignoreChanges } of subnets) expect(ignoreChanges).toEqual(["availabilityZone"]);
  const named = await deployment(awsStack(["iad-1"], { zone: "b" }));
  expect(resourceOf(named, "Subnet eu-network-subnet").ignoreChanges).toEqual([]);
  expect(named.calls.filter(({ token }) => String(token).includes("Offerings"))).toEqual([]);
});

describe("with a Route 53 zone", () => {
  const ZONE = { route53Zone: "Z0123456789ABCDEFGHIJ" };
  const recordsOf = ({ resources }: Deployment) =>
    resources.filter(({ type }) => type === "aws:route53/record:Record");

  test("the names of the page and of TURN lead to the core, over IPv4 and IPv6", async () => {
    const config = { ...awsStack(["iad-1"], { ipv6: true }), dns: ZONE, turn: { tls443: true } };
    const run = await deployment(config);
    const [v4, v6] = ["dns", "dnsIpv6"].map((key) => (run.outputs[key] as Record<string, string>)[DOMAIN]);
    expect(recordsOf(run).map(({ name, inputs }) => [name, inputs["records"]])).toEqual([
      [`dns-${DOMAIN}-A`, [v4]],
      [`dns-${DOMAIN}-AAAA`, [v6]],
      [`dns-turn.${DOMAIN}-A`, [v4]],
      [`dns-turn.${DOMAIN}-AAAA`, [v6]],
    ]);
    for (const { inputs, parent, provider } of recordsOf(run))
      expect([inputs["zoneId"], inputs["ttl"], parent, provider]).toEqual([
        ZONE.route53Zone,
        60,
        "jitsi:index:DnsRecords dns",
        "aws",
      ]);
  });

  test("the records are there before an authority is asked for a certificate", async () => {
    const config = { ...awsStack(), dns: ZONE, certificate: { issuer: "letsencrypt" } };
    const run = await deployment(config);
    const before = everythingBefore(run, stepOf(run, "core-certificate"));
    expect(recordsOf(run).filter(({ label }) => !before.has(label))).toEqual([]);
    expect(recordsOf(run)).toHaveLength(1);
  });

  test("a core that is no instance of ours has its records there as well, known in the first preview", async () => {
    const run = await deployment(withKey(existingStack(), "dns", ZONE), { preview: true });
    expect(recordsOf(run).map(({ inputs }) => plain(inputs["records"] ?? null))).toEqual([["203.0.113.1"]]);
  });
});
