import { counted } from "../outcome";
import { askHosts } from "../hosts";

/** What one host's helper counts (host/audio_meet/checks/people.py). */
interface Counts {
  conferences?: number;
  participants?: number;
  bridges?: Record<string, number>;
}

/** Who is in conferences now. */
export interface People {
  /** By jicofo; undefined where it did not answer. */
  all: { conferences: number; participants: number } | undefined;
  /** Participants of each bridge that answered, by relay id. */
  bridges: Record<string, number>;
}

/** Asks every host; `logins`: commands that log in. */
export async function askPeople(logins: Record<string, string>): Promise<People> {
  const people: People = { all: undefined, bridges: {} };
  for (const answer of Object.values(await askHosts<Counts>(logins, "people"))) {
    if ("notKnown" in answer) continue;
    const { conferences, participants, bridges = {} } = answer;
    if (conferences !== undefined && participants !== undefined) people.all = { conferences, participants };
    Object.assign(people.bridges, bridges);
  }
  return people;
}

/** A machine that took another one's place has the bridge's id and its own address as the name (plan/bridges.ts). */
function onBridgeOf({ bridges }: People, id: string): number | undefined {
  return Object.entries(bridges).find(([relayId]) => relayId === id || relayId.startsWith(`${id}_`))?.[1];
}

/** How many people a restart in this part of the deployment meets now: those on the bridge, or everybody. */
export function countedPeople(people: People | undefined, part: string): string {
  const onBridge = people && onBridgeOf(people, part);
  if (onBridge !== undefined) return counted(onBridge, "participant");
  // A bridge that did not answer is not one with everybody on it.
  if (people?.all === undefined || part !== "core") return "not known";
  const { participants, conferences } = people.all;
  return `${counted(participants, "participant")} in ${counted(conferences, "conference")}`;
}
