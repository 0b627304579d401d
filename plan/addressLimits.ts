import { PORTS, type Port } from "../facts/ports";
import { turnQuotas } from "./turn";
import type { DeploymentPlan } from "./types";
import { office, webLimits, WEBSOCKETS_OF_A_VISITOR } from "./webLimits";

/**
 * What one address may hold at the ports that everybody reaches, counted by the firewall of the host; of IPv6, a network of 64 bits
 * is one address. Whole audiences sit behind one: each limit lets all of it in, and again after a cut. A daemon's own limits count
 * requests and allocations; here is counted what costs a daemon something before it has read a request.
 */
export interface AddressLimits {
  opened: OpenedLimit[];
  held: HeldLimit[];
}

/** How fast one address opens connections, or flows of UDP; what is above is dropped, and the client tries again. */
export interface OpenedLimit {
  /** Names a set of the firewall. */
  name: string;
  ports: Port[];
  perMinute: number;
  /** At once, before that counts. */
  burst: number;
}

/** How many connections and flows are there at once. */
export interface HeldLimit {
  name: string;
  ports: Port[];
  perAddress: number;
  /** All addresses together; where nothing is said, there is no such limit. */
  together?: number;
}

/** An office that all reload the page at once, for minutes: after its burst the whole of it comes again in each 15 s. */
const ROUNDS_PER_MINUTE = 4;

/** A page is one connection over HTTP/2 and one websocket, and a device may try both families at once (RFC 8305). */
const CONNECTIONS_PER_VISIT = 3;

/** The whole office joins, all reload the page, and are cut off and back, twice. */
const VISITS_AT_ONCE = 4;

/**
 * A flow of UDP says nothing when it ends: an allocation over it lives on for its ten minutes. The page makes none (it leaves TURN over
 * UDP out), so that the few apps that do have a quarter of what an address may hold, and again within each lifetime.
 */
const UDP_SHARE = 4;
const ALLOCATION_MINUTES = 10;

/**
 * One address may be the core itself, from which coturn relays all that it gives away to both addresses of a bridge. For people that is 16
 * flows each: networks and families from which a device looks for a way to the bridge, before and after a cut.
 */
const FLOWS_PER_ALLOCATION = 2;

/** The limits of a deployment; a host has those of its ports. */
export function addressLimits(plan: DeploymentPlan): AddressLimits {
  const { audienceParticipants, turn, visitors } = plan;
  const people = office(audienceParticipants);
  const { plainConnections, connections } = webLimits(plan);
  const perVisit = CONNECTIONS_PER_VISIT + (visitors === undefined ? 0 : WEBSOCKETS_OF_A_VISITOR - 1);
  const { total, perAddress: allocations } = turnQuotas(audienceParticipants);
  const sharesHttps = turn?.sharesHttps ?? false;
  const flows = FLOWS_PER_ALLOCATION * total;
  const visits = (name: string, connectionsEach: number, ...ports: Port[]): OpenedLimit => ({
    ...{ name, ports },
    perMinute: ROUNDS_PER_MINUTE * connectionsEach * people,
    burst: VISITS_AT_ONCE * connectionsEach * people,
  });
  return {
    opened: [
      visits("http", 1, PORTS.http),
      // Where TURN is found there as well, a visit is as many connections more.
      visits("https", (sharesHttps ? 2 : 1) * perVisit, PORTS.https),
      visits("turn", CONNECTIONS_PER_VISIT, PORTS.turnTcp, PORTS.turns),
      {
        ...{ name: "turn_udp", ports: [PORTS.turnUdp] },
        perMinute: Math.ceil(allocations / UDP_SHARE / ALLOCATION_MINUTES),
        burst: Math.ceil(allocations / UDP_SHARE),
      },
      { name: "media", ports: [PORTS.media], perMinute: flows, burst: flows },
    ],
    held: [
      { name: "http", ports: [PORTS.http], ...plainConnections },
      {
        ...{ name: "https", ports: [PORTS.https] },
        perAddress: connections + (sharesHttps ? allocations : 0),
      },
      { name: "turn", ports: [PORTS.turnUdp, PORTS.turnTcp, PORTS.turns], perAddress: allocations },
      { name: "media", ports: [PORTS.media], perAddress: flows },
    ],
  };
}
