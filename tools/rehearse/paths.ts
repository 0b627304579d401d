/** Which paths between bridges carry sound: one pair of participants for each, over UDP and over TURN. */
import type { Outputs } from "./deployment";
import type { Crowd, Person } from "./measured";
import type { Wish } from "./program";

/** How media travels: as it likes, or where UDP is closed. */
export type Way = "UDP" | "TURN over TLS";

/** What one pair heard of each other. */
export interface Path {
  way: Way;
  /** Ids of the bridges of the two; an address where it is none of the stack's, "" where there was no invitation. */
  bridges: [string, string];
  /** What is wrong; empty where both heard each other. */
  wrong: string[];
}

/** What is tried at once. */
interface Attempt {
  way: Way;
  regions: [string, string];
}

const WAYS: Way[] = ["UDP", "TURN over TLS"];

/** So many rooms at a time: jicofo gives rooms that begin together to different bridges of a region. */
const ROOMS_PER_BRIDGE = 2;
const MOST_ROOMS = 12;

/** Every round is a set of rooms at the same time: those of one region on all its bridges, and one for each pair of regions. */
export function rounds(bridges: Outputs["bridges"]): Attempt[][] {
  const regions = [...new Set(Object.values(bridges).map(({ region }) => region))].sort();
  const alone = regions.map((region) => {
    const count = Object.values(bridges).filter((one) => one.region === region).length;
    const rooms = count === 1 ? 1 : Math.min(count * ROOMS_PER_BRIDGE, MOST_ROOMS);
    return Array.from({ length: rooms }, (): [string, string] => [region, region]);
  });
  const pairs = regions.flatMap((one, index) =>
    regions.slice(index + 1).map((other): [string, string][] => [[one, other]]),
  );
  return WAYS.flatMap((way) =>
    [...alone, ...pairs].map((round) => round.map((of): Attempt => ({ way, regions: of }))),
  );
}

/** A room for two who both talk, one at a time. */
export function wishOfPair({ way, regions }: Attempt, room: string): Wish {
  const wish = {
    room,
    participants: 2,
    talkers: 1,
    turnSeconds: 2,
    holdSeconds: 4,
    joinsPerSecond: 5,
    regions,
  };
  return way === "UDP" ? wish : { ...wish, relayedOver: "tls" };
}

/** What a pair's rehearsal says of its path. */
export function pathOf(way: Way, { people }: Crowd, bridges: Outputs["bridges"]): Path {
  const [one, other] = people;
  if (one === undefined || other === undefined) throw new Error("a path has two ends");
  const ids: [string, string] = [bridgeOf(one, bridges), bridgeOf(other, bridges)];
  const wrong = [deaf(one, ids), deaf(other, [ids[1], ids[0]])].flat();
  return { way, bridges: ids, wrong };
}

function bridgeOf({ bridge: { address } }: Person, bridges: Outputs["bridges"]): string {
  const known = Object.entries(bridges).find(([, { publicAddress, privateAddress }]) =>
    [publicAddress, privateAddress].includes(address),
  );
  return known?.[0] ?? address;
}

function deaf({ failure, heardTurns }: Person, [own, other]: [string, string]): string[] {
  const at = own === "" ? "a participant" : `the participant on ${own}`;
  if (failure !== undefined) return [`${at}: ${failure}`];
  return heardTurns > 0 ? [] : [`${at} hears nothing of the one on ${other}`];
}

/** What is silent, and what could not be tried. */
export function verdictOf(paths: Path[], bridges: Outputs["bridges"]): { silent: string[]; notes: string[] } {
  const noTurn = paths.filter(
    ({ way, wrong }) => way !== "UDP" && wrong.some((line) => line.includes("offers no TURN")),
  );
  const counted = paths.filter((path) => !noTurn.includes(path));
  const silent = counted
    .filter(({ wrong }) => wrong.length > 0)
    .map((path) => `${nameOf(path)}: ${path.wrong.join("; ")}`);
  const ways = noTurn.length > 0 ? WAYS.slice(0, 1) : WAYS;
  const seen = new Set(counted.flatMap(({ way, bridges: ids }) => ids.map((id) => `${way} ${id}`)));
  for (const way of ways)
    for (const id of Object.keys(bridges))
      if (!seen.has(`${way} ${id}`)) silent.push(`${id} over ${way}: jicofo gave it to nobody`);
  const notes =
    noTurn.length > 0 ? ["the deployment offers no TURN over TLS: who has no UDP hears nobody"] : [];
  return { silent: [...new Set(silent)], notes: [...notes, ...untried(counted, Object.keys(bridges))] };
}

/** A path in words. */
export function nameOf({ way, bridges: [one, other] }: Path): string {
  return one === other ? `${one || "no bridge"} over ${way}` : `${one} and ${other} over ${way}`;
}

function untried(paths: Path[], ids: string[]): string[] {
  const met = new Set(paths.map(({ bridges }) => [...bridges].sort().join(" and ")));
  const pairs = ids.flatMap((one, index) =>
    ids.slice(index + 1).map((other) => [one, other].sort().join(" and ")),
  );
  const missing = pairs.filter((pair) => !met.has(pair));
  if (missing.length === 0) return [];
  return [
    `not tried, since jicofo puts people of one region on one bridge until it is full: ${missing.join(", ")}`,
  ];
}
