import * as pulumi from "@pulumi/pulumi";
import { publicNames } from "../plan/turn";
import type { DeploymentPlan } from "../plan/types";
import { packagesFor } from "../services/onHost";
import { hostPlanOf } from "../services/roles";
import { trustGroup } from "../services/trust";
import { BROWSERS, type CertificateAuthority, type ServerCertificate } from "./certificateAuthority";
import type { Owner } from "./childOf";
import type { ConfigSecrets } from "./configSecrets";
import type { Foundation } from "./foundation";
import { ManagedHost } from "./host";
import { hostSecrets } from "./hostSecrets";
import type { Machine } from "./machines";
import { metricsCertificate } from "./metrics";

/** The certificates that the Prosodys show. */
export interface ProsodyCertificates {
  main: ServerCertificate;
  tech: ServerCertificate;
  /** Of the nodes, where there are visitors. */
  visitors: ServerCertificate | undefined;
}

/** The host of a core and the certificate of the door to its metrics, if somebody monitors. */
export interface CoreHost {
  host: ManagedHost;
  metrics: ServerCertificate | undefined;
}

/** The core's host with its packages, secrets and certificates; no daemon is set up yet. `machine`: one that the program brings. */
export function coreHost(
  { deployment, authority, credentials }: Foundation,
  prosody: ProsodyCertificates,
  owner: Owner,
  machine?: Machine,
): CoreHost {
  const { plan, plans, secrets, machines } = deployment;
  const id = plan.core.hostId;
  const web = participantCertificate(plan, authority, secrets);
  const metrics = metricsCertificate(authority, plan, id);
  const host = new ManagedHost(owner, {
    ...{ id, plans },
    machine: machines.of(id, machine),
    packages: packagesFor(plan, hostPlanOf(plan, id)),
    secrets: hostSecrets(plan, id, {
      ...secrets,
      ...credentials.known,
      mainKeyPem: prosody.main.keyPem,
      techKeyPem: prosody.tech.keyPem,
      visitorsKeyPem: prosody.visitors?.keyPem,
      webKeyPem: web.keyPem,
      metricsKeyPem: metrics?.keyPem,
    }),
    trust: pulumi
      .all([
        ...([authority.caPem, prosody.main.certPem, prosody.tech.certPem, web.certPem] as const),
        prosody.visitors?.certPem,
      ])
      .apply(([caPem, mainCertPem, techCertPem, webCertPem, visitorsCertPem]) =>
        trustGroup(plan, id, {
          ...{ caPem, mainCertPem, techCertPem, webCertPem },
          ...(visitorsCertPem !== undefined && { visitorsCertPem }),
        }),
      ),
  });
  return { host, metrics };
}

/** What participants see: the operator's own certificate, or one of our authority, which is there until another one issues. */
function participantCertificate(
  plan: DeploymentPlan,
  authority: CertificateAuthority,
  { certificateKey }: ConfigSecrets,
): ServerCertificate {
  const { certificate } = plan;
  if (certificate.kind !== "provided")
    return authority.issue("web", publicNames(plan), { validity: BROWSERS });
  if (!certificateKey) throw new Error("config/load.ts lets no provided certificate without a key through");
  return { certPem: pulumi.output(certificate.chain), keyPem: certificateKey };
}
