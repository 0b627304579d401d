import { stanzaLimits } from "../../plan/stanzaLimits";
import type { DeploymentPlan } from "../../plan/types";
import type { View } from "../render";

/** What participants may send and have opened, as a Prosody's configuration says it. `hosts`: where they log in. */
export function limitsView(
  { names, features, audienceParticipants }: DeploymentPlan,
  { hosts, conference }: { hosts: string[]; conference: string },
): View {
  const limits = stanzaLimits(audienceParticipants);
  const { session, shared, sharedBytes, waiting, address, stanzaBytes, sessionRooms, addressRooms } = limits;
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
    conferences: conference,
    breakouts: features.breakoutRooms ? [{ breakoutDomain: names.breakout }] : [],
    sessionRooms: sessionRooms.burst,
    sessionSeconds: sessionRooms.seconds,
    addressRooms: addressRooms.burst,
    addressRoomsPerSecond: addressRooms.perSecond,
    breakoutRooms: limits.breakoutRooms,
    pollBytes: limits.pollBytes,
  };
}
