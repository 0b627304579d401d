import type { DeploymentPlan, RecorderPlan, VideobridgePlan } from "../plan/types";

export { hostPlanOf } from "../plan/hosts";

/** The bridge on a host, if one is there. */
export function bridgeOn({ videobridges }: DeploymentPlan, hostId: string): VideobridgePlan | undefined {
  return videobridges.find((bridge) => bridge.hostId === hostId);
}

/** The recorder on a host, if one is there. */
export function recorderOn({ recorders }: DeploymentPlan, hostId: string): RecorderPlan | undefined {
  return recorders.find((recorder) => recorder.hostId === hostId);
}
