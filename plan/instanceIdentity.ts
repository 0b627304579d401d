import { instanceType } from "../facts/instanceTypes";
import type { AwsMachinePlan, AwsRegionPlan, HostPlan } from "./types";

/** Canonical's image that a new instance gets. */
export interface ImageChoice {
  ubuntu: AwsRegionPlan["ubuntu"];
  architecture: "amd64" | "arm64";
}

/** Which image of Ubuntu an instance asks for; undefined where the config names one. */
export function imageChoice(machine: AwsMachinePlan, region: AwsRegionPlan): ImageChoice | undefined {
  if (region.image !== undefined) return undefined;
  return { ubuntu: region.ubuntu, architecture: instanceType(machine.instanceType).architecture };
}

/**
 * Whether a new instance takes over the elastic address of the old one. Names, certificates and all bridges resolve to the core's
 * address, and Prometheus is asked for at its own. Any other machine is emptied at its old address while the new one works.
 */
export function keepsAddress({ roles }: Pick<HostPlan, "roles">): boolean {
  return roles.includes("core") || roles.includes("monitoring");
}

/**
 * What makes a machine another machine: where it differs, a new instance with a new host key takes the place of the old one.
 * Another type of the same architecture only stops and starts the core; a bridge is emptied instead, beside its successor.
 */
export function instanceIdentity(host: HostPlan, machine: AwsMachinePlan, region: AwsRegionPlan): string {
  const { architecture } = instanceType(machine.instanceType);
  return [
    `generation ${machine.generation}`,
    region.image ?? `ubuntu ${region.ubuntu}`,
    keepsAddress(host) ? architecture : machine.instanceType,
    region.network?.subnet ?? ["own network", region.zone].filter((word) => word !== undefined).join(" in "),
  ].join(", ");
}
