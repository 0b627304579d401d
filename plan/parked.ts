import { hostPlanOf } from "./hosts";
import type { DeploymentPlan, VideobridgePlan } from "./types";

type Bridges = Pick<DeploymentPlan, "videobridges">;

/** The bridges that take participants. */
export function inService({ videobridges }: Bridges): VideobridgePlan[] {
  return videobridges.filter(({ parked }) => parked !== true);
}

/** The same of the outputs' bridges, by id. */
export function servingById<Bridge extends { parked?: boolean }>(
  bridges: Record<string, Bridge>,
): Record<string, Bridge> {
  return Object.fromEntries(Object.entries(bridges).filter(([, { parked }]) => parked !== true));
}

/** Whether the bridge of a host, if it has one, is out of service. */
export function isParked({ videobridges }: Bridges, hostId: string): boolean {
  return videobridges.some((bridge) => bridge.hostId === hostId && bridge.parked === true);
}

/**
 * Whether the machine of a host is one of ours at EC2, for a bridge alone that may be parked: then it is switched off and on with its
 * bridge.
 */
export function hasSwitch(plan: DeploymentPlan, hostId: string): boolean {
  const { machine, roles } = hostPlanOf(plan, hostId);
  const isOfBridge = machine.provider === "aws" && roles.every((role) => role === "videobridge");
  return (
    isOfBridge && plan.videobridges.some((bridge) => bridge.hostId === hostId && bridge.parked !== undefined)
  );
}

/** Whether the machine of a host is off, because the bridge that it is for is parked. */
export function isAsleep(plan: DeploymentPlan, hostId: string): boolean {
  return isParked(plan, hostId) && hasSwitch(plan, hostId);
}

/** The same deployment with every bridge in service; undefined where none is parked. */
export function allAwake<Plan extends Bridges>(plan: Plan): Plan | undefined {
  if (inService(plan).length === plan.videobridges.length) return undefined;
  const videobridges = plan.videobridges.map((bridge) => ({ ...bridge, parked: false }));
  return { ...plan, videobridges };
}
