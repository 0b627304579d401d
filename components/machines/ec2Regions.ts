import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { typesOf } from "../../plan/awsNotes";
import { allPorts } from "../../services/onHost";
import { securityGroups, type SecurityGroupPlan } from "../../plan/securityGroups";
import type { AwsMachinePlan, AwsRegionPlan, DeploymentPlan, HostPlan } from "../../plan/types";
import { childOf, type Owner } from "../childOf";
import { Ec2Machine } from "./ec2Machine";
import { Ec2Network } from "./ec2Network";

interface Region {
  region: AwsRegionPlan;
  network: Ec2Network;
  groups: SecurityGroupPlan[];
}

/** The AWS regions of a deployment: their networks, one login key for all instances, and the instances. */
export class Ec2Regions {
  /** Logs in to every instance; absent where there is none. */
  readonly loginKey: tls.PrivateKey | undefined;
  /** To depend on: everything that the regions share, and the key. */
  readonly shared: pulumi.Resource[] = [];
  private readonly regions = new Map<string, Region>();

  constructor(
    private readonly plan: DeploymentPlan,
    private readonly recorderProfile: pulumi.Input<string> | undefined,
    provider: aws.Provider | undefined,
    private readonly owner: Owner,
  ) {
    if (provider === undefined || plan.awsRegions.length === 0) return;
    const loginKey = new tls.PrivateKey(
      `${owner.name}-aws-login-key`,
      { algorithm: "ED25519" },
      childOf(owner.parent),
    );
    this.loginKey = loginKey;
    this.shared.push(loginKey);
    for (const region of plan.awsRegions) {
      const groups = securityGroups(plan, region, allPorts());
      const args = {
        domain: plan.names.domain,
        region,
        groups,
        types: typesOf(plan, region.name),
        loginKey,
        provider,
      };
      const network = new Ec2Network(`${owner.name}-${region.name}-network`, args, {
        parent: owner.parent,
      });
      this.shared.push(network);
      this.regions.set(region.name, { region, network, groups });
    }
  }

  /** The instance of a host. */
  machine(host: HostPlan, machine: AwsMachinePlan): Ec2Machine {
    const found = this.regions.get(host.region);
    if (found === undefined || this.loginKey === undefined)
      throw new Error(`the plan has no AWS region ${host.region}`);
    const { region, network } = found;
    const { loginKey } = this;
    const domain = this.plan.names.domain;
    const profile = host.roles.includes("recorder") ? this.recorderProfile : undefined;
    const { name, parent } = this.owner;
    return new Ec2Machine(
      `${name}-${host.id}-machine`,
      {
        ...{ domain, host, machine, region, network, loginKey },
        ...(profile !== undefined && { profile }),
      },
      { parent },
    );
  }

  /** Lets hosts in that are let in one by one. `addressOf`: the public address of a host of the deployment. */
  allowHosts(addressOf: (hostId: string) => pulumi.Input<string>): void {
    for (const { network, groups } of this.regions.values()) {
      for (const { role, ingress } of groups) {
        for (const rule of ingress)
          if ("hostId" in rule.source) network.allow(role, rule, addressOf(rule.source.hostId));
      }
    }
  }
}
