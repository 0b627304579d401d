import * as pulumi from "@pulumi/pulumi";
import type { DeploymentPlan } from "../plan/types";
import type { FileGroup } from "../services/manifest";
import { secretGroup, secretNames } from "../services/onHost";

/** Secrets by the names that services know them by. */
export type KnownSecrets = Readonly<Record<string, pulumi.Output<string> | undefined>>;

/** The secrets that the services of a host ask for, in their files. `known`: of the deployment, those of other hosts as well. */
export function hostSecrets(
  plan: DeploymentPlan,
  hostId: string,
  known: KnownSecrets,
): pulumi.Output<FileGroup> {
  const wanted = secretNames(plan, hostId).map((name) => [name, known[name]] as const);
  return pulumi.all(Object.fromEntries(wanted)).apply((values) => secretGroup(plan, hostId, values));
}
