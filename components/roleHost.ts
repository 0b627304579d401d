import * as pulumi from "@pulumi/pulumi";
import { packagesFor } from "../services/packages";
import { hostPlanOf } from "../services/roles";
import { secretGroup, type SecretValues } from "../services/secrets";
import { trustGroup } from "../services/trust";
import type { Owner } from "./childOf";
import { ManagedHost } from "./host";
import type { JitsiCore } from "./jitsiCore";
import type { Machine } from "./machines";
import { addMetrics, metricsCertificate } from "./metrics";

/** A host beside the core: it trusts the core's authority, and serves nobody under a certificate but the one who reads its metrics. */
export interface RoleHostArgs {
  core: JitsiCore;
  /** The machine, if it is not the one that the deployment's description says. */
  machine?: Machine;
}

/** The host of one role, with the secrets that the role needs; everything but the role's own files is there. */
export function roleHost(
  id: string,
  { core, machine }: RoleHostArgs,
  secrets: Partial<Record<keyof SecretValues, pulumi.Output<string> | undefined>>,
  owner: Owner,
): ManagedHost {
  const { plan, plans, machines } = core.deployment;
  const metrics = metricsCertificate(core.authority, plan, id);
  const host = new ManagedHost(
    owner.name,
    {
      ...{ id, plans },
      machine: machines.of(id, machine),
      packages: packagesFor(plan, hostPlanOf(plan, id)),
      secrets: pulumi
        .all({ ...secrets, metricsKeyPem: metrics?.keyPem })
        .apply((values) => secretGroup(plan, id, values)),
      trust: core.authority.caPem.apply((caPem) => trustGroup(plan, id, { caPem })),
    },
    { parent: owner.parent },
  );
  addMetrics(host, metrics, owner);
  return host;
}
