import * as ec2 from "@pulumi/aws/ec2";
import * as pulumi from "@pulumi/pulumi";
import { subnetCidr, subnetIpv6Cidr } from "../../plan/subnets";
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
  region: AwsRegionPlan,
  types: string[],
  opts: pulumi.CustomResourceOptions,
): PublicNetwork {
  const { network } = region;
  if (network !== undefined) {
    return { vpcId: pulumi.output(network.vpc), subnetId: pulumi.output(network.subnet), ready: [] };
  }
  const vpc = ownVpc(name, region, opts);
  const subnet = publicSubnet(name, region, vpc, types, opts);
  return { vpcId: vpc.id, subnetId: subnet.id, ready: wayOut(name, region, vpc, subnet, opts) };
}

function ownVpc(
  name: string,
  { name: regionName, awsRegion: region, ipv6 }: AwsRegionPlan,
  opts: pulumi.CustomResourceOptions,
): ec2.Vpc {
  return new ec2.Vpc(
    `${name}-vpc`,
    {
      region,
      cidrBlock: vpcRange(regionName),
      enableDnsSupport: true,
      enableDnsHostnames: true,
      ...(ipv6 && { assignGeneratedIpv6CidrBlock: true }),
      tags: { Name: name },
    },
    opts,
  );
}

/** In the configured zone, else in one that offers all `types` of instances. */
function publicSubnet(
  name: string,
  { name: regionName, awsRegion: region, ipv6, zone }: AwsRegionPlan,
  vpc: ec2.Vpc,
  types: string[],
  opts: pulumi.CustomResourceOptions,
): ec2.Subnet {
  return new ec2.Subnet(
    `${name}-subnet`,
    {
      region,
      vpcId: vpc.id,
      cidrBlock: subnetCidr(vpcRange(regionName), zone),
      availabilityZone: zone ?? zoneWith(types, region, opts),
      ...(ipv6 && {
        ipv6CidrBlock: vpc.ipv6CidrBlock.apply((block) => subnetIpv6Cidr(block, zone)),
        assignIpv6AddressOnCreation: true,
      }),
      tags: { Name: name },
    },
    // Where nobody names a zone, the one that was chosen stays: another subnet is another machine for everybody in it.
    { ...opts, ...(zone === undefined && { ignoreChanges: ["availabilityZone"] }) },
  );
}

/** Gateway and routes between a subnet and the Internet; returns what has to be there before packets pass. */
function wayOut(
  name: string,
  { awsRegion: region, ipv6 }: AwsRegionPlan,
  { id: vpcId }: ec2.Vpc,
  { id: subnetId }: ec2.Subnet,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const tags = { Name: name };
  const gateway = new ec2.InternetGateway(`${name}-gateway`, { region, vpcId, tags }, opts);
  const table = new ec2.RouteTable(`${name}-routes`, { region, vpcId, tags }, opts);
  const out = { region, routeTableId: table.id, gatewayId: gateway.id };
  const routes = [new ec2.Route(`${name}-route`, { ...out, destinationCidrBlock: "0.0.0.0/0" }, opts)];
  if (ipv6) {
    const destination = { destinationIpv6CidrBlock: "::/0" };
    routes.push(new ec2.Route(`${name}-route-ipv6`, { ...out, ...destination }, opts));
  }
  const ofSubnet = { region, routeTableId: table.id, subnetId };
  return [...routes, new ec2.RouteTableAssociation(`${name}-routes-of-subnet`, ofSubnet, opts)];
}
