import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeploymentPlan } from "../../../plan/types";
import { mainCertificateNames } from "../../../services/prosody";
import { nodeCertificateNames } from "../../../services/prosody/visitors";
import { freePort } from "../prosodyProcess";
import { TestAuthority } from "./authority";
import { type Changes, type Links, type MainProsody, startMain, startNode } from "./mainProsody";

/** What differs from what the product renders. */
interface Differences {
  main?: Changes;
  /** By the id of a node. */
  nodes?: Record<string, Changes>;
  /** Nodes whose certificate is signed by somebody else. */
  strangers?: string[];
  /** Nodes that the main Prosody does not know. */
  unknown?: string[];
}

/** The main Prosody and the nodes of a plan, linked as the product links them. */
export interface LinkedProsodys {
  main: MainProsody;
  nodes: Record<string, MainProsody>;
  stop: () => Promise<void>;
}

export async function startLinked(
  plan: DeploymentPlan,
  { main: ofMain = {}, nodes: ofNodes = {}, strangers = [], unknown = [] }: Differences = {},
): Promise<LinkedProsodys> {
  const { visitors, names } = plan;
  if (visitors === undefined) throw new Error("the plan has no visitors");
  const folder = mkdtempSync(join(tmpdir(), "linked-"));
  const [ours, other] = [new TestAuthority(folder, "ours"), new TestAuthority(folder, "other")];
  const authority = ours.certificate;
  const mainPort = await freePort();
  const ports = await Promise.all(visitors.nodes.map(async () => freePort()));
  const known = visitors.nodes.flatMap(({ id, domain, conference }, at) =>
    unknown.includes(id) ? [] : [domain, conference].map((host) => [host, ports[at] ?? 0]),
  );
  const links: Links = {
    ...ours.issue("main", mainCertificateNames(names, visitors)),
    ...{ authority, port: mainPort, others: Object.fromEntries(known) as Record<string, number> },
  };
  const main = await startMain(plan, { ...ofMain, links });
  const nodes: Record<string, MainProsody> = {};
  const others = Object.fromEntries(
    [names.domain, names.guest, names.conference, visitors.component].map((host) => [host, mainPort]),
  );
  for (const [at, node] of visitors.nodes.entries()) {
    const signer = strangers.includes(node.id) ? other : ours;
    const pair = signer.issue(node.id, nodeCertificateNames(visitors));
    const own = { ...pair, authority, port: ports[at] ?? 0, others };
    nodes[node.id] = await startNode(plan, node, { ...ofNodes[node.id], links: own });
  }
  const stop = async () => {
    await Promise.all([main, ...Object.values(nodes)].map(async (each) => each.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  return { main, nodes, stop };
}
