/** What a rehearsal measures. The meaning of a crowd's figures stands in rehearse/internal/crowd/report.go. */

/** Where durations lie, in seconds. */
export interface Spread {
  count: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

/** One second of a rehearsal. */
export interface Second {
  second: number;
  linked: number;
  silent: number;
  packets: number;
  delayP50: number;
  delayP95: number;
  delayWorst: number;
}

/** One participant. */
export interface Person {
  number: number;
  bridge: { address: string; region: string };
  failure?: string;
  firstSound: number;
  heardTurns: number;
  heardBy: number;
  spoke: boolean;
  hasChannel: boolean;
  silence: number;
  longestGap: number;
  /** How often somebody was thrown out and came again. */
  returns?: number;
  /** Of over 0.2 s: when it ended, in seconds after the start, and how long it was. */
  silences?: { end: number; length: number }[];
}

/** What the crowd heard. */
export interface Crowd {
  participants: number;
  talkers: number;
  turnSeconds: number;
  holdSeconds: number;
  linked: number;
  failures: Record<string, number>;
  joined: Spread;
  connected: Spread;
  firstSound: Spread;
  invitations: number;
  returns: number;
  turns: number;
  sentPackets: number;
  packets: number;
  missing: number;
  /** Packets that came by two bridges: who moves is heard by both for some seconds. */
  twice: number;
  loss: number;
  unnamed: number;
  strange: number;
  wrongTone: number;
  delay: Spread;
  onset: Spread;
  gaps: Spread;
  silentShare: number;
  heardTurns: number;
  expected: number;
  sendLateness: Spread;
  bridges: Record<string, number>;
  people: Person[];
  samples: Second[];
  started: string;
  allIn: number;
}

/** What a daemon with all its processes has used since it started, and holds now. */
export interface Usage {
  cpuSeconds: number;
  memoryKilobytes: number;
  /** Open files and connections. */
  files: number;
}

/** A bridge's own statistics (/colibri/stats), as far as they matter here. */
interface BridgeStatistics {
  endpoints: number;
  packetsInPerSecond: number;
  packetsOutPerSecond: number;
  kilobitsOutPerSecond: number;
  stress: number;
}

/** One look at a host (hostSampler.py). Seconds of CPU are of all cores together, since the host started. */
export interface Look {
  /** Milliseconds since 1970, by the clock of who looks. */
  at: number;
  units: Record<string, Usage>;
  busySeconds: number;
  /** Kept by a hypervisor for others. */
  stealSeconds: number;
  cores: number;
  bridge?: BridgeStatistics;
}

/** A command that ran while the crowd was there. */
export interface During {
  command: string;
  code: number;
  /** Seconds after the start of the crowd. */
  from: number;
  to: number;
}

/** A rehearsal as it is kept. */
export interface Rehearsal {
  deployment: string;
  label: string;
  /** The machine that the crowd came from. */
  machine: string;
  crowd: Crowd;
  during?: During;
  hosts: Record<string, Look[]>;
}
