import type * as aws from "@pulumi/aws";
import { planDeployment } from "../plan/deployment";
import type { DeploymentPlan } from "../plan/types";
import type { Arguments } from "./arguments";
import { awsProvider, needsAws } from "./awsProvider";
import type { Owner } from "./childOf";
import type { ConfigSecrets } from "./configSecrets";
import { Machines } from "./machines";
import { plansOf, type Plans } from "./plans";
import { recordingsOf, type Recordings } from "./recordings";

/** What the components of one deployment share. */
export interface Deployment {
  plan: DeploymentPlan;
  plans: Plans;
  secrets: ConfigSecrets;
  machines: Machines;
  /** Absent where nothing is made at Amazon. */
  provider?: aws.Provider;
  /** Absent where the program makes nothing for recordings. */
  recordings?: Recordings;
}

/** Makes what all hosts of a deployment need, as children of `owner`. */
export function deploymentOf(read: Arguments, owner: Owner): Deployment {
  const { settings, plan, secrets, approved, makers } = read;
  const { name, parent } = owner;
  const provider = needsAws(plan) ? awsProvider(`${name}-aws`, plan.names.domain, parent) : undefined;
  const recordings = recordingsOf(`${name}-recordings`, plan, provider, parent);
  const privateKey = secrets.sshPrivateKey;
  const recorderProfile = recordings?.profile;
  const machines = new Machines(plan, { privateKey, recorderProfile, provider, makers }, owner);
  const plans = plansOf(
    plan,
    (addresses) => planDeployment(settings, addresses),
    (hostId) => machines.assigned(hostId),
    approved,
  );
  return { plan, plans, secrets, machines, ...(provider && { provider }), ...(recordings && { recordings }) };
}
