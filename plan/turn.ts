import { isIP } from "node:net";
import type { Settings } from "../config/schema";
import { KBPS_PER_LISTENER } from "./capacity";
import { PORTS } from "../facts/ports";
import type { DeploymentPlan, HostPlan, TurnPlan, TurnQuotas, VideobridgePlan } from "./types";
import { office } from "./webLimits";

/**
 * Allocations of one participant: a browser makes one for each URL over TCP, whether it needs it or not (lib-jitsi-meet leaves
 * TURN over UDP out), and again after a cut, while the old ones may live on for their ten minutes (RFC 8656 §7.2).
 */
const ALLOCATIONS_PER_PARTICIPANT = 4;

/** One address at its limit leaves as much for all others: the audience once more. */
const OFFICES = 2;

/**
 * Allocations of one session of Prosody: two networks of a device, each of two families, one allocation for each of two URLs, and all of
 * that again after two cuts within the lifetime of the old ones.
 */
const ALLOCATIONS_PER_SESSION = 24;

/** Media comes in bursts, and coturn drops what is above the limit within a second. */
const BURST_FACTOR = 4;

/** Where allocations end: each takes a port of the relay range. */
const RELAY_PORTS = (PORTS.turnRelay.lastPort ?? PORTS.turnRelay.port) - PORTS.turnRelay.port + 1;

/**
 * What coturn gives away at most, for an audience in one room. A user is, for coturn, what stands behind the time in a name: a session of
 * Prosody (mod_turn_sessions). It knows no addresses; their allocations are connections and flows, which the firewall counts.
 * coturn sets the full rate of each allocation aside out of the total: a lower total would refuse people who send nothing.
 */
export function turnQuotas(participants: number): TurnQuotas {
  const wanted = ALLOCATIONS_PER_PARTICIPANT * office(participants);
  const total = Math.min(OFFICES * wanted, RELAY_PORTS);
  const bytesPerSecond = (KBPS_PER_LISTENER * 1000 * BURST_FACTOR) / 8;
  return {
    total,
    perAddress: Math.floor(total / OFFICES),
    perUser: ALLOCATIONS_PER_SESSION,
    bytesPerSecond,
    totalBytesPerSecond: total * bytesPerSecond,
  };
}

/**
 * Addresses that the core may have on an interface, of the family of the public one: that itself, or the one that a router
 * translates it to.
 */
function ownAddresses({ publicAddress, privateAddress, machine }: HostPlan): string[] {
  const known = [publicAddress, privateAddress, machine.address];
  const fitting = known.filter((address) => address !== undefined && isIP(address) === isIP(publicAddress));
  return [...new Set(fitting as string[])];
}

/** Addresses of a bridge to which coturn may relay: participants are told both. */
export function turnPeers({ publicAddress, privateAddress }: VideobridgePlan): string[] {
  return [...new Set([publicAddress, privateAddress ?? publicAddress])];
}

/** TURN for a deployment; undefined where it is switched off. */
export function turnPlan(
  { domain, turn, audience }: Settings,
  core: HostPlan,
  bridges: VideobridgePlan[],
): TurnPlan | undefined {
  if (!turn.enabled) return undefined;
  return {
    host: turn.name ?? (turn.tls443 ? `turn.${domain}` : domain),
    sharesHttps: turn.tls443,
    publicAddress: core.publicAddress,
    ownAddresses: ownAddresses(core),
    peers: [...new Set(bridges.flatMap(turnPeers))].sort(),
    quotas: turnQuotas(audience.participants),
  };
}

/** One way to reach TURN, in the words of XEP-0215. */
export interface TurnService {
  type: "turn" | "turns";
  transport: "udp" | "tcp";
  host: string;
  port: number;
}

/** What participants are offered. The page itself asks at those over TCP: where UDP passes, the bridges are reached directly. */
export function turnServices({ host, sharesHttps }: TurnPlan): TurnService[] {
  const tlsPort = sharesHttps ? PORTS.https.port : PORTS.turns.port;
  return [
    { type: "turn", transport: "udp", host, port: PORTS.turnUdp.port },
    { type: "turn", transport: "tcp", host, port: PORTS.turnTcp.port },
    { type: "turns", transport: "tcp", host, port: tlsPort },
  ];
}

/** The same as URLs (RFC 7065). */
export function turnUrls(turn: TurnPlan): string[] {
  return turnServices(turn).map(
    ({ type, transport, host, port }) => `${type}:${host}:${port}?transport=${transport}`,
  );
}

/** Names that participants look up: all resolve to the core, and the certificate of the page has them. */
export function publicNames({ names, turn }: Pick<DeploymentPlan, "names" | "turn">): [string, ...string[]] {
  return turn === undefined || turn.host === names.domain ? [names.domain] : [names.domain, turn.host];
}
