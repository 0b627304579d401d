import { awsType, randomId } from "../core/awsType";
import { apiError, type Account } from "../core/account";
import { overlaps, prefixLength, rangeProblem } from "../core/ranges";
import { flag, required, text, type Failure } from "../../shared/schema";
import { textOf, UNKNOWN, type Properties } from "../../shared/values";

/** Largest and smallest network of a VPC and of a subnet. Source: VPC user guide, "VPC CIDR blocks". */
const [SHORTEST_PREFIX, LONGEST_PREFIX] = [16, 28];

/** What is wrong with the form of a range; nothing while it is unknown. */
export function rangeFailures(inputs: Properties, name: string): Failure[] {
  const cidr = textOf(inputs, name) || UNKNOWN;
  const problem = cidr === UNKNOWN ? undefined : rangeProblem(cidr);
  return problem ? [{ property: name, reason: `"${cidr}" ${problem}` }] : [];
}

/** Throws for a network that is larger or smaller than AWS lets it be. */
export function checkSize(cidr: string, code: string): void {
  const bits = prefixLength(cidr);
  if (bits < SHORTEST_PREFIX || bits > LONGEST_PREFIX)
    throw apiError(code, `The CIDR '${cidr}' is invalid: between /${SHORTEST_PREFIX} and /${LONGEST_PREFIX}`);
}

function made(inputs: Properties, account: Account, id: string) {
  const hasIpv6 = inputs["assignGeneratedIpv6CidrBlock"] === true;
  const ipv6CidrBlock = hasIpv6 ? "2600:1f14:0:8c00::/56" : "";
  return {
    values: { cidr: textOf(inputs, "cidrBlock"), hasIpv6 },
    outputs: { arn: account.arn(`vpc/${id}`), ownerId: "", ipv6CidrBlock },
  };
}

/** What EC2 does to groups that let everything out when their network gets IPv6 (terraform-provider-aws, issue 43279). */
function openIpv6(account: Account, vpcId: string): void {
  const rules = account.all("securityGroupRule");
  const open = new Set(
    rules.flatMap(({ groupId, direction, protocol, cidr }) =>
      direction === "egress" && protocol === "-1" && cidr === "0.0.0.0/0" ? [groupId] : [],
    ),
  );
  for (const { id } of account
    .all("securityGroup")
    .filter((group) => group.vpcId === vpcId && open.has(group.id))) {
    const rule = { groupId: id, direction: "egress", protocol: "-1", cidrIpv6: "::/0" } as const;
    account.put("securityGroupRule", randomId("sgr"), rule, {});
  }
}

/** `aws:ec2/vpc:Vpc`. */
export const vpc = awsType({
  kind: "vpc",
  newId: () => randomId("vpc"),
  inputs: {
    cidrBlock: required(text),
    enableDnsSupport: flag,
    enableDnsHostnames: flag,
    instanceTenancy: { kind: "string", oneOf: ["default"] },
    assignGeneratedIpv6CidrBlock: flag,
  },
  outputs: ["arn", "ownerId", "ipv6CidrBlock"],
  replaceOn: ["cidrBlock", "instanceTenancy"],
  check: (inputs) => rangeFailures(inputs, "cidrBlock"),
  create: (inputs, account, id) => {
    const cidr = textOf(inputs, "cidrBlock");
    checkSize(cidr, "InvalidVpc.Range");
    const other = account.store.everywhere("vpc").find((one) => overlaps(one.cidr, cidr));
    if (other !== undefined)
      throw new Error(
        `stand-in: all networks share this machine, so ${cidr} cannot be there beside ${other.cidr} of ${other.id} (${other.region})`,
      );
    return made(inputs, account, id);
  },
  update: (inputs, account, { id, hasIpv6 }) => {
    if (inputs["assignGeneratedIpv6CidrBlock"] === true && hasIpv6 !== true) openIpv6(account, id);
    return made(inputs, account, id);
  },
  remove: ({ id }, account) => {
    const kinds = ["subnet", "internetGateway", "routeTable", "securityGroup"] as const;
    account.refuseIfUsed(
      `The vpc '${id}'`,
      kinds.flatMap((kind) => account.all(kind)).filter(({ vpcId }) => vpcId === id),
    );
  },
});
