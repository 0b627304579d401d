import { goodConfig, type Json } from "./configFixtures";
import { testBad } from "./configBad";

const REGION = "jitsi:regions[0].machines";

/** The good configuration with an AWS region in place of its first one. */
function aws(machines: Json, core: Json = {}): Json {
  const base = { provider: "aws", region: "eu-central-1", adminCidrs: ["198.51.100.0/24"], ...machines };
  const region = { name: "eu", machines: base, core, videobridges: [{ id: "fra-1" }] };
  return { ...goodConfig(), regions: [region] };
}

testBad([
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
    "the world may log in",
    aws({ adminCidrs: ["0.0.0.0/0"] }),
    `${REGION}.adminCidrs[0]`,
    /0\.0\.0\.0/,
    /never open to the world/,
    /\/32/,
  ],
  [
    "range with host bits",
    aws({ adminCidrs: ["198.51.100.7/24"] }),
    `${REGION}.adminCidrs[0]`,
    /100\.7/,
    /address range/,
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
    "address on EC2",
    aws({}, { address: "203.0.113.1" }),
    "jitsi:regions[0].core.address",
    /203/,
    /keys here are/,
    /Take it out/,
  ],
]);
