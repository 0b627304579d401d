import * as pulumi from "@pulumi/pulumi";
import { packagesFor } from "../plan/versions";
import type { HostPlan } from "../plan/types";
import { prometheusGroup } from "../services/prometheus";
import { secretGroup } from "../services/secrets";
import { trustGroup } from "../services/trust";
import { verificationOf } from "../services/verification";
import type { CertificateAuthority } from "./certificateAuthority";
import { ManagedHost, Verification } from "./host";
import type { Machine } from "./machines";
import { addMetrics, metricsCertificate } from "./metrics";
import type { Plans } from "./plans";

export interface MonitoringNodeArgs {
  plans: Plans;
  hostPlan: HostPlan;
  machine: Machine;
  authority: CertificateAuthority;
  /** What must be in place before every target can be read. */
  after: pulumi.Resource[];
}

/** The machine with Prometheus and Alertmanager: reads every host, judges by the rules, tells the operators. */
export class MonitoringNode extends pulumi.ComponentResource {
  readonly verification: Verification;

  constructor(name: string, args: MonitoringNodeArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plans, hostPlan, machine, authority, after } = args;
    const { plan } = plans;
    super("jitsi:index:MonitoringNode", name, { region: hostPlan.region }, opts);
    const metrics = metricsCertificate(authority, plan, hostPlan.id);
    const host = new ManagedHost(
      name,
      {
        plans,
        machine,
        packages: packagesFor(plan, hostPlan),
        secrets: pulumi
          .all({ metricsKeyPem: metrics?.keyPem })
          .apply((values) => secretGroup(plan, hostPlan.id, values)),
        trust: authority.caPem.apply((caPem) => trustGroup(plan, hostPlan.id, { caPem })),
      },
      { parent: this },
    );
    addMetrics(host, metrics, this);
    const files = host.addFiles(prometheusGroup, this);
    this.verification = new Verification(
      `${name}-verification`,
      { host, plans, checksOf: (known) => verificationOf(known, hostPlan.id), after: [files, ...after] },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
