import type * as pulumi from "@pulumi/pulumi";
import type { DeploymentPlan } from "../plan/types";
import { metrics, metricsName, metricsTrustGroup } from "../services/metrics";
import type { CertificateAuthority, ServerCertificate } from "./certificateAuthority";
import type { Owner } from "./childOf";
import type { ManagedHost } from "./host";

/** The certificate of a host's door to its metrics, with a key of its own; undefined where nobody monitors. */
export function metricsCertificate(
  authority: CertificateAuthority,
  plan: DeploymentPlan,
  hostId: string,
): ServerCertificate | undefined {
  return plan.monitoring && authority.issue(`metrics-${hostId}`, [metricsName(plan)]);
}

/**
 * Brings exporters and the door to them to a host. Returns the step, to depend on; undefined where nobody monitors. The
 * certificate is a group of its own: when monitoring ends, it goes after the door that shows it.
 */
export function addMetrics(
  host: ManagedHost,
  certificate: ServerCertificate | undefined,
  owner: Owner,
): pulumi.Resource | undefined {
  if (certificate === undefined) return undefined;
  host.addMade("metrics-trust", certificate.certPem.apply(metricsTrustGroup), owner);
  return host.addService(metrics, owner);
}
