import * as pulumi from "@pulumi/pulumi";
import type { HostHealth } from "../services/health";
import { roleServices } from "../services/onHost";
import { hostPlanOf } from "../services/roles";
import { Verification } from "./host";
import { roleHost, type RoleHostArgs } from "./roleHost";

export interface MonitoringNodeArgs extends RoleHostArgs {
  /** Id of the host in the plan. */
  id: string;
  /** What must be in place before every target can be read. */
  after: pulumi.Resource[];
}

/** The machine with Prometheus and Alertmanager: reads every host, judges by the rules, tells the operators. */
export class MonitoringNode extends pulumi.ComponentResource {
  /** What its verification found. */
  readonly health: pulumi.Output<HostHealth>;

  constructor(name: string, args: MonitoringNodeArgs, opts?: pulumi.ComponentResourceOptions) {
    const { core, id, after } = args;
    const { plan } = core.deployment;
    super("jitsi:index:MonitoringNode", name, { region: hostPlanOf(plan, id).region }, opts);
    const owner = { name, parent: this };
    const host = roleHost(id, args, owner);
    const own = roleServices(plan, id, "monitoring");
    const files = own.map((service) => host.addService(service, owner));
    this.health = new Verification(owner, host, [...files, ...after]).health;
    this.registerOutputs({ health: this.health });
  }
}
