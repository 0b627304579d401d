import { isDeepStrictEqual } from "node:util";
import { awsType, randomId } from "../core/awsType";
import { apiError, type Account } from "../core/account";
import type { RuleValues } from "../core/objects";
import { absent, number, required, text, type Failure } from "../../shared/schema";
import { textOf, type Properties } from "../../shared/values";
import { descriptionFailures } from "./securityGroup";
import { rangeFailures } from "./vpc";

const PROTOCOLS = ["tcp", "udp", "icmp", "-1"];
/** Source: "Amazon VPC quotas", inbound or outbound rules per security group; the default of every account. */
const MOST_RULES = 60;
const LAST_PORT = 65_535;
/** Exactly one of them says who the other end is. */
const ENDS = ["cidrIpv4", "cidrIpv6", "referencedSecurityGroupId", "prefixListId"];

function endFailures(inputs: Properties): Failure[] {
  const given = ENDS.filter((name) => inputs[name] !== undefined);
  if (given.length === 1) return [];
  return [{ property: ENDS[0] ?? "", reason: `exactly one of ${ENDS.join(", ")} must be given` }];
}

function portFailures(inputs: Properties): Failure[] {
  const { ipProtocol, fromPort: from, toPort: to } = inputs;
  if (ipProtocol === "-1")
    return from === undefined && to === undefined
      ? []
      : [{ property: "fromPort", reason: "fromPort, toPort: every protocol (-1) has no ports" }];
  if (typeof from !== "number" || typeof to !== "number")
    return [{ property: "fromPort", reason: `fromPort, toPort: ${textOf(inputs, "ipProtocol")} needs both` }];
  const isRange = ipProtocol === "icmp" || (from >= 0 && from <= to && to <= LAST_PORT);
  return isRange
    ? []
    : [{ property: "fromPort", reason: `fromPort, toPort: ${from}-${to} is no range of ports` }];
}

function ruleOf(
  inputs: Properties,
  direction: RuleValues["direction"],
  account: Account,
  own?: string,
): RuleValues {
  const group = account.find("securityGroup", inputs["securityGroupId"]);
  const referenced = inputs["referencedSecurityGroupId"];
  const other = referenced === undefined ? undefined : account.find("securityGroup", referenced);
  if (other !== undefined && other.vpcId !== group.vpcId)
    throw apiError(
      "InvalidGroup.NotFound",
      `You have specified two resources that belong to different networks.`,
    );
  const values: RuleValues = {
    groupId: group.id,
    direction,
    protocol: textOf(inputs, "ipProtocol"),
    ...(typeof inputs["fromPort"] === "number" && { fromPort: inputs["fromPort"] }),
    ...(typeof inputs["toPort"] === "number" && { toPort: inputs["toPort"] }),
    ...(inputs["cidrIpv4"] !== undefined && { cidr: textOf(inputs, "cidrIpv4") }),
    ...(inputs["cidrIpv6"] !== undefined && { cidrIpv6: textOf(inputs, "cidrIpv6") }),
    ...(other && { referencedGroupId: other.id }),
  };
  const others = account
    .all("securityGroupRule")
    .filter((one) => one.groupId === group.id && one.direction === direction && one.id !== own);
  if (others.some((one) => isSameRule(one, values)))
    throw apiError(
      "InvalidPermission.Duplicate",
      `the specified rule "${JSON.stringify(values)}" already exists`,
    );
  if (others.length >= MOST_RULES)
    throw apiError(
      "RulesPerSecurityGroupLimitExceeded",
      `${group.id} has ${MOST_RULES} ${direction} rules already`,
    );
  return values;
}

function isSameRule(one: RuleValues, other: RuleValues): boolean {
  const essence = ({ protocol, fromPort, toPort, cidr, cidrIpv6, referencedGroupId }: RuleValues) => [
    protocol,
    fromPort,
    toPort,
    cidr,
    cidrIpv6,
    referencedGroupId,
  ];
  return isDeepStrictEqual(essence(one), essence(other));
}

function ruleType(direction: RuleValues["direction"]) {
  const shown = (account: Account, id: string) => ({
    arn: account.arn(`security-group-rule/${id}`),
    securityGroupRuleId: id,
  });
  return awsType({
    kind: "securityGroupRule",
    newId: () => randomId("sgr"),
    inputs: {
      securityGroupId: required(text),
      ipProtocol: required({ kind: "string", oneOf: PROTOCOLS }),
      fromPort: number,
      toPort: number,
      description: text,
      cidrIpv4: text,
      cidrIpv6: text,
      referencedSecurityGroupId: text,
      prefixListId: absent("name the ranges"),
    },
    outputs: ["arn", "securityGroupRuleId"],
    replaceOn: ["securityGroupId"],
    check: (inputs) => [
      ...endFailures(inputs),
      ...portFailures(inputs),
      ...rangeFailures(inputs, "cidrIpv4"),
      ...descriptionFailures(inputs),
    ],
    create: (inputs, account, id) => ({
      values: ruleOf(inputs, direction, account),
      outputs: shown(account, id),
    }),
    update: (inputs, account, { id }) => ({
      values: ruleOf(inputs, direction, account, id),
      outputs: shown(account, id),
    }),
  });
}

/** `aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule`. */
export const ingressRule = ruleType("ingress");

/** `aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule`. */
export const egressRule = ruleType("egress");
