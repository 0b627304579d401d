import { z } from "zod";
import { INSTANCE_TYPES } from "../facts/instanceTypes";
import { AWS_REGIONS } from "../facts/prices";
import { canonicalCidr, ownNetworkProblem } from "./address";
import { fieldInfos, integer, oneOf, structure, text, toggle } from "./field";
import { noWorld } from "./networkList";
import { labNode } from "./nodes";
import { httpProxy } from "./proxy";

const UBUNTU_RELEASES = ["22.04", "24.04"] as const;

const instanceType = (fallback?: string) => {
  const info = {
    description:
      "EC2 instance type. The capacity in the outputs follows from its cores, memory and sustained bandwidth.",
    example: "c7i.xlarge",
    rule: `An instance type is one of those with a known size and price: ${Object.keys(INSTANCE_TYPES).join(", ")}.`,
    fix: "For a bridge use c7g.xlarge for about 220 participants, or c7i.xlarge for about 110; for a recorder c7i.xlarge.",
    ...(fallback === undefined ? {} : { fallback }),
  };
  return oneOf(info, Object.keys(INSTANCE_TYPES));
};

const adminCidr = text(
  {
    description: "One address range from which administrators log in.",
    example: "198.51.100.0/24",
    rule: "It is a network in CIDR notation whose address part ends where the prefix ends, and smaller than the whole Internet: port 22 is never open to the world.",
    fix: "Write it as in 198.51.100.0/24, or 198.51.100.7/32 for one address.",
  },
  { problem: ownNetworkProblem, canonical: canonicalCidr },
);

const awsId = (prefix: string, what: string) =>
  text(
    {
      description: `Id of ${what}.`,
      example: `${prefix}-0123456789abcdef0`,
      rule: `It is the id of ${what}, which begins with ${prefix}-.`,
      fix: `Copy it from the console or from \`aws ec2\`, as in ${prefix}-0123456789abcdef0.`,
    },
    { problem: (value) => (new RegExp(`^${prefix}-[0-9a-f]{8,17}$`).test(value) ? undefined : true) },
  );

const network = structure(
  {
    description: "Existing network to use. Nothing in it is changed; only security groups are added.",
    example: "{ vpc: vpc-0123456789abcdef0, subnet: subnet-0123456789abcdef0 }",
    rule: "An adopted network has a VPC and one of its subnets, whose route table has a route to an internet gateway.",
    fix: "Write it as in { vpc: vpc-0123456789abcdef0, subnet: subnet-0123456789abcdef0 }, or leave it out.",
    fallback: "a new VPC",
  },
  { vpc: awsId("vpc", "the VPC"), subnet: awsId("subnet", "the public subnet") },
);

/** `machines` of a region of EC2 instances. */
export const awsMachines = structure(
  {
    description: "Kind of the machines in this region.",
    example: "{ provider: aws, region: eu-central-1, adminCidrs: [198.51.100.0/24] }",
    rule: "It is a structure with provider, region and adminCidrs.",
    fix: "Write it as in { provider: aws, region: eu-central-1, adminCidrs: [198.51.100.0/24] }.",
  },
  {
    provider: z.literal("aws"),
    region: oneOf(
      {
        description: "AWS region.",
        example: "eu-central-1",
        rule: `An AWS region is one of those with a known price: ${Object.keys(AWS_REGIONS).join(", ")}.`,
        fix: "Use the region nearest to the participants, as in eu-central-1.",
      },
      Object.keys(AWS_REGIONS),
    ),
    instanceType: instanceType().default("c7i.xlarge"),
    adminCidrs: z
      .array(adminCidr)
      .check(({ value, issues }) => {
        if (value.every((cidr) => cidr.includes(":")))
          issues.push({ code: "custom", input: value, message: "no IPv4" });
      })
      .check(noWorld)
      .register(fieldInfos, {
        description: "Address ranges from which SSH is allowed; include the machine that runs `pulumi`.",
        example: "[198.51.100.0/24]",
        rule: "It is a list with at least one IPv4 range: elastic addresses are IPv4, and `pulumi` itself logs in over them.",
        fix: "Write it as in [198.51.100.0/24]; `curl -4 https://checkip.amazonaws.com` shows your own address.",
      }),
    ubuntu: oneOf(
      {
        description:
          "Release of Ubuntu. A machine is created from the newest image; a newer image never replaces it.",
        example: '"24.04"',
        rule: `It is one of ${UBUNTU_RELEASES.join(", ")}.`,
        fix: 'Write it in quotes, as in "22.04".',
      },
      UBUNTU_RELEASES,
    ).default("22.04"),
    image: awsId("ami", "an image of Ubuntu 22.04 or 24.04").exactOptional(),
    volumeGigabytes: integer(
      {
        description: "Size of the encrypted volume.",
        unit: "gigabytes",
        example: "50",
        rule: "A volume has a whole number of gigabytes from 16 to 16384.",
        fix: "Leave it out for 20.",
      },
      16,
      16_384,
    ).default(20),
    terminationProtection: toggle(
      "Protects the machines: a destroy, a removal or a replacement is refused, and nothing is changed, until it is `false` and `pulumi up` has run. Switch it on after the first `pulumi up`: what a run that failed has made is protected as well.",
    ).default(false),
    ipv6: toggle(
      "Adds IPv6 addresses for the page, TURN and media. An adopted subnet must have an IPv6 range.",
    ).default(false),
    zone: text(
      {
        description:
          "Letter of the availability zone of the new subnet, for regions in which some zones lack an instance type.",
        example: "a",
        rule: "It is the one letter that ends the zone's name: a in eu-central-1a.",
        fix: "Take one from `aws ec2 describe-instance-type-offerings --location-type availability-zone --region REGION`.",
        fallback: "chosen by AWS",
      },
      { problem: (value) => (/^[a-f]$/.test(value) ? undefined : true) },
    ).exactOptional(),
    network: network.exactOptional(),
    httpProxy: httpProxy.exactOptional(),
  },
);

/** What a core and a bridge on EC2 have in common. */
export const awsNode = {
  instanceType: instanceType("the region's").exactOptional(),
  generation: labNode.generation,
};
