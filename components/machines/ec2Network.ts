import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { Architecture } from "../../plan/instanceTypes";
import type { IngressRule, SecurityGroupPlan } from "../../plan/securityGroups";
import type { AwsRegionPlan, HostPlan } from "../../plan/types";
import { childOf } from "../childOf";
import { ingressRule, publicNetwork } from "./ec2Resources";

/** Account that publishes Ubuntu's images. Source: Canonical, "Find Ubuntu images on AWS". */
const CANONICAL = "099720109477";

/** Series name of a release, and the kind of volume in the name of its image. Source: the same page. */
const IMAGE_NAMES: Record<AwsRegionPlan["ubuntu"], string> = {
  "22.04": "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04",
  "24.04": "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04",
};

export interface Ec2NetworkArgs {
  domain: string;
  region: AwsRegionPlan;
  groups: SecurityGroupPlan[];
  loginKey: tls.PrivateKey;
}

/** What instances of one AWS region share: provider, network, one security group for each role, the key that logs in. */
export class Ec2Network extends pulumi.ComponentResource {
  readonly provider: aws.Provider;
  readonly subnetId: pulumi.Output<string>;
  readonly keyName: pulumi.Output<string>;
  /** To depend on: whoever comes after has a way to the Internet. */
  readonly ready: pulumi.Resource[];
  private readonly groups: Map<string, aws.ec2.SecurityGroup>;
  private readonly region: AwsRegionPlan;
  private readonly prefix: string;

  constructor(
    name: string,
    { domain, region, groups, loginKey }: Ec2NetworkArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("jitsi:index:Ec2Network", name, { region: region.awsRegion }, opts);
    this.prefix = name;
    this.region = region;
    this.provider = new aws.Provider(
      `${name}-provider`,
      {
        region: region.awsRegion as aws.Region,
        defaultTags: { tags: { "audio-meet:domain": domain, "audio-meet:stack": pulumi.getStack() } },
      },
      childOf(this),
    );
    const child = childOf(this, { provider: this.provider });
    const network = publicNetwork(name, region, child);
    this.subnetId = network.subnetId;
    this.ready = network.ready;
    this.groups = new Map(
      groups.map(({ role }) => [
        role,
        new aws.ec2.SecurityGroup(
          `${name}-${role}`,
          {
            vpcId: network.vpcId,
            description: `${role} of ${domain}`,
            tags: { Name: `${domain} ${role}` },
            // Rules are resources of their own, so that one more bridge adds one more rule.
          },
          child,
        ),
      ]),
    );
    for (const { role } of groups) this.allowOutgoing(role, child);
    this.keyName = new aws.ec2.KeyPair(
      `${name}-login`,
      { publicKey: loginKey.publicKeyOpenssh.apply((key) => key.trim()), tags: { Name: domain } },
      child,
    ).keyName;
    this.registerOutputs({ subnetId: this.subnetId });
  }

  /** Ids of the security groups of a host. */
  groupIds({ roles }: HostPlan): pulumi.Output<string>[] {
    return roles.map((role) => this.group(role).id);
  }

  /** Lets one source in. `addressOf`: the public address of a host of the deployment. */
  allow(role: string, rule: IngressRule, addressOf: (hostId: string) => pulumi.Input<string>): void {
    const child = childOf(this, { provider: this.provider });
    const from = rule.source;
    const source =
      "role" in from
        ? { referencedSecurityGroupId: this.group(from.role).id }
        : "hostId" in from
          ? { cidrIpv4: pulumi.interpolate`${addressOf(from.hostId)}/32` }
          : from.cidr.includes(":")
            ? { cidrIpv6: from.cidr }
            : { cidrIpv4: from.cidr };
    ingressRule(`${this.prefix}-${rule.name}`, { ...rule, groupId: this.group(role).id, source }, child);
  }

  /** The image of a new instance: the configured one, else the newest of the release that Canonical publishes. */
  imageId(architecture: Architecture): pulumi.Output<string> {
    if (this.region.image !== undefined) return pulumi.output(this.region.image);
    const name = `${IMAGE_NAMES[this.region.ubuntu]}-${architecture}-server-*`;
    const found = aws.ec2.getAmiOutput(
      { owners: [CANONICAL], mostRecent: true, filters: [{ name: "name", values: [name] }] },
      { parent: this, provider: this.provider },
    );
    return found.id;
  }

  private allowOutgoing(role: string, child: pulumi.CustomResourceOptions): void {
    const to = [["ipv4", { cidrIpv4: "0.0.0.0/0" }] as const, ["ipv6", { cidrIpv6: "::/0" }] as const];
    for (const [family, range] of this.region.ipv6 ? to : to.slice(0, 1)) {
      new aws.vpc.SecurityGroupEgressRule(
        `${this.prefix}-${role}-outgoing-${family}`,
        { securityGroupId: this.group(role).id, ipProtocol: "-1", ...range },
        child,
      );
    }
  }

  private group(role: string): aws.ec2.SecurityGroup {
    const group = this.groups.get(role);
    if (group === undefined) throw new Error(`the region ${this.region.name} has no security group ${role}`);
    return group;
  }
}
