import * as pulumi from "@pulumi/pulumi";
import { packagesFor } from "../services/packages";
import { publicNames } from "../plan/turn";
import type { DeploymentPlan, HostPlan } from "../plan/types";
import { daemonAccounts } from "../services/groups";
import { certificateGroup, certificateManifest } from "../services/certificate";
import { coturnGroup } from "../services/coturn";
import { jicofoGroup } from "../services/jicofo";
import { meetGroup } from "../services/meet";
import { nginxGroup } from "../services/nginx";
import { secretGroup } from "../services/secrets";
import { trustGroup } from "../services/trust";
import { BROWSERS, type CertificateAuthority, type ServerCertificate } from "./certificateAuthority";
import type { ConfigSecrets } from "./configSecrets";
import type { Credentials } from "./credentials";
import { ManagedHost } from "./host";
import type { Machine } from "./machines";
import type { Plans } from "./plans";
import { addMetrics, metricsCertificate } from "./metrics";
import { ProsodyPair, prosodyCertificates } from "./prosodyPair";

export interface JitsiCoreArgs {
  plans: Plans;
  hostPlan: HostPlan;
  machine: Machine;
  authority: CertificateAuthority;
  credentials: Credentials;
  secrets: ConfigSecrets;
}

/** The core: both Prosodys, jicofo, and nginx with the page. */
export class JitsiCore extends pulumi.ComponentResource {
  readonly host: ManagedHost;
  /** Everything on the core but the bridge that may live on it; to depend on. */
  readonly ready: pulumi.Resource;
  private readonly plan: DeploymentPlan;

  constructor(name: string, args: JitsiCoreArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plans, hostPlan, machine, authority, credentials } = args;
    const { plan } = plans;
    super("jitsi:index:JitsiCore", name, { domain: plan.names.domain, region: hostPlan.region }, opts);
    this.plan = plan;
    const { main, tech } = prosodyCertificates(authority, plan);
    const web = participantCertificate(plan, authority, args.secrets);

    const metrics = metricsCertificate(authority, plan, name);

    this.host = new ManagedHost(
      name,
      {
        plans,
        machine,
        packages: packagesFor(plan, hostPlan),
        secrets: pulumi
          .all([
            pulumi.all({
              focusClient: credentials.focusClient,
              focusService: credentials.focusService,
              turn: credentials.turn,
              ...credentials.recorders,
              mainKeyPem: main.keyPem,
              techKeyPem: tech.keyPem,
              webKeyPem: web.keyPem,
              ...(args.secrets.acmeEabKey && { acmeEabKey: args.secrets.acmeEabKey }),
            }),
            credentials.moderators,
            args.secrets.tokenSecret,
            metrics?.keyPem,
          ])
          .apply(([values, moderators, token, metricsKeyPem]) =>
            secretGroup(plan, hostPlan.id, { ...values, moderators, tokenSecret: token, metricsKeyPem }),
          ),
        trust: pulumi
          .all([authority.caPem, main.certPem, tech.certPem, web.certPem])
          .apply(([caPem, mainCertPem, techCertPem, webCertPem]) =>
            trustGroup(plan, hostPlan.id, { caPem, mainCertPem, techCertPem, webCertPem }),
          ),
      },
      { parent: this },
    );
    new ProsodyPair(`${name}-prosody`, { plan, host: this.host }, { parent: this });
    this.host.addFiles(jicofoGroup, this);
    if (plan.turn) this.host.addFiles(coturnGroup, this);
    // Participants last: the door opens when there is somebody behind it.
    this.host.addFiles(meetGroup, this);
    const page = this.host.addFiles(nginxGroup, this);
    this.ready = addMetrics(this.host, metrics, this) ?? page;
    this.registerOutputs({});
  }

  /** Deletes the accounts of passwords before a rotation; `after`: all who may have used them are logged in anew. */
  dropFormerAccounts(after: pulumi.Resource[]): pulumi.Resource {
    return this.host.dropFormerAccounts(daemonAccounts(this.plan), this, [this.ready, ...after]);
  }

  /**
   * Has the certificate issued and renewed, where an authority does that; last, so that all else stands if it refuses. `records`:
   * what leads the authority here, if the program makes it.
   */
  certify(records: pulumi.Resource[]): pulumi.Resource[] {
    if (this.plan.certificate.kind !== "acme") return [];
    return [
      this.host.addFiles(certificateGroup, this),
      this.host.issueCertificate(certificateManifest, this, records),
    ];
  }
}

/** What participants see: the operator's own certificate, or one of our authority, which is there until another one issues. */
function participantCertificate(
  plan: DeploymentPlan,
  authority: CertificateAuthority,
  { certificateKey }: ConfigSecrets,
): ServerCertificate {
  const { certificate } = plan;
  if (certificate.kind !== "provided") {
    return authority.issue("web", publicNames(plan), BROWSERS);
  }
  if (!certificateKey) throw new Error("config/load.ts lets no provided certificate without a key through");
  return { certPem: pulumi.output(certificate.chain), keyPem: certificateKey };
}
