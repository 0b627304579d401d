/** Whether a rehearsal is right: who was not heard, or heard nobody. */
import { counted } from "../outcome";
import { noticed } from "./during";
import type { Crowd, Look, Person, Rehearsal } from "./measured";

/** More people are not named one by one. */
const MOST_NAMED = 5;

/** Loudest-only: a bridge hands on so many at a time (jvb.conf, `loudest`); who speaks beside them is not heard, and need not be. */
const LOUDEST = 3;

/** One line for each thing that a participant would notice; empty where everybody heard everybody. */
export function troubles(crowd: Crowd): string[] {
  const { people, participants, linked } = crowd;
  const there = people.filter(({ failure }) => failure === undefined);
  const found = Object.entries(crowd.failures).map(
    ([words, count]) => `${counted(count, "participant")} of ${participants}: ${words}`,
  );
  if (found.length === 0 && linked < participants)
    found.push(`${participants - linked} of ${participants} have no link to a bridge`);
  found.push(
    ...named(
      there.filter(({ heardTurns }) => heardTurns === 0),
      "heard nobody's tone",
    ),
  );
  const unheard = there.filter(({ spoke, heardBy }) => crowd.talkers <= LOUDEST && spoke && heardBy === 0);
  found.push(...named(unheard, "spoke and was heard by nobody"));
  if (crowd.wrongTone > 0)
    found.push(`${counted(crowd.wrongTone, "turn")} sounded like somebody else's tone`);
  return found;
}

/** What is no silence, but less than it should be. */
export function remarks(crowd: Crowd): string[] {
  const found: string[] = [];
  const missed = crowd.expected - crowd.heardTurns;
  if (crowd.talkers <= LOUDEST && missed > 0)
    found.push(`${missed} of ${crowd.expected} turns were not heard by somebody who was there`);
  const mute = crowd.people.filter(({ failure, hasChannel }) => failure === undefined && !hasChannel);
  found.push(...named(mute, "had no data channel: a browser would hear nobody"));
  if (crowd.sendLateness.p95 > 0.02)
    found.push(
      `the machine of the crowd was itself late: 5 % of the packets left ${milliseconds(crowd.sendLateness.p95)} or more after their time`,
    );
  return found;
}

/** The hosts that told nothing, with what then is missing. */
export function unseen(hosts: Record<string, Look[]>): string[] {
  const silent = Object.keys(hosts).filter((id) => hosts[id]?.length === 0);
  return silent.map(
    (id) => `${id} was not reached over SSH, or could not be looked at: its CPU and packets are missing`,
  );
}

function named(people: Person[], what: string): string[] {
  if (people.length === 0) return [];
  const names = people.slice(0, MOST_NAMED).map(({ number, bridge }) => {
    const where = bridge.address === "" ? "" : ` (bridge ${bridge.address})`;
    return `participant ${number}${where}`;
  });
  const more = people.length > MOST_NAMED ? ` and ${people.length - MOST_NAMED} more` : "";
  return [`${names.join(", ")}${more} ${what}`];
}

/** The figures of a rehearsal, and of the command that ran in it, each with its words. */
export function allFigures({ crowd, during }: Rehearsal): [string, string][] {
  return [...figures(crowd), ...(during === undefined ? [] : noticed(crowd, during))];
}

function figures(crowd: Crowd): [string, string][] {
  const { joined, connected, firstSound, delay, onset, gaps } = crowd;
  return [
    ["participants with a link to a bridge", `${crowd.linked} of ${crowd.participants}`],
    ["in the room, p50 / p95", `${seconds(joined.p50)} / ${seconds(joined.p95)}`],
    ["link to a bridge, p50 / p95", `${seconds(connected.p50)} / ${seconds(connected.p95)}`],
    ["first sound, p50 / p95", `${seconds(firstSound.p50)} / ${seconds(firstSound.p95)}`],
    ["turns heard", `${crowd.heardTurns} of ${crowd.expected}`],
    ["lost packets", `${percent(crowd.loss)} (${crowd.missing} of ${crowd.packets + crowd.missing})`],
    ["delay, p50 / p95 / p99", [delay.p50, delay.p95, delay.p99].map(milliseconds).join(" / ")],
    ["a new talker is heard after, p50 / p95", `${milliseconds(onset.p50)} / ${milliseconds(onset.p95)}`],
    ["silences of over 0.2 s", `${gaps.count}, the longest ${seconds(gaps.max)}`],
    ["silent share of the time", percent(crowd.silentShare)],
    ["packets late at the crowd itself, p95", milliseconds(crowd.sendLateness.p95)],
  ];
}

function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}

function milliseconds(value: number): string {
  return `${Math.round(value * 1000)} ms`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
