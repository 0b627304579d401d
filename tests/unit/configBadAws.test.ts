import { changed, existing, goodConfig, hostKey, server, type Json } from "./configFixtures";
import { type BadCase, testBad } from "./configBad";

const REGION = "jitsi:regions[0].machines";

/** The good configuration with an AWS region in place of its first one. */
function aws(machines: Json, core: Json = {}): Json {
  const base = { provider: "aws", region: "eu-central-1", adminCidrs: ["198.51.100.0/24"], ...machines };
  const region = { name: "eu", machines: base, core, videobridges: [{ id: "fra-1" }] };
  return { ...goodConfig(), regions: [region] };
}

/** The same with a bridge on a server that exists. */
function withBridge(address: string): Json {
  const config = aws({});
  const own = existing("own", { videobridges: [server("own-1", address)] });
  return { ...config, regions: [...(config["regions"] as Json[]), own] };
}

/** One with recorders: on the region's type, or on one of its own. */
function withRecorder(machines: Json, own: Json = {}): Json {
  const config = aws(machines);
  const [region] = config["regions"] as Json[];
  const recording = { storage: { bucket: "recordings", region: "eu-central-1" } };
  return { ...config, recording, regions: [{ ...region, recorders: [{ id: "rec-1", ...own }] }] };
}

testBad([
  ...(
    [
      ["on the region's Graviton", withRecorder({ instanceType: "c7g.xlarge" }), /arm64/],
      ["on two cores", withRecorder({}, { instanceType: "c7i.large" }), /2 vCPUs, 4 GB/],
    ] as const
  ).map(([where, config, finding]): BadCase => [
    `a recorder ${where}`,
    config,
    "jitsi:regions[0].recorders[0].instanceType",
    finding,
    /Chrome is not available for others/,
    /c7i\.xlarge/,
  ]),
  [
    "region of no cloud",
    aws({ region: "eu-central-9" }),
    `${REGION}.region`,
    /"eu-central-9"/,
    /us-east-1, .*eu-central-1/,
    /nearest/,
  ],
  [
    "instance type without a known size",
    aws({ instanceType: "x9.huge" }),
    `${REGION}.instanceType`,
    /"x9\.huge"/,
    /c7i\.xlarge/,
    /220 participants/,
  ],
  [
    "instance type of a node",
    aws({}, { instanceType: "c7i" }),
    "jitsi:regions[0].core.instanceType",
    /"c7i"/,
    /known size/,
    /c7i\.xlarge/,
  ],
  ["nobody may log in", aws({ adminCidrs: [] }), `${REGION}.adminCidrs`, /\[\]/, /at least one/, /curl/],
  [
    "administrators over IPv6 alone",
    aws({ adminCidrs: ["2001:db8::/32"], ipv6: true }),
    `${REGION}.adminCidrs`,
    /2001/,
    /elastic addresses are IPv4/,
    /curl -4/,
  ],
  [
    "administrators over IPv6 that is not there",
    aws({ adminCidrs: ["198.51.100.0/24", "2001:db8::/32"] }),
    `${REGION}.adminCidrs[1]`,
    /2001/,
    /needs `ipv6: true`/,
    /ipv6: true/,
  ],
  [
    "the world may log in",
    aws({ adminCidrs: ["0.0.0.0/0"] }),
    `${REGION}.adminCidrs[0]`,
    /0\.0\.0\.0/,
    /the Internet/,
    /checkip/,
  ],
  [
    "half of the world may log in",
    aws({ adminCidrs: ["128.0.0.0/1"] }),
    `${REGION}.adminCidrs[0]`,
    /128\.0\.0\.0/,
    /a large part of it/,
    /checkip/,
  ],
  [
    "range with host bits",
    aws({ adminCidrs: ["198.51.100.7/24"] }),
    `${REGION}.adminCidrs[0]`,
    /100\.7/,
    /network in CIDR notation/,
    /\/24/,
  ],
  [
    "adopted network without subnet",
    aws({ network: { vpc: "vpc-0123456789abcdef0" } }),
    `${REGION}.network.subnet`,
    /missing/,
    /subnet-/,
    /console/,
  ],
  [
    "image that is none",
    aws({ image: "ubuntu" }),
    `${REGION}.image`,
    /"ubuntu"/,
    /begins with ami-/,
    /aws ec2/,
  ],
  ["release that is not tried", aws({ ubuntu: "20.04" }), `${REGION}.ubuntu`, /"20\.04"/, /22\.04/, /quotes/],
  ["volume too small", aws({ volumeGigabytes: 8 }), `${REGION}.volumeGigabytes`, /is 8/, /from 16/, /for 20/],
  [
    "zone with its region",
    aws({ zone: "eu-central-1a" }),
    `${REGION}.zone`,
    /13 characters/,
    /one letter/,
    /describe/,
  ],
  [
    "zone beside an adopted network",
    aws({ zone: "a", network: { vpc: "vpc-01234567", subnet: "subnet-01234567" } }),
    `${REGION}.zone`,
    /together with network/,
    /`zone` cannot be combined/,
    /Remove one/,
  ],
  [
    "release beside an image",
    aws({ ubuntu: "24.04", image: "ami-01234567" }),
    `${REGION}.ubuntu`,
    /together with image/,
    /determines the release/,
    /Remove one/,
  ],
  [
    "bridge on IPv6 alone for a core on EC2",
    withBridge("2001:db8::7"),
    "jitsi:regions[1].videobridges[0].address",
    /2001:db8::7/,
    /over IPv4 or over IPv6/,
    /core is on EC2, reached over IPv4/,
  ],
  [
    "bridge on EC2 for a core on IPv6 alone",
    {
      ...goodConfig(),
      regions: [
        existing("eu", { core: { address: "2001:db8::1", hostKey: hostKey() } }),
        {
          ...{ name: "us", videobridges: [{ id: "iad-1" }] },
          machines: { provider: "aws", region: "us-east-1", adminCidrs: ["198.51.100.0/24"] },
        },
      ],
    },
    "jitsi:regions[1].videobridges[0]",
    /on EC2/,
    /over IPv4 or over IPv6/,
    /2001:db8::1/,
  ],
  [
    "hosted zone by its name",
    { ...aws({}), dns: { route53Zone: "example.org" } },
    "jitsi:dns.route53Zone",
    /example\.org/,
    /begins with Z/,
    /list-hosted-zones/,
  ],
  [
    "DNS without a zone",
    { ...aws({}), dns: {} },
    "jitsi:dns.route53Zone",
    /missing/,
    /begins with Z/,
    /route53/,
  ],
  [
    "address on EC2",
    aws({}, { address: "203.0.113.1" }),
    "jitsi:regions[0].core.address",
    /203/,
    /allowed keys are/,
    /Remove it/,
  ],
  [
    "address on EC2 beside a server",
    changed(withBridge("203.0.113.9"), ["regions", 0, "core"], { address: "203.0.113.1" }),
    "jitsi:regions[0].core.address",
    /203/,
    /allowed keys are/,
    /Remove it/,
  ],
  [
    "termination protection for the deployment",
    { ...aws({}), terminationProtection: true },
    "jitsi:terminationProtection",
    /no such key/,
    /belongs to another place/,
    /Move it to jitsi:regions\[\]\.machines\.terminationProtection$/,
  ],
  [
    "mail for the deployment",
    { ...aws({}), mail: {} },
    "jitsi:mail",
    /no such key/,
    /belongs to another place/,
    /Move it to jitsi:monitoring\.mail, or to jitsi:recording\.notify\.mail$/,
  ],
]);
