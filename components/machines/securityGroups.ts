import * as ec2 from "@pulumi/aws/ec2";
import * as vpc from "@pulumi/aws/vpc";
import * as pulumi from "@pulumi/pulumi";
import type { IngressRule } from "../../plan/securityGroups";

/** Where the packets of a rule come from. */
export type RuleSource = Pick<
  vpc.SecurityGroupIngressRuleArgs,
  "cidrIpv4" | "cidrIpv6" | "referencedSecurityGroupId"
>;

/** The security group of a role, as yet without a rule. Its name begins as the resource's, and to EC2 "sg-" begins an id. */
export function securityGroup(
  name: string,
  args: { role: string; domain: string; region: string; vpcId: pulumi.Input<string> },
  opts: pulumi.CustomResourceOptions,
): ec2.SecurityGroup {
  const { role, domain, region, vpcId } = args;
  const tags = { Name: `${domain} ${role}` };
  const resourceName = name.startsWith("sg-") ? `region-${name}` : name;
  return new ec2.SecurityGroup(
    resourceName,
    { region, vpcId, description: `${role} of ${domain}`, tags },
    opts,
  );
}

/** Lets one source in at one range of ports. */
export function ingressRule(
  name: string,
  rule: Pick<IngressRule, "protocol" | "fromPort" | "toPort" | "why"> & {
    region: string;
    groupId: pulumi.Input<string>;
    source: RuleSource;
  },
  opts: pulumi.CustomResourceOptions,
): vpc.SecurityGroupIngressRule {
  return new vpc.SecurityGroupIngressRule(
    name,
    {
      region: rule.region,
      securityGroupId: rule.groupId,
      ipProtocol: rule.protocol,
      fromPort: rule.fromPort,
      toPort: rule.toPort,
      // EC2 takes letters, digits, spaces and ._-:/()#,@[]+=&;{}!$* in a description, at most 255 of them.
      description: rule.why.replaceAll(/[^a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]/g, "").slice(0, 255),
      ...rule.source,
    },
    opts,
  );
}
