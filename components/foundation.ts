import { moderatorsOf } from "../services/prosody/access";
import { argumentsOf } from "./arguments";
import type { AudioMeetArgs } from "./audioMeetArgs";
import { CertificateAuthority } from "./certificateAuthority";
import { childOf, type Owner } from "./childOf";
import { Credentials } from "./credentials";
import { deploymentOf, type Deployment } from "./deployment";
import type { Machine, MachineMakers } from "./machines";

/** A deployment as the program describes it, or one that was made before and is handed on. */
export type Described = (AudioMeetArgs | { deployment: Deployment }) & {
  /** The core's machine, if it is not the one that the description says. */
  machine?: Machine;
  /** Who makes the machines of providers that are neither EC2 nor servers that exist. */
  makers?: MachineMakers;
};

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
  if ("deployment" in described) return described.deployment;
  const args = { ...described };
  // What is handed in beside the description.
  delete args.machine;
  delete args.makers;
  return argumentsOf(args, described.makers);
}

/** The foundation, as children of `owner`. */
export function foundationOf(read: ReturnType<typeof readDescription>, owner: Owner): Foundation {
  const { plan } = read;
  const child = childOf(owner.parent);
  return {
    deployment: "machines" in read ? read : deploymentOf(read, owner),
    authority: new CertificateAuthority(`${owner.name}-authority`, { domain: plan.names.domain }, child),
    credentials: new Credentials(`${owner.name}-credentials`, plan.secrets, moderatorsOf(plan), child),
  };
}
