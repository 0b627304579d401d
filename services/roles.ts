import type { DeploymentPlan, VideobridgePlan } from "../plan/types";

/** What runs on a host: the core, a bridge, or both. */
export function hostRoles(
  plan: DeploymentPlan,
  hostId: string,
): { isCore: boolean; bridge?: VideobridgePlan } {
  if (!plan.hosts.some((host) => host.id === hostId)) throw new Error(`the plan has no host ${hostId}`);
  const bridge = plan.videobridges.find((candidate) => candidate.hostId === hostId);
  return { isCore: hostId === plan.core.hostId, ...(bridge && { bridge }) };
}
