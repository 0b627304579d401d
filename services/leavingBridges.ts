import type { DeploymentPlan } from "../plan/types";
import { PRICES, wordsOf } from "./prices";

/** The bridges as the last run left them, by id. */
export type BridgesBefore = Record<string, { parked?: boolean; publicAddress?: string }>;

/** What it costs who is on a bridge that is emptied. */
export function leavingWords(): string {
  const { who, what } = wordsOf(PRICES.leavingBridge);
  return `${who} ${what}`;
}

/**
 * A line for each bridge that a change empties, for whoever reviews it. `replaced`: those of the plan whose machine is made anew.
 * Nobody is on a bridge that was parked.
 */
export function leavingLines(
  before: BridgesBefore,
  { videobridges }: Pick<DeploymentPlan, "videobridges">,
  replaced: string[],
): string[] {
  const serving = Object.keys(before).filter((id) => before[id]?.parked !== true);
  return serving.sort().flatMap((id) => {
    const bridge = videobridges.find((one) => one.id === id);
    const change =
      bridge === undefined
        ? "goes"
        : replaced.includes(id)
          ? "gets another machine"
          : bridge.parked === true
            ? "is parked"
            : undefined;
    return change === undefined ? [] : [`${id} ${change}: ${leavingWords()}`];
  });
}
