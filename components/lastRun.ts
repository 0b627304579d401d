import * as pulumi from "@pulumi/pulumi";
import { protectionErrors, protectionRefusal, machineRecords } from "../plan/protectedMachines";
import type { DeploymentPlan } from "../plan/types";
import { switchErrors, switchRefusal, type LastRun } from "../services/switches";
import { refusal } from "./refusal";

/** What the engine answers when it is asked for the outputs of a stack; the same question is behind `pulumi.StackReference`. */
interface StackOutputs {
  outputs: LastRun;
}

/**
 * Refuses a change that the machines of the last `up` do not bear, before the run has asked for anything: it would end one that is under
 * termination protection, or log in to one that is off. What there is say the outputs of the last `up` that ended well.
 */
export async function refuseAfterLastRun(plan: DeploymentPlan): Promise<void> {
  const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  const { outputs } = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", {
    name,
  })) as StackOutputs;
  const { instances = {} } = outputs;
  const ending = protectionErrors(instances, machineRecords(plan));
  if (ending.length > 0) throw refusal(protectionRefusal(instances, ending));
  const off = switchErrors(outputs, plan);
  if (off.length > 0) throw refusal(switchRefusal(off));
}
