import type { Settings } from "../config/schema";
import type { AccessPlan } from "./types";

/** Who may open a room, with everything that follows from it decided. */
export function accessPlan({ access, secrets, domain }: Settings): AccessPlan {
  if (access.kind === "open") return { kind: "open" };
  if (access.kind === "moderated") {
    const moderators = access.moderators.map((name) => ({
      name,
      jid: `${name}@${domain}`,
      rotation: secrets.moderators[name] ?? 1,
    }));
    return { kind: "moderated", moderators };
  }
  const { appId, keyServer, issuers = [appId], audiences = [appId] } = access;
  return { kind: "token", appId, ...(keyServer !== undefined && { keyServer }), issuers, audiences };
}
