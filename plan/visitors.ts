import { PORTS } from "../facts/ports";
import { MOST_NODES, VISITORS_PER_NODE } from "../facts/visitors";
import type { Settings } from "../config/schema";
import { hostPlanOf } from "./hosts";
import type { DeploymentPlan, VisitorNode, VisitorsPlan } from "./types";

/** People of one room up to which the main Prosody has been measured (docs/SCALING.md). */
const ONE_PROSODY_CARRIES = 1000;

/** Cores that the main Prosody and jicofo keep busy while visitors come. */
const CORES_BESIDE_NODES = 2;

/**
 * The node of a number. Its domain ends in `.meet.jitsi` whatever the deployment is called: Jitsi's page, and its modules visitors and
 * visitors_component, put that behind the name that jicofo tells them. It is nobody's in the DNS, and looked up by nobody.
 */
function visitorNode(number: number): VisitorNode {
  const id = `v${number}`;
  const domain = `${id}.meet.jitsi`;
  const nth = ({ port }: { port: number }) => port + number - 1;
  return {
    ...{ id, number, domain, auth: `auth.${domain}`, conference: `conference.${domain}` },
    clientPort: nth(PORTS.visitorClients),
    httpPort: nth(PORTS.visitorHttp),
    linkPort: nth(PORTS.visitorLinks),
  };
}

/** All nodes that a deployment may have. */
export const VISITOR_NODES = Array.from({ length: MOST_NODES }, (_, index) => visitorNode(index + 1));

/** The nodes of an audience; none where everybody may speak. */
export function visitorsPlan({ domain, audience }: Settings): { visitors?: VisitorsPlan } {
  const { participants, speakers } = audience;
  if (speakers === undefined) return {};
  const count = Math.ceil((participants - speakers) / VISITORS_PER_NODE);
  const nodes = VISITOR_NODES.slice(0, count);
  return {
    visitors: { component: `visitors.${domain}`, speakers, perNode: VISITORS_PER_NODE, nodes },
  };
}

/** What an operator should know about visitors, or about their absence, in one line each. */
export function visitorWarnings(plan: DeploymentPlan): string[] {
  const { visitors, audienceParticipants, features } = plan;
  if (visitors === undefined) {
    return audienceParticipants > ONE_PROSODY_CARRIES
      ? [
          `jitsi:audience expects ${audienceParticipants} participants in a room, and one Prosody was measured with ${ONE_PROSODY_CARRIES}: with jitsi:audience.speakers all others listen at Prosodys of their own`,
        ]
      : [];
  }
  const { cores } = hostPlanOf(plan, plan.core.hostId).size ?? {};
  const wanted = CORES_BESIDE_NODES + visitors.nodes.length;
  return [
    ...(features.breakoutRooms
      ? ["jitsi:features.breakoutRooms is on: visitors of jitsi:audience.speakers cannot enter such rooms"]
      : []),
    ...(cores !== undefined && cores < wanted
      ? [
          `the core has ${cores} cores, and the main Prosody, jicofo and ${visitors.nodes.length} Prosodys of visitors keep up to ${wanted} busy while everybody joins`,
        ]
      : []),
  ];
}
