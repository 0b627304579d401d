import * as pulumi from "@pulumi/pulumi";
import type { DeploymentPlan } from "../plan/types";
import { mainCertificateNames, prosodyGroup } from "../services/prosody";
import { prosodyJvbGroup, techCertificateNames } from "../services/prosodyJvb";
import type { CertificateAuthority, ServerCertificate } from "./certificateAuthority";
import type { ManagedHost } from "./host";

export interface ProsodyPairArgs {
  plan: DeploymentPlan;
  host: ManagedHost;
}

/** Both Prosodys of a core: the main one for participants and jicofo, prosody-jvb for bridges and jicofo. */
export class ProsodyPair extends pulumi.ComponentResource {
  constructor(name: string, args: ProsodyPairArgs, opts?: pulumi.ComponentResourceOptions) {
    const { plan, host } = args;
    super("jitsi:index:ProsodyPair", name, { domain: plan.names.domain, techDomain: plan.names.tech }, opts);
    host.addFiles(prosodyGroup, this);
    host.addFiles(prosodyJvbGroup, this);
    this.registerOutputs({});
  }
}

/** The certificates that both instances show: jicofo and the bridges verify them by XMPP domain. */
export function prosodyCertificates(
  authority: CertificateAuthority,
  { names }: DeploymentPlan,
): { main: ServerCertificate; tech: ServerCertificate } {
  return {
    main: authority.issue("main", mainCertificateNames(names)),
    tech: authority.issue("tech", techCertificateNames(names)),
  };
}
