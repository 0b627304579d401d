import { instanceIdentity } from "./instanceIdentity";
import type { DeploymentPlan } from "./types";

/** What says of an instance whether it is the one that is there, by the words of the config. */
export interface MachineRecord {
  /** Name of its region in the config. */
  region: string;
  isProtected: boolean;
  /** Whatever differs here makes another instance, in words. */
  identity: string;
}

/** The instances of a deployment, by host. */
export type MachineRecords = Record<string, MachineRecord>;

/** All EC2 instances that a plan asks for. */
export function machineRecords({ hosts, awsRegions }: DeploymentPlan): MachineRecords {
  return Object.fromEntries(
    hosts.flatMap((host): [string, MachineRecord][] => {
      const region = awsRegions.find(({ name }) => name === host.region);
      if (region === undefined || host.machine.provider !== "aws") return [];
      const identity = `${instanceIdentity(host, host.machine, region)}, ${region.awsRegion}`;
      return [[host.id, { region: region.name, isProtected: region.terminationProtection, identity }]];
    }),
  );
}

/**
 * Why a change may not be made: it ends instances under termination protection. Empty where it ends none. One that stays in the
 * config without protection may be replaced in the same run; one that is gone from it may not, since nothing has said so.
 */
export function protectionErrors(before: MachineRecords, after: MachineRecords): string[] {
  return Object.entries(before).flatMap(([id, was]) => {
    if (!was.isProtected) return [];
    const now = after[id];
    if (now === undefined)
      return [`${id} was removed from the region ${was.region}; its machine would be terminated.`];
    const isOther = now.region !== was.region || now.identity !== was.identity;
    if (!isOther || !now.isProtected) return [];
    const change = now.region === was.region ? differing(was.identity, now.identity) : `region ${now.region}`;
    return [`${id} would become another machine (${change}); the old one would be terminated.`];
  });
}

/** The parts of an identity that differ: "c7i.2xlarge instead of c7i.xlarge". */
function differing(was: string, now: string): string {
  const olds = was.split(", ");
  const changes = now
    .split(", ")
    .flatMap((part, at) => (part === olds[at] ? [] : [`${part} instead of ${olds[at] ?? "nothing"}`]));
  return changes.join(", ");
}

/** The refusal as an operator reads it. */
export function protectionRefusal(before: MachineRecords, errors: string[]): string {
  const regions = [
    ...new Set(Object.values(before).flatMap(({ region, isProtected }) => (isProtected ? [region] : []))),
  ];
  return [
    `Termination protection is on (machines.terminationProtection: true of ${regions.join(", ")}), and this change would terminate machines; nothing was changed:`,
    ...errors.map((error) => `  ${error}`),
    "To make the change: undo it, set terminationProtection: false for the region, and run pulumi up. Then make the change and run pulumi up. Then set it to true again.",
  ].join("\n");
}
