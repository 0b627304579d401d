import * as pulumi from "@pulumi/pulumi";
import {
  protectionErrors,
  protectionRefusal,
  machineRecords,
  type MachineRecords,
} from "../plan/protectedMachines";
import type { DeploymentPlan } from "../plan/types";
import type { Owner } from "./childOf";
import { refusal } from "./refusal";

/** Its name is what the engine quotes when it refuses a destroy, so it says the way out. */
const SEAL = "set-terminationProtection-to-false-and-run-pulumi-up-before-this";

/** What the engine answers when it is asked for the outputs of a stack; the same question is behind `pulumi.StackReference`. */
interface StackOutputs {
  outputs: { instances?: MachineRecords };
}

/**
 * Refuses a change that would end a machine under termination protection, before the run has asked for anything. What there is says the
 * output `instances` of the last `up` that ended well.
 */
export async function refuseToEndProtected(plan: DeploymentPlan): Promise<void> {
  const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  const { outputs } = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", {
    name,
  })) as StackOutputs;
  const before = outputs.instances ?? {};
  const errors = protectionErrors(before, machineRecords(plan));
  if (errors.length > 0) throw refusal(protectionRefusal(before, errors));
}

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
