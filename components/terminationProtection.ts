import * as pulumi from "@pulumi/pulumi";
import {
  machineRecords,
  protectionErrors,
  protectionRefusal,
  type MachineRecords,
} from "../plan/protectedMachines";
import type { DeploymentPlan } from "../plan/types";

/** Its name is what the engine quotes when it refuses a destroy, so it says the way out. */
const SEAL = "set-terminationProtection-to-false-and-run-pulumi-up-before-this";

/**
 * Refuses, before anything else of the run, a change that would end a machine under termination protection: the state keeps which
 * machines there are, and the engine shows both what it keeps and what is wanted. Resolves when the change may be made.
 */
export async function refuseToEndProtected(plan: DeploymentPlan): Promise<void> {
  const guard = new pulumi.Stash(
    "machines",
    { input: machineRecords(plan) },
    {
      hooks: {
        beforeUpdate: [new pulumi.ResourceHook("termination-protection", compare, { onDryRun: true })],
      },
    },
  );
  await new Promise<void>((resolve) =>
    guard.urn.apply(() => {
      resolve();
    }),
  );
}

function compare({ oldInputs, newInputs }: pulumi.ResourceHookArgs): void {
  const [before, after] = [recordsIn(oldInputs), recordsIn(newInputs)];
  const errors = protectionErrors(before, after);
  if (errors.length > 0) throw new Error(protectionRefusal(before, errors));
}

function recordsIn(inputs: unknown): MachineRecords {
  return (inputs as { input: MachineRecords }).input;
}

/**
 * Keeps a destroy from touching anything while a machine is under termination protection: it depends on `everything`, so that it
 * goes first, and the engine leaves alone what somebody depends on who may not go.
 */
export function sealDeployment(plan: DeploymentPlan, everything: pulumi.Resource[]): void {
  if (plan.awsRegions.length === 0) return;
  const protect = plan.awsRegions.some(({ terminationProtection }) => terminationProtection);
  new pulumi.Stash(SEAL, { input: protect }, { protect, dependsOn: everything });
}
