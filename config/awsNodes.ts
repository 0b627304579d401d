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
      "EC2 instance type; its cores, memory and sustained network make the capacity in the outputs.",
    example: "c7i.xlarge",
    rule: `An instance type is one of those with a known size and price: ${Object.keys(INSTANCE_TYPES).join(", ")}.`,
    fix: "For a bridge take c7g.xlarge for about 220 participants, or c7i.xlarge for about 110; for a recorder c7i.xlarge.",
    ...(fallback === undefined ? {} : { fallback }),
  };
  return oneOf(info, Object.keys(INSTANCE_TYPES));
};

const adminCidr = text(
  {
    description: "One address range from which somebody logs in.",
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
    description:
      "A network that exists already and is adopted; nothing in it is changed but our security groups.",
    example: "{ vpc: vpc-0123456789abcdef0, subnet: subnet-0123456789abcdef0 }",
    rule: "An adopted network has a vpc and a subnet of it whose route table leads to an internet gateway.",
    fix: "Write it as in { vpc: vpc-0123456789abcdef0, subnet: subnet-0123456789abcdef0 }, or leave it out.",
    fallback: "a VPC of our own",
  },
  { vpc: awsId("vpc", "the VPC"), subnet: awsId("subnet", "the public subnet") },
);

/** `machines` of a region of EC2 instances. */
export const awsMachines = structure(
  {
    description: "Where the machines of the region come from.",
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
        fix: "Take the one nearest to the participants, as in eu-central-1.",
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
        description: "From where somebody logs in over SSH, the machine that runs `pulumi` included.",
        example: "[198.51.100.0/24]",
        rule: "It is a list with at least one IPv4 range: elastic addresses are IPv4, and `pulumi` itself logs in there.",
        fix: "Write it as in [198.51.100.0/24]; `curl -4 https://checkip.amazonaws.com` shows your own address.",
      }),
    ubuntu: oneOf(
      {
        description:
          "Release of Ubuntu; the newest image of it is taken once, and a newer one never replaces a machine.",
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
      "Whether the machines may not be ended: a destroy, a removal and a replacement are refused, and nothing is touched, until it is `false` and an `up` has said so.",
    ).default(false),
    ipv6: toggle(
      "Whether the machines have IPv6 addresses as well, for the page, TURN and media; an adopted subnet must have a range of them.",
    ).default(false),
    zone: text(
      {
        description:
          "Letter of the availability zone of our own subnet, for a region in which not every zone has every instance type.",
        example: "a",
        rule: "It is the one letter that ends the zone's name: a in eu-central-1a.",
        fix: "Take one from `aws ec2 describe-instance-type-offerings --location-type availability-zone`.",
        fallback: "AWS chooses",
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
