import { hostAndPort } from "./addresses";
import { coreHostOf } from "./hosts";
import { inService } from "./parked";
import { PORTS } from "../facts/ports";
import { turnUrls } from "./turn";
import type { DeploymentPlan, VideobridgePlan } from "./types";

/** Where participants and bridges reach the deployment. */
export interface Endpoints {
  /** The participants' door to the main Prosody. */
  websocket: string;
  /** The bridges' door to prosody-jvb. */
  prosodyJvb: string;
  /** The door for media, UDP, of each bridge in service. */
  media: string[];
  /** The URLs of TURN, where it is enabled. */
  turn?: string[];
}

/** Their addresses, as far as the plan knows them. */
export function endpoints(plan: DeploymentPlan): Endpoints {
  const { names } = plan;
  const { privateAddress, publicAddress } = coreHostOf(plan);
  const core = privateAddress ?? publicAddress;
  return {
    websocket: websocketUrl(plan),
    prosodyJvb: `xmpp://${hostAndPort(core, PORTS.prosodyJvb.port)} (${names.tech}, bridges only)`,
    media: inService(plan).map((bridge) => `udp://${hostAndPort(bridge.publicAddress, PORTS.media.port)}`),
    ...(plan.turn && { turn: turnUrls(plan.turn) }),
  };
}

/** Where browsers find the page. */
export function pageUrl(plan: Pick<DeploymentPlan, "names">): string {
  return `https://${siteOf(plan)}`;
}

/** Where the page finds the main Prosody. */
export function websocketUrl(plan: Pick<DeploymentPlan, "names">): string {
  return `wss://${siteOf(plan)}/xmpp-websocket`;
}

/** Name of the page with its port, where that is not the usual one. */
function siteOf({ names }: Pick<DeploymentPlan, "names">): string {
  return `${names.domain}${PORTS.https.port === 443 ? "" : `:${PORTS.https.port}`}`;
}

/** What an operator wants to know of a bridge. */
export function bridgeSummary({ videobridges }: DeploymentPlan, id: string): BridgeSummary {
  const bridge = videobridges.find((one) => one.id === id);
  if (bridge === undefined) throw new Error(`the plan has no bridge ${id}`);
  const { region, relayId, publicAddress, privateAddress, ipv6Address, parked } = bridge;
  return {
    ...{ region, relayId, publicAddress },
    ...(privateAddress !== undefined && { privateAddress }),
    ...(ipv6Address !== undefined && { ipv6Address }),
    ...(parked === true && { parked }),
  };
}

/** Where a bridge is and how others name it. */
export type BridgeSummary = Pick<
  VideobridgePlan,
  "region" | "relayId" | "publicAddress" | "privateAddress" | "ipv6Address" | "parked"
>;
