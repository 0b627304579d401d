import type { DeploymentPlan, HostPlan, RecorderPlan, VideobridgePlan } from "../plan/types";

/** The plan of a host; an unknown id is an error. */
export function hostPlanOf(plan: DeploymentPlan, hostId: string): HostPlan {
  const host = plan.hosts.find(({ id }) => id === hostId);
  if (!host) throw new Error(`the plan has no host ${hostId}`);
  return host;
}

/** What runs on a host: the core, a bridge, or both; or a recorder; or none of them, on the machine with Prometheus. */
export function hostRoles(
  plan: DeploymentPlan,
  hostId: string,
): { isCore: boolean; bridge?: VideobridgePlan; recorder?: RecorderPlan } {
  hostPlanOf(plan, hostId);
  const bridge = plan.videobridges.find((candidate) => candidate.hostId === hostId);
  const recorder = plan.recorders.find((candidate) => candidate.hostId === hostId);
  return { isCore: hostId === plan.core.hostId, ...(bridge && { bridge }), ...(recorder && { recorder }) };
}
