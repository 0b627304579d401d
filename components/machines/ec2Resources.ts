import * as ec2 from "@pulumi/aws/ec2";
import * as vpc from "@pulumi/aws/vpc";
import * as pulumi from "@pulumi/pulumi";
import { subnetCidr, subnetIpv6Cidr } from "../../plan/subnets";
import type { IngressRule } from "../../plan/securityGroups";
import type { AwsRegionPlan } from "../../plan/types";
import { vpcRange } from "../../plan/vpcRange";
import { zoneWith } from "./zone";

/** Where instances live. */
interface PublicNetwork {
  vpcId: pulumi.Output<string>;
  subnetId: pulumi.Output<string>;
  ready: pulumi.Resource[];
}

/** The configured network, or a VPC of our own with one public subnet. */
export function publicNetwork(
  name: string,
  { name: regionName, awsRegion: region, network, ipv6, zone }: AwsRegionPlan,
  types: string[],
  opts: pulumi.CustomResourceOptions,
): PublicNetwork {
  if (network !== undefined) {
    return { vpcId: pulumi.output(network.vpc), subnetId: pulumi.output(network.subnet), ready: [] };
  }
  const [tags, range] = [{ Name: name }, vpcRange(regionName)];
  const vpc = new ec2.Vpc(
    `${name}-vpc`,
    {
      region,
      cidrBlock: range,
      enableDnsSupport: true,
      enableDnsHostnames: true,
      ...(ipv6 && { assignGeneratedIpv6CidrBlock: true }),
      tags,
    },
    opts,
  );
  const subnet = new ec2.Subnet(
    `${name}-subnet`,
    {
      region,
      vpcId: vpc.id,
      cidrBlock: subnetCidr(range, zone),
      availabilityZone: zone ?? zoneWith(types, region, opts),
      ...(ipv6 && {
        ipv6CidrBlock: vpc.ipv6CidrBlock.apply((block) => subnetIpv6Cidr(block, zone)),
        assignIpv6AddressOnCreation: true,
      }),
      tags,
    },
    // Where nobody names a zone, the one that was chosen stays: another subnet is another machine for everybody in it.
    { ...opts, ...(zone === undefined && { ignoreChanges: ["availabilityZone"] }) },
  );
  const gateway = new ec2.InternetGateway(`${name}-gateway`, { region, vpcId: vpc.id, tags }, opts);
  const table = new ec2.RouteTable(`${name}-routes`, { region, vpcId: vpc.id, tags }, opts);
  const out = { region, routeTableId: table.id, gatewayId: gateway.id };
  const routes = [new ec2.Route(`${name}-route`, { ...out, destinationCidrBlock: "0.0.0.0/0" }, opts)];
  if (ipv6) {
    const destination = { destinationIpv6CidrBlock: "::/0" };
    routes.push(new ec2.Route(`${name}-route-ipv6`, { ...out, ...destination }, opts));
  }
  const association = new ec2.RouteTableAssociation(
    `${name}-routes-of-subnet`,
    { region, routeTableId: table.id, subnetId: subnet.id },
    opts,
  );
  return { vpcId: vpc.id, subnetId: subnet.id, ready: [...routes, association] };
}

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
