import type * as aws from "@pulumi/aws";
import * as ec2 from "@pulumi/aws/ec2";
import * as vpc from "@pulumi/aws/vpc";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import type { ImageChoice } from "../../plan/instanceIdentity";
import type { IngressRule, SecurityGroupPlan } from "../../plan/securityGroups";
import type { AwsRegionPlan, HostPlan } from "../../plan/types";
import { childOf } from "../childOf";
import { publicNetwork } from "./publicNetwork";
import { ingressRule, securityGroup, type RuleSource } from "./securityGroups";

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
  /** Instance types that the zone has to offer. */
  types: string[];
  loginKey: tls.PrivateKey;
  provider: aws.Provider;
}

/** What instances of one AWS region share: network, one security group for each role, the key that logs in. */
export class Ec2Network extends pulumi.ComponentResource {
  readonly provider: aws.Provider;
  readonly subnetId: pulumi.Output<string>;
  readonly keyName: pulumi.Output<string>;
  /** To depend on: whoever comes after has a way to the Internet, and may be logged in to for as long as it is there. */
  readonly ready: pulumi.Resource[];
  private readonly groups: Map<string, ec2.SecurityGroup>;
  private readonly region: AwsRegionPlan;
  private readonly prefix: string;
  /** Newest images that were asked for, by release and architecture. */
  private readonly images = new Map<string, pulumi.Output<string>>();

  constructor(
    name: string,
    { domain, region, groups, types, loginKey, provider }: Ec2NetworkArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("jitsi:index:Ec2Network", name, { region: region.awsRegion }, opts);
    this.prefix = name;
    this.region = region;
    this.provider = provider;
    const child = childOf(this, { provider });
    const at = { region: region.awsRegion };
    const network = publicNetwork(name, region, types, child);
    this.subnetId = network.subnetId;
    this.groups = new Map(
      groups.map(({ role }) => [
        role,
        securityGroup(`${name}-${role}`, { role, domain, ...at, vpcId: network.vpcId }, child),
      ]),
    );
    // Rules are resources of their own, so that one more bridge adds one more rule. Those that need no host's address are there
    // before the first machine and until the last one has been emptied.
    const rules = groups.flatMap(({ role, ingress }) => [
      ...this.outgoing(role, child),
      ...ingress.flatMap((rule) => ("hostId" in rule.source ? [] : [this.allow(role, rule, "")])),
    ]);
    this.ready = [...network.ready, ...rules];
    this.keyName = new ec2.KeyPair(
      `${name}-login`,
      { ...at, publicKey: loginKey.publicKeyOpenssh.apply((key) => key.trim()), tags: { Name: domain } },
      child,
    ).keyName;
    this.registerOutputs({ subnetId: this.subnetId });
  }

  /** Ids of the security groups of a host. */
  groupIds({ roles }: HostPlan): pulumi.Output<string>[] {
    return roles.map((role) => this.group(role).id);
  }

  /** Lets one source in. `address`: the public one of the host that the rule names; not read where it names none. */
  allow(role: string, rule: IngressRule, address: pulumi.Input<string>): pulumi.Resource {
    // A bridge that took another one's place is let in beside it: changed in place, the rule would shut the old one out before it is empty.
    const beside = "hostId" in rule.source ? { replaceOnChanges: ["cidrIpv4"] } : {};
    const child = childOf(this, { provider: this.provider, ...beside });
    const source = this.sourceOf(rule, address);
    return ingressRule(
      `${this.prefix}-${rule.name}`,
      { ...rule, region: this.region.awsRegion, groupId: this.group(role).id, source },
      child,
    );
  }

  /** Id of the newest image that Canonical publishes; asked once for each release and architecture. */
  newestImage({ ubuntu, architecture }: ImageChoice): pulumi.Output<string> {
    const name = `${IMAGE_NAMES[ubuntu]}-${architecture}-server-*`;
    const known = this.images.get(name);
    if (known !== undefined) return known;
    const found = ec2.getAmiOutput(
      {
        region: this.region.awsRegion,
        owners: [CANONICAL],
        mostRecent: true,
        // A release that is out of maintenance has no others left, and must not end a deployment that runs on it.
        includeDeprecated: true,
        filters: [{ name: "name", values: [name] }],
      },
      { parent: this, provider: this.provider },
    ).id;
    this.images.set(name, found);
    return found;
  }

  private sourceOf({ source }: IngressRule, address: pulumi.Input<string>): RuleSource {
    if ("role" in source) return { referencedSecurityGroupId: this.group(source.role).id };
    if ("hostId" in source) return { cidrIpv4: pulumi.interpolate`${address}/32` };
    return source.cidr.includes(":") ? { cidrIpv6: source.cidr } : { cidrIpv4: source.cidr };
  }

  private outgoing(role: string, child: pulumi.CustomResourceOptions): pulumi.Resource[] {
    // Amazon itself gives ::/0 to groups that are there when their network gets IPv6, and takes no second rule of the same range.
    const ipv6 = [["ipv6-lower", "::/1"] as const, ["ipv6-upper", "8000::/1"] as const];
    const to: [string, RuleSource][] = [
      ["ipv4", { cidrIpv4: "0.0.0.0/0" }],
      ...(this.region.ipv6 ? ipv6.map(([half, cidrIpv6]): [string, RuleSource] => [half, { cidrIpv6 }]) : []),
    ];
    return to.map(
      ([range, destination]) =>
        new vpc.SecurityGroupEgressRule(
          `${this.prefix}-${role}-outgoing-${range}`,
          {
            region: this.region.awsRegion,
            securityGroupId: this.group(role).id,
            ipProtocol: "-1",
            ...destination,
          },
          child,
        ),
    );
  }

  private group(role: string): ec2.SecurityGroup {
    const group = this.groups.get(role);
    if (group === undefined) throw new Error(`the region ${this.region.name} has no security group ${role}`);
    return group;
  }
}
