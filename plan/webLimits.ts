import type { DeploymentPlan } from "./types";

/** What nginx lets one address have, and all of them together. Numbers of connections and requests, and requests a second. */
export interface WebLimits {
  /** Connections of one worker, to browsers and to Prosody. */
  workerConnections: number;
  /** Open files of one worker. */
  openFiles: number;
  /** Websockets that one address holds open. */
  held: number;
  /** Connections of one address to the page's port, websockets among them. */
  connections: number;
  /** Connections to port 80, of which each lasts as long as it takes to be sent on. */
  plainConnections: { perAddress: number; together: number };
  /** New websockets of one address. */
  websockets: Rate;
}

/** So many a second for ever, and so many at once before that counts. */
export interface Rate {
  perSecond: number;
  burst: number;
}

/**
 * What one address may hold per participant of the audience. The whole audience may sit in one office: one websocket each, and
 * those of before, which nobody has noticed to be dead after a cut, twice.
 */
const HELD_PER_PARTICIPANT = 3;

/** A websocket is a connection to the browser and one to Prosody. */
const CONNECTIONS_PER_SOCKET = 2;

/** What a browser has beside each websocket: one connection over HTTP/2, for the page; those of before linger as well. */
const PAGES_PER_PARTICIPANT = HELD_PER_PARTICIPANT;

/** Port 80 only sends on. All addresses together may hold it twice as often as one, so that it never takes the page's share. */
const PLAIN_OFFICES = 2;

/**
 * Connections of one worker per participant: one address at its limits, port 80 at the limit of all, and beside them still everybody
 * once. All of them may land on one worker: the kernel deals them out.
 */
const CONNECTIONS_PER_PARTICIPANT =
  CONNECTIONS_PER_SOCKET * (HELD_PER_PARTICIPANT + 1) + (PAGES_PER_PARTICIPANT + 1) + PLAIN_OFFICES;

/** A small room still meets robots and page loads; an idle connection costs about 250 bytes. */
const MINIMUM_CONNECTIONS = 4096;

/** Below this many participants the limits per address stay as they are: a few people reload a page as often as they like. */
export const SMALLEST_AUDIENCE = 100;

/** The whole office joins, all reload the page, and are cut off and back, twice: that much at once is nobody's attack. */
const JOINS_AT_ONCE = 4;

/** After that the whole audience may come again in each such time: 500 people at 34 a second. */
const SECONDS_BETWEEN_JOINS = 15;

/** People behind one address, for whom its limits are made: all of the audience. */
export function office(audienceParticipants: number): number {
  return Math.max(SMALLEST_AUDIENCE, audienceParticipants);
}

/** A visitor asks at the main Prosody, and then logs in at a node. */
export const WEBSOCKETS_OF_A_VISITOR = 2;

/** The limits of an audience. */
export function webLimits({
  audienceParticipants,
  visitors,
}: Pick<DeploymentPlan, "audienceParticipants" | "visitors">): WebLimits {
  const workerConnections = Math.max(MINIMUM_CONNECTIONS, CONNECTIONS_PER_PARTICIPANT * audienceParticipants);
  const people = office(audienceParticipants);
  const opened = (visitors === undefined ? 1 : WEBSOCKETS_OF_A_VISITOR) * people;
  return {
    workerConnections,
    // A connection is a file, and a page that is being sent is another one.
    openFiles: 2 * workerConnections,
    held: HELD_PER_PARTICIPANT * people,
    connections: (HELD_PER_PARTICIPANT + PAGES_PER_PARTICIPANT) * people,
    plainConnections: { perAddress: people, together: PLAIN_OFFICES * people },
    websockets: { perSecond: Math.ceil(opened / SECONDS_BETWEEN_JOINS), burst: JOINS_AT_ONCE * opened },
  };
}
