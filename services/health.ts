import type { HealthSummary } from "./manifest";

/** The health of one host as outputs show it. */
export interface HostHealth {
  healthy: boolean;
  /** Its bridge is out of service, and it has no other role. */
  parked?: boolean;
  /** When that was asked: at the last verification, not when the output is read. */
  asOf: string;
  /** How many checks it rests on. */
  checks: number;
  /** Those that do not hold, each with what was found. */
  broken?: string[];
  /** Restarts that wait, each with what it brings and until when. */
  owed?: string[];
  /** Files of ours that somebody changed since they were applied; the next change of one puts it aside. */
  edited?: string[];
  /** What the watchdog did within the last day, and what it could not help. */
  watchdog?: string[];
}

/** The verdict, of when it is, how many checks it rests on, and those that do not hold. */
export function healthOf(summary: HealthSummary): HostHealth {
  const { healthy, asOf, checks, edited = [], owed = [], watchdog = [] } = summary;
  const broken = checks.filter(({ ok }) => !ok).map(({ check, detail }) => `${check}: ${detail}`);
  return {
    ...{ healthy, asOf, checks: checks.length },
    ...(broken.length > 0 && { broken }),
    ...(owed.length > 0 && { owed }),
    ...(edited.length > 0 && { edited }),
    ...(watchdog.length > 0 && { watchdog }),
  };
}
