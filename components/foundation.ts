import { moderatorsOf } from "../services/prosody/access";
import { argumentsOf } from "./arguments";
import type { AudioMeetArgs } from "./audioMeetArgs";
import { CertificateAuthority } from "./certificateAuthority";
import { childOf, type Owner } from "./childOf";
import { Credentials } from "./credentials";
import { deploymentOf, type Deployment } from "./deployment";

/** A deployment as the program describes it, or one that was made before and is handed on. */
export type Described = AudioMeetArgs | { deployment: Deployment };

/** What everything on a core, and every host beside it, rests on. */
export interface Foundation {
  deployment: Deployment;
  /** Signs what our own daemons show each other. */
  authority: CertificateAuthority;
  /** The generated passwords. */
  credentials: Credentials;
}

/** What is known before anything is made; throws one error that names every mistake of a description. */
export function readDescription(described: Described) {
  return "deployment" in described ? described.deployment : argumentsOf(described);
}

/** The foundation, as children of `owner`. */
export function foundationOf(read: ReturnType<typeof readDescription>, owner: Owner): Foundation {
  const { plan } = read;
  const child = childOf(owner.parent);
  return {
    deployment: "machines" in read ? read : deploymentOf(read, owner),
    authority: new CertificateAuthority(`${owner.name}-authority`, { domain: plan.names.domain }, child),
    credentials: new Credentials(`${owner.name}-credentials`, plan, moderatorsOf(plan), child),
  };
}
