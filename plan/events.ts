import { readBegin } from "../config/events";
import type { Settings } from "../config/schema";
import { totalCapacity, type BridgeCapacity } from "./capacity";
import type { DeploymentPlan, EventPlan } from "./types";

const MINUTE = 60_000;

/**
 * Bridges are awake so long before and after. Before: what looks at the clock runs each ten minutes and may be late, and an `up` that wakes
 * takes some minutes. After: people stay, and a drain would move them.
 */
const MARGIN_MINUTES = 30;

/** The events in the order in which they begin. */
export function eventPlans({ events }: Pick<Settings, "events">): EventPlan[] {
  const plans = events.map(({ at, hours, participants }) => {
    const begins = readBegin(at);
    if (typeof begins !== "number") throw new Error("config/load.ts lets no such event through");
    const margin = MARGIN_MINUTES * MINUTE;
    return { at, hours, participants, wakes: begins - margin, parks: begins + hours * 60 * MINUTE + margin };
  });
  return plans.sort((one, other) => one.wakes - other.wakes);
}

/** Which events need bridges at a moment (milliseconds of the epoch), and which bridges shall be parked then. */
export interface Need {
  events: EventPlan[];
  participants: number;
  /** By bridge, of those that may be parked. */
  parked: Record<string, boolean>;
}

/**
 * What is needed at a moment. As many bridges as carry everybody, also when the largest of them fails, in the order of the config; those
 * that are always in service come first. `each`: capacities of all bridges in the order of the plan.
 */
export function needAt(
  { videobridges, events }: Pick<DeploymentPlan, "videobridges" | "events">,
  each: Pick<BridgeCapacity, "participants">[],
  moment: number,
): Need {
  const now = events.filter(({ wakes, parks }) => wakes <= moment && moment < parks);
  const participants = now.reduce((sum, event) => sum + event.participants, 0);
  const all = videobridges.map(({ id, parked }, index) => ({
    id,
    parked,
    carries: each[index] ?? { participants: 0 },
  }));
  const serving = all.filter(({ parked }) => parked === undefined).map(({ carries }) => carries);
  const parked: Need["parked"] = {};
  for (const { id, carries } of all.filter((bridge) => bridge.parked !== undefined)) {
    const isNeeded = serving.length === 0 || totalCapacity(serving).afterLossOfLargest < participants;
    parked[id] = !isNeeded;
    if (isNeeded) serving.push(carries);
  }
  return { events: now, participants, parked };
}

/** Events that all bridges together do not carry, in one line each. */
export function eventWarnings({ events }: Pick<DeploymentPlan, "events">, carried: number): string[] {
  return events
    .filter(({ participants }) => participants > carried)
    .map(
      ({ at, participants }) =>
        `with every bridge in service ${carried} participants are carried, the event of ${at} expects ${participants}: add a bridge`,
    );
}
