import { packagesFor } from "../services/onHost";
import { hostPlanOf } from "../services/roles";
import { trustGroup } from "../services/trust";
import type { Owner } from "./childOf";
import { ManagedHost, type HostLogin } from "./host";
import { hostSecrets } from "./hostSecrets";
import type { JitsiCore } from "./jitsiCore";
import type { Machine } from "./machines";
import { addMetrics, metricsCertificate } from "./metrics";

/** A host beside the core: it trusts the core's authority, and serves nobody under a certificate but the one who reads its metrics. */
export interface RoleHostArgs {
  core: JitsiCore;
  /** The machine, if it is not the one that the deployment's description says. */
  machine?: Machine;
}

/** The host of one role, with the secrets that the role needs and its login; everything but the role's own files is there. */
export function roleHost(
  id: string,
  { core, machine }: RoleHostArgs,
  owner: Owner,
  login?: HostLogin,
): ManagedHost {
  const { plan, plans, machines, secrets } = core.deployment;
  const metrics = metricsCertificate(core.authority, plan, id);
  const known = { ...secrets, ...core.credentials.known, metricsKeyPem: metrics?.keyPem };
  const host = new ManagedHost(owner, {
    ...{ id, plans },
    machine: machines.of(id, machine),
    packages: packagesFor(plan, hostPlanOf(plan, id)),
    secrets: hostSecrets(plan, id, known),
    trust: core.authority.caPem.apply((caPem) => trustGroup(plan, id, { caPem })),
    ...(login && { login }),
  });
  addMetrics(host, metrics, owner);
  return host;
}
