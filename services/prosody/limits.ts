import { stanzaLimits } from "../../plan/stanzaLimits";
import type { DeploymentPlan } from "../../plan/types";
import type { View } from "../render";

/** What participants may send and have opened, as the main Prosody's configuration says it. */
export function limitsView({ names, access, features, audienceParticipants }: DeploymentPlan): View {
  const limits = stanzaLimits(audienceParticipants);
  const { session, shared, sharedBytes, waiting, address, stanzaBytes, sessionRooms, addressRooms } = limits;
  const hosts = [names.domain, ...(access.kind === "moderated" ? [names.guest] : [])];
  return {
    hosts: hosts.map((host) => ({ host })),
    sessionBurst: session.burst,
    sessionPerSecond: session.perSecond,
    sharedBurst: shared.burst,
    sharedPerSecond: shared.perSecond,
    sharedBytes,
    waiting,
    addressBurst: address.burst,
    addressPerSecond: address.perSecond,
    stanzaBytes,
    conferences: names.conference,
    breakouts: features.breakoutRooms ? [{ breakoutDomain: names.breakout }] : [],
    sessionRooms: sessionRooms.burst,
    sessionSeconds: sessionRooms.seconds,
    addressRooms: addressRooms.burst,
    addressRoomsPerSecond: addressRooms.perSecond,
    breakoutRooms: limits.breakoutRooms,
    pollBytes: limits.pollBytes,
  };
}
