import type { TotalCapacity } from "../plan/capacity";

export type { Endpoints } from "../plan/endpoints";
export type { HostHealth } from "../services/health";

/** What bounds the participants of a bridge, each in participants; what is not known is left out. */
export interface CapacityBounds {
  /** The cap of jicofo, `maxBridgeParticipants`. */
  configured?: number;
  /** Packets a second, at which a bridge calls itself overloaded. */
  packets?: number;
  /** The cores of its machine. */
  cpu?: number;
  /** The network of its machine. */
  network?: number;
}

/** Participants that a bridge carries. */
export interface BridgeCapacity {
  participants: number;
  /** Which of the bounds is the smallest. */
  boundBy: string;
  bounds: CapacityBounds;
}

/** A bridge. */
export interface Bridge {
  region: string;
  /** How other bridges name it. */
  relayId: string;
  publicAddress: string;
  privateAddress?: string;
  ipv6Address?: string;
  /** It is out of service. */
  parked?: boolean;
  capacity: BridgeCapacity;
}

/** Participants that the bridges in service carry. */
export interface Capacity extends TotalCapacity {
  /** With every parked bridge in service; absent where none is parked. */
  allAwake?: TotalCapacity;
  /** What the expected audience would miss, in words. */
  warnings: string[];
}
