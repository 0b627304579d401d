import type { DeploymentPlan, VisitorNode } from "../../plan/types";
import { PORTS } from "../../facts/ports";
import { coreUnit, listening } from "../checks";
import { browserTrust } from "../links/pageCertificate";
import type { Check } from "../manifest";
import { room, tls } from "./checks";
import { nodeInstance } from "./instances";
import { nodeModules } from "./visitorModules";

/** A node lets visitors in, speaks to the main Prosody alone, and jicofo is there. */
export function nodeChecks(plan: DeploymentPlan, node: VisitorNode, focus: string): Check[] {
  const { unit, config, data, clients, http } = nodeInstance(node);
  const { caFile, trial } = browserTrust(plan);
  return [
    coreUnit(unit, plan),
    room(data),
    listening(clients),
    listening(http),
    listening({ ...PORTS.visitorLinks, port: node.linkPort }),
    tls(clients, node.auth),
    tls(clients, node.domain, "anonymous"),
    {
      kind: "prosodyModules",
      config,
      modules: { Global: ["websocket_frames", "stanza_limits", "node_links"], ...nodeModules(plan, node) },
    },
    { kind: "prosodySessions", config, jids: [focus] },
    { kind: "nodeLink", config, host: node.domain, to: plan.names.domain },
    {
      kind: "visitorLogin",
      ...{ domain: plan.names.domain, node: node.id, host: node.domain },
      ...(caFile !== undefined && { caFile }),
      ...(trial !== undefined && { trial }),
    },
    { kind: "errors", unit, logs: [] },
  ];
}
