import { hostPlanOf } from "./hosts";
import type { DeploymentPlan, MachineSize, VideobridgePlan } from "./types";

/**
 * Packets a second at which a bridge calls itself overloaded.
 * Source: jitsi-videobridge reference.conf, videobridge.load-management.load-measurements.packet-rate.load-threshold.
 */
const OVERLOAD_PACKETS_PER_SECOND = 50_000;

/** Opus sends one packet each 20 ms (RFC 7587 §4.2, the usual frame), also while somebody is silent. */
const PACKETS_PER_STREAM = 50;

/** With `loudest-only` a listener gets three streams, a fourth while the speakers change. */
const STREAMS_PER_LISTENER = 4;

/** Packets a second to one listener. */
const PACKETS_PER_LISTENER = PACKETS_PER_STREAM * STREAMS_PER_LISTENER;

/** Opus at up to 40 kbit/s plus 50 headers a second (IP, UDP, RTP, SRTP tag: about 50 bytes) makes about 60 kbit/s on the wire. */
const KBPS_PER_STREAM = 60;

/** Kilobits a second to one listener. */
export const KBPS_PER_LISTENER = KBPS_PER_STREAM * STREAMS_PER_LISTENER;

/**
 * Listeners that one core carries. Measured with a real bridge and three talkers (docs/SCALING.md): 50 listeners took 0.57 cores, 60 took
 * 0.68, 100 took 0.87, on cores that other work shared. So 55 keep a core busy to six tenths, which leaves room for joins and for the
 * collector; jicofo's usual cap for large audio rooms, 200 to 250 participants on four cores, is the same.
 */
const PARTICIPANTS_PER_CORE = 55;

/** Cores that both Prosodys and jicofo keep busy while a room fills; a bridge on the core gets the rest, at least one. */
const CORES_FOR_CORE_SERVICES = 2;

/** What may run out first. */
export type Bound = "configured" | "packets" | "cpu" | "network";

/** Participants that a bridge carries, what bounds it, and every bound that is known. */
export interface BridgeCapacity {
  participants: number;
  boundBy: Bound;
  bounds: Partial<Record<Bound, number>>;
}

/**
 * How many listeners of an audio room a bridge carries, and which resource runs out first; a part of the size that is not
 * known bounds nothing.
 */
export function bridgeCapacity(size: Partial<MachineSize>, maxBridgeParticipants: number): BridgeCapacity {
  const bounds: BridgeCapacity["bounds"] = {
    configured: maxBridgeParticipants,
    packets: Math.floor(OVERLOAD_PACKETS_PER_SECOND / PACKETS_PER_LISTENER),
  };
  if (size.cores !== undefined) bounds.cpu = size.cores * PARTICIPANTS_PER_CORE;
  if (size.networkMbps !== undefined)
    bounds.network = Math.floor((size.networkMbps * 1000) / KBPS_PER_LISTENER);
  const known = Object.entries(bounds) as [Bound, number][];
  const [boundBy, participants] = known.reduce((least, bound) => (bound[1] < least[1] ? bound : least));
  return { participants, boundBy, bounds };
}

/** What is left of a machine for its bridge; the core's own services take their part where both share it. */
function sizeForBridge(size: Partial<MachineSize>, isOnCore: boolean): Partial<MachineSize> {
  if (!isOnCore || size.cores === undefined) return size;
  return { ...size, cores: Math.max(1, size.cores - CORES_FOR_CORE_SERVICES) };
}

/** Capacity of all bridges together. */
export interface TotalCapacity {
  participants: number;
  /** What is left when the largest bridge fails. */
  afterLossOfLargest: number;
}

/** Adds bridges up. */
export function totalCapacity(bridges: Pick<BridgeCapacity, "participants">[]): TotalCapacity {
  const each = bridges.map(({ participants }) => participants);
  const participants = each.reduce((sum, one) => sum + one, 0);
  return { participants, afterLossOfLargest: participants - Math.max(0, ...each) };
}

/** Capacity of the bridges in service, and of these with the parked ones. */
export interface CapacityRange {
  inService: TotalCapacity;
  allAwake: TotalCapacity;
}

/** `each`: of every bridge, in the order of the plan. */
export function capacityRange(
  plan: Pick<DeploymentPlan, "videobridges">,
  each: Pick<BridgeCapacity, "participants">[],
): CapacityRange {
  const serving = each.filter((_, index) => plan.videobridges[index]?.parked !== true);
  return { inService: totalCapacity(serving), allAwake: totalCapacity(each) };
}

/** Capacity of one bridge of a plan. `measured` is what was read on its host; sizes of the configuration come first. */
export function capacityOf(
  plan: DeploymentPlan,
  bridge: VideobridgePlan,
  measured: Partial<MachineSize> = {},
): BridgeCapacity {
  const stated = hostPlanOf(plan, bridge.hostId).size;
  const size = sizeForBridge({ ...measured, ...stated }, bridge.hostId === plan.core.hostId);
  return bridgeCapacity(size, plan.maxBridgeParticipants);
}

/** What the audience would miss with every bridge in service, in one line each; nothing where they suffice. */
export function audienceWarnings(total: TotalCapacity, audienceParticipants: number): string[] {
  const { participants, afterLossOfLargest } = total;
  const advice = "add a bridge, or lower jitsi:audience";
  if (participants < audienceParticipants) {
    return [
      `the bridges carry ${participants} participants, jitsi:audience expects ${audienceParticipants}: ${advice}`,
    ];
  }
  if (afterLossOfLargest === 0 && audienceParticipants > 0) {
    return ["there is one bridge: while it is down, nobody hears anybody; add a bridge"];
  }
  if (afterLossOfLargest < audienceParticipants) {
    return [
      `if the largest bridge fails, the others carry ${afterLossOfLargest} of the ${audienceParticipants} participants of jitsi:audience: ${advice}`,
    ];
  }
  return [];
}
