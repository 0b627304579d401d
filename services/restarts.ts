import type { DeploymentPlan } from "../plan/types";
import { TRUSTSTORE } from "./java";
import type { RestartsSpec } from "./manifest";
import type { Price } from "./prices";
import { TOKEN_AUTHORITIES } from "./prosody/access";

/** The longest gap that a restart may make at once. */
const SHORT_GAP_SECONDS = 10;

/**
 * Files that must not wait, whatever is in conferences: path → why. Passwords and keys are not among them: no restart takes them up, so
 * they are never owed (accounts change, and coturn, nginx and Prosody reload).
 */
const AT_ONCE: Record<string, string> = {
  [TRUSTSTORE]: "whoever has the key of the authority before could pose as one of our servers",
  [TOKEN_AUTHORITIES]: "whoever has the key of the authority before could make tokens that let anybody in",
};

/** What decides whether a restart waits. */
export type Deciding = Pick<DeploymentPlan, "restarts" | "recording">;

/** Whether a restart of that price is one that `jitsi:restarts` puts off. A bridge hands over who is on it, or has nobody to hand to. */
export function isPutOff({ costs, whom, seconds = 0, endsRecordings }: Price, plan: Deciding): boolean {
  if (plan.restarts === "now" || whom === "bridge") return false;
  if (endsRecordings && plan.recording !== undefined) return true;
  return costs === "click" || costs === "joinAgain" || (costs === "gap" && seconds > SHORT_GAP_SECONDS);
}

/** Why a change of a file does not wait; undefined where it may. */
export function whyAtOnce(path: string): string | undefined {
  return AT_ONCE[path];
}

/** For the host: which of these units wait, until when, and what must not. Undefined where nothing waits. */
export function restartsSpec(
  units: string[],
  paths: string[],
  { restarts }: Deciding,
): RestartsSpec | undefined {
  if (units.length === 0 || restarts === "now") return undefined;
  const atOnce = Object.fromEntries(paths.flatMap((path) => (AT_ONCE[path] ? [[path, AT_ONCE[path]]] : [])));
  return {
    units,
    ...(restarts !== "whenEmpty" && { window: restarts }),
    ...(Object.keys(atOnce).length > 0 && { atOnce }),
  };
}
