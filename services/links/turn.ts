import { turnServices } from "../../plan/turn";
import type { DeploymentPlan } from "../../plan/types";
import type { View } from "../render";

/** What coturn and Prosody make names and passwords from; whoever knows it may use TURN. */
export const TURN_SECRET = "/etc/audio-meet/secrets/turn";

/**
 * How long a name and its password live: twelve hours, longer than a day of conference. What coturn relays goes on after that (it asks for
 * the name once for each connection), but who is cut off and comes back with what his page was told at the beginning is refused: so they
 * have to outlive the longest call (decision 029).
 */
export const TURN_TTL_SECONDS = 12 * 3600;

/** Prosody's view of coturn: what it tells participants, and from what it makes their passwords. */
export function externalServices({ turn }: DeploymentPlan): View {
  const services = turn ? turnServices(turn) : [];
  return {
    hasTurn: turn !== undefined,
    turnSecret: TURN_SECRET,
    turnServices: services.map((service) => ({ ...service, ttlSeconds: TURN_TTL_SECONDS })),
  };
}
