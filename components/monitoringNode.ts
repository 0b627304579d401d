import * as pulumi from "@pulumi/pulumi";
import { prometheusGroup } from "../services/prometheus";
import { verificationOf } from "../services/verification";
import type { ConfigSecrets } from "./configSecrets";
import { Verification } from "./host";
import { roleHost, type RoleHostArgs } from "./roleHost";

export interface MonitoringNodeArgs extends RoleHostArgs {
  secrets: ConfigSecrets;
  /** What must be in place before every target can be read. */
  after: pulumi.Resource[];
}

/** The machine with Prometheus and Alertmanager: reads every host, judges by the rules, tells the operators. */
export class MonitoringNode extends pulumi.ComponentResource {
  readonly verification: Verification;

  constructor(name: string, args: MonitoringNodeArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plans, hostPlan, secrets, after } = args;
    super("jitsi:index:MonitoringNode", name, { region: hostPlan.region }, opts);
    const host = roleHost(name, args, { mailPassword: secrets.mailPassword }, this);
    const files = host.addFiles(prometheusGroup, this);
    this.verification = new Verification(
      `${name}-verification`,
      { host, plans, checksOf: (known) => verificationOf(known, hostPlan.id), after: [files, ...after] },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
