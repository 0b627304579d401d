import * as pulumi from "@pulumi/pulumi";
import type { HostPlan } from "../plan/types";
import { packagesFor } from "../services/packages";
import { secretGroup, type SecretValues } from "../services/secrets";
import { trustGroup } from "../services/trust";
import type { CertificateAuthority } from "./certificateAuthority";
import { ManagedHost } from "./host";
import type { Machine } from "./machines";
import { addMetrics, metricsCertificate } from "./metrics";
import type { Plans } from "./plans";

/** A host beside the core: it trusts our authority, and serves nobody under a certificate but the one who reads its metrics. */
export interface RoleHostArgs {
  plans: Plans;
  hostPlan: HostPlan;
  machine: Machine;
  authority: CertificateAuthority;
}

/** The host of one role, with the secrets that the role needs; everything but the role's own files is there. */
export function roleHost(
  name: string,
  { plans, hostPlan, machine, authority }: RoleHostArgs,
  secrets: Partial<Record<keyof SecretValues, pulumi.Output<string> | undefined>>,
  parent: pulumi.Resource,
): ManagedHost {
  const { plan } = plans;
  const metrics = metricsCertificate(authority, plan, hostPlan.id);
  const host = new ManagedHost(
    name,
    {
      plans,
      machine,
      packages: packagesFor(plan, hostPlan),
      secrets: pulumi
        .all({ ...secrets, metricsKeyPem: metrics?.keyPem })
        .apply((values) => secretGroup(plan, hostPlan.id, values)),
      trust: authority.caPem.apply((caPem) => trustGroup(plan, hostPlan.id, { caPem })),
    },
    { parent },
  );
  addMetrics(host, metrics, parent);
  return host;
}
