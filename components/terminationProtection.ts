import * as pulumi from "@pulumi/pulumi";
import type { DeploymentPlan } from "../plan/types";
import type { Owner } from "./childOf";

/** Its name is what the engine quotes when it refuses a destroy, so it says the way out. */
const SEAL = "set-terminationProtection-to-false-and-run-pulumi-up-before-this";

/**
 * Keeps a destroy from touching anything while a machine is under termination protection: it depends on `everything`, so that it
 * goes first, and the engine leaves alone what somebody depends on who may not go.
 */
export function sealDeployment(
  plan: DeploymentPlan,
  { name, parent }: Owner,
  everything: pulumi.Resource[],
): void {
  if (plan.awsRegions.length === 0) return;
  const protect = plan.awsRegions.some(({ terminationProtection }) => terminationProtection);
  new pulumi.Stash(`${name}-${SEAL}`, { input: protect }, { parent, protect, dependsOn: everything });
}
