/** Where participants and bridges reach the deployment. */
export interface Endpoints {
  /** The participants' door to the main Prosody. */
  websocket: string;
  /** The bridges' door to prosody-jvb. */
  prosodyJvb: string;
  /** Each bridge's door for media, UDP. */
  media: string[];
  /** The URLs of TURN, where it is enabled. */
  turn?: string[];
}

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
  capacity: BridgeCapacity;
}

/** Participants that all bridges carry. */
export interface Capacity {
  participants: number;
  /** What is left when the largest bridge fails. */
  afterLossOfLargest: number;
  /** What the expected audience would miss, in words. */
  warnings: string[];
}

/** How a host is, by its last verification. */
export interface HostHealth {
  healthy: boolean;
  /** When that was asked, ISO 8601. */
  asOf: string;
  /** How many checks it rests on. */
  checks: number;
  /** Those that do not hold, each with what was found. */
  broken?: string[];
  /** Files of ours that somebody changed since they were applied. */
  edited?: string[];
}
