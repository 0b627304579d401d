import { awsType, randomId } from "../core/awsType";
import { ACCOUNT, apiError } from "../core/account";
import { absent, flag, required, text, type Failure } from "../../shared/schema";
import { textOf, UNKNOWN, type Properties } from "../../shared/values";

/** Source: EC2 API reference, CreateSecurityGroup. */
const DESCRIPTION = /^[0-9A-Za-z_ .:/()#,@[\]+=&;{}!$*-]{0,255}$/;
const DEFAULT_DESCRIPTION = "Managed by Pulumi";
const LONGEST_NAME = 255;

/** What is wrong with the description of a group or of a rule. */
export function descriptionFailures(inputs: Properties): Failure[] {
  const description = inputs["description"];
  if (typeof description !== "string" || description === UNKNOWN || DESCRIPTION.test(description)) return [];
  const reason = "description: at most 255 of a-z A-Z 0-9 and spaces and ._-:/()#,@[]+=&;{}!$*";
  return [{ property: "description", reason }];
}

const isGood = (name: string) => !name.startsWith("sg-") && name.length <= LONGEST_NAME;

function nameFailures(inputs: Properties): Failure[] {
  if (isGood(textOf(inputs, "name"))) return [];
  return [{ property: "name", reason: `name: must not begin with sg- or exceed ${LONGEST_NAME} characters` }];
}

/** `aws:ec2/securityGroup:SecurityGroup`, without any rule: the real provider takes AWS's own outgoing rule away, too. */
export const securityGroup = awsType({
  kind: "securityGroup",
  newId: () => randomId("sg"),
  inputs: {
    vpcId: required(text),
    name: text,
    description: text,
    revokeRulesOnDelete: flag,
    ingress: absent("use vpc.SecurityGroupIngressRule"),
    egress: absent("use vpc.SecurityGroupEgressRule"),
  },
  outputs: ["arn", "ownerId", "name", "description"],
  replaceOn: ["vpcId", "name", "description"],
  check: (inputs) => [...descriptionFailures(inputs), ...nameFailures(inputs)],
  create: (inputs, account, id, context) => {
    const { id: vpcId } = account.find("vpc", inputs["vpcId"]);
    const name = textOf(inputs, "name") || `${context.name}-${id.slice(-7)}`;
    // One that nobody gave is made from the resource's, and EC2 looks at it all the same.
    if (!isGood(name))
      throw apiError("InvalidParameterValue", `Value (${name}) for parameter GroupName is invalid`);
    if (account.all("securityGroup").some((one) => one.vpcId === vpcId && one.name === name))
      throw apiError(
        "InvalidGroup.Duplicate",
        `The security group '${name}' already exists for VPC '${vpcId}'`,
      );
    const description = textOf(inputs, "description") || DEFAULT_DESCRIPTION;
    const arn = account.arn(`security-group/${id}`);
    return { values: { vpcId, name }, outputs: { arn, ownerId: ACCOUNT, name, description } };
  },
  remove: ({ id }, account) => {
    const instances = account.all("instance").filter(({ groupIds }) => groupIds.includes(id));
    const rules = account.all("securityGroupRule");
    const referring = rules.filter((one) => one.referencedGroupId === id && one.groupId !== id);
    account.refuseIfUsed(`resource ${id}`, [...instances, ...referring]);
    for (const rule of rules) if (rule.groupId === id) account.remove("securityGroupRule", rule.id);
  },
});
