/** Which paths between bridges carry sound: one pair of participants for each, over UDP and over TURN. */
import { randomBytes } from "node:crypto";
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
export interface Attempt {
  way: Way;
  regions: [string, string];
}

/** Each way, the usual one first. */
export const WAYS: Way[] = ["UDP", "TURN over TLS"];

/** So many rooms at a time: jicofo gives rooms that begin together to different bridges of a region. */
const ROOMS_PER_BRIDGE = 2;
const MOST_ROOMS = 12;

/** Every round is a set of rooms at the same time: those of one region on all its bridges, and one for each pair of regions. */
export function rounds(bridges: Outputs["bridges"], ways: Way[] = WAYS): Attempt[][] {
  const regions = [...new Set(Object.values(bridges).map(({ region }) => region))].sort();
  const alone = regions.map((region) => {
    const count = Object.values(bridges).filter((one) => one.region === region).length;
    const rooms = count === 1 ? 1 : Math.min(count * ROOMS_PER_BRIDGE, MOST_ROOMS);
    return Array.from({ length: rooms }, (): [string, string] => [region, region]);
  });
  const pairs = regions.flatMap((one, index) =>
    regions.slice(index + 1).map((other): [string, string][] => [[one, other]]),
  );
  return ways.flatMap((way) =>
    [...alone, ...pairs].map((round) => round.map((of): Attempt => ({ way, regions: of }))),
  );
}

/** A room that nobody else comes to: its name cannot be guessed. */
export function roomName(): string {
  return `paths-${randomBytes(8).toString("hex")}`;
}

/** A room for two who both talk, one at a time, until each has heard the other. */
export function wishOfPair({ way, regions }: Attempt, room: string): Wish {
  const wish = {
    room,
    participants: 2,
    talkers: 1,
    turnSeconds: 1,
    holdSeconds: 4,
    joinsPerSecond: 5,
    // Longer than jicofo waits for a bridge (15 s).
    patienceSeconds: 20,
    untilHeard: true,
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
  const known = Object.entries(bridges).find(([, { publicAddress, privateAddress, ipv6Address }]) =>
    [publicAddress, privateAddress, ipv6Address].includes(address),
  );
  return known?.[0] ?? address;
}

function deaf({ failure, heardTurns }: Person, [own, other]: [string, string]): string[] {
  const at = own === "" ? "a participant" : `the participant on ${own}`;
  if (failure !== undefined) return [`${at}: ${failure}`];
  return heardTurns > 0 ? [] : [`${at} hears nothing of the one on ${other}`];
}

/** Whether a round need not be tried again: all bridges of its region were met, or something is silent, which is enough to know. */
export function isComplete(round: Attempt[], paths: Path[], bridges: Outputs["bridges"]): boolean {
  const [{ way, regions } = { way: "UDP", regions: ["", ""] }] = round;
  if (regions[0] !== regions[1]) return true;
  const own = paths.filter((path) => path.way === way);
  const met = new Set(own.flatMap(({ bridges: ids }) => ids));
  const isMet = Object.entries(bridges).every(([id, { region }]) => region !== regions[0] || met.has(id));
  return isMet || own.some(({ wrong }) => wrong.length > 0);
}

/** A path that carries no sound. */
export interface Silence {
  path: string;
  way: Way;
  why: string;
}

/** What is silent, and what could not be tried. `unmet`: what it is that jicofo gave a bridge to nobody. */
export function verdictOf(
  paths: Path[],
  bridges: Outputs["bridges"],
  { ways = WAYS, unmet = "silent" }: { ways?: Way[]; unmet?: "silent" | "note" } = {},
): { silent: Silence[]; notes: string[] } {
  const isWithoutTurn = ({ way, wrong }: Path) =>
    way !== "UDP" && wrong.some((line) => line.includes("offers no TURN"));
  const counted = paths.filter((path) => !isWithoutTurn(path));
  const lacksTurn = counted.length < paths.length;
  const silent = counted
    .filter(({ wrong }) => wrong.length > 0)
    .map((path) => ({ path: nameOf(path), way: path.way, why: [...new Set(path.wrong)].join("; ") }))
    .filter(({ path, why }, at, all) => all.findIndex((one) => one.path === path && one.why === why) === at);
  const seen = new Set(counted.flatMap(({ way, bridges: ids }) => ids.map((id) => `${way} ${id}`)));
  const tried = ways.filter((way) => way === "UDP" || !lacksTurn);
  const missed = tried.flatMap((way) =>
    Object.keys(bridges)
      .filter((id) => !seen.has(`${way} ${id}`))
      .map((id) => ({ path: `${id} over ${way}`, way, why: "jicofo gave it to nobody" })),
  );
  return {
    silent: unmet === "silent" ? [...silent, ...missed] : silent,
    notes: [
      ...(unmet === "note" ? missed.map(({ path, why }) => `${path} was not tried: ${why}`) : []),
      ...(lacksTurn ? ["the deployment offers no TURN over TLS: who has no UDP hears nobody"] : []),
      ...untried(counted, Object.keys(bridges)),
    ],
  };
}

/** What is usually the matter, by words of the finding. */
const REMEDIES: [RegExp, Partial<Record<Way, string>>][] = [
  [
    /ICE: the bridge at|ICE: .*deadline|DTLS/,
    {
      UDP: "open UDP 10000 of that bridge to everybody, at its provider and on the host; if it is this machine that gets no UDP out, `jitsi:verification: { ear: relayed }`",
      "TURN over TLS":
        "see journalctl -u coturn on the core, and UDP 10000 of that bridge, which the core has to reach",
    },
  ],
  [
    /ICE/,
    {
      "TURN over TLS":
        "see journalctl -u coturn on the core, and TCP 5349 (443 with tls443) in the firewalls before it",
    },
  ],
  [/invitation|jicofo/, { UDP: "see /var/log/jitsi/jicofo.log on the core" }],
  [
    /hears nothing/,
    { UDP: "see /var/log/jitsi/jvb.log of both; between two bridges UDP 10000 is open both ways" },
  ],
];

/** What to do about a silence. */
export function remedyOf(way: Way, why: string): string {
  const known = REMEDIES.find(([words, remedy]) => words.test(why) && (remedy[way] ?? remedy.UDP))?.[1];
  return known?.[way] ?? known?.UDP ?? "`npm run doctor` names the link that is broken";
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
