import { LOOPBACK } from "../../facts/loopback";
import { PORTS } from "../../facts/ports";
import type { DeploymentPlan, VisitorNode, VisitorsPlan, XmppNames } from "../../plan/types";
import { VISITOR_NODES } from "../../plan/visitors";
import { lua } from "../escapers";
import { file, files, FOR_PROSODY, reload, restart } from "../files";
import { focusPasswordFile } from "../links/accounts";
import { shownCertificate } from "../links/authority";
import type { FileGroup, Files } from "../manifest";
import { PRICES } from "../prices";
import { render, verbatim } from "../render";
import { inOneGroup, type Service } from "../service";
import { instanceUnit, prosodyConfig } from "./daemon";
import { nodeInstance, NODES } from "./instances";
import { acknowledgementsView, libraryFiles } from "./modules";
import { participantsConfig } from "./participants";
import { nodeChecks } from "./visitorChecks";
import { nodeModules, OWN_NODE_FILES, TURN_NODE_FILES } from "./visitorModules";

/** XMPP domains that the certificate of the nodes names. */
export function nodeCertificateNames({ nodes }: VisitorsPlan): [string, ...string[]] {
  const [first, ...others] = nodes.flatMap(({ domain, conference, auth }) => [domain, conference, auth]);
  if (first === undefined) throw new Error("visitors have no node");
  return [first, ...others];
}

/** All nodes that a deployment may have: a Prosody each, which come to the core in one step. */
export const visitorNodes: Service[] = inOneGroup("visitors", ...VISITOR_NODES.map(nodeService));

function nodeService(node: VisitorNode): Service {
  const { id, number } = node;
  const { unit, http } = nodeInstance(node);
  // What all of them share comes with the first.
  const isFirst = number === 1;
  return {
    name: `prosody-${id}`,
    role: "core",
    isOn: ({ visitors }) => visitors?.nodes.some((one) => one.number === number) === true,
    ...(isFirst && {
      ports: [PORTS.visitorClients, PORTS.visitorHttp, PORTS.visitorLinks],
      secrets: (_, __, secret) => file(NODES.key, secret("visitorsKeyPem"), FOR_PROSODY),
      trust: (plan, { visitorsCertPem }) =>
        shownCertificate(NODES.certificate, visitorsCertPem, unitsOf(plan), FOR_PROSODY),
    }),
    files: (plan) => nodeFiles(plan, node, isFirst),
    checks: (plan) => nodeChecks(plan, node, focusJid(plan.names, node)),
    way: (_, __, checks) => ({ [`visitors ${id}`]: checks.filter(({ kind }) => kind !== "errors") }),
    prices: { [unit]: PRICES.visitorNode },
    // 50 MB with 150 visitors, measured.
    needs: { memoryMegabytes: 60, packagesMegabytes: 0 },
    metrics: [{ name: `prosody-${id}`, port: http, metric: "prosody_info" }],
    watched: { units: [unit], certificates: isFirst ? [NODES.certificate] : [] },
  };
}

function nodeFiles(plan: DeploymentPlan, node: VisitorNode, isFirst: boolean): Omit<FileGroup, "group"> {
  const instance = nodeInstance(node);
  const { config, data: dataPath, unit } = instance;
  const jid = focusJid(plan.names, node);
  return {
    files: files(
      nodeConfig(plan, node),
      instanceUnit(instance, { bridges: false, visitors: [{ id: node.id }], addresses: [] }),
      isFirst ? sharedFiles(plan) : {},
    ),
    run: [unit],
    accounts: [{ config, dataPath, jid, passwordFile: focusPasswordFile("focusClient") }],
  };
}

/** jicofo's account at a node. */
function focusJid({ focusUser }: XmppNames, { auth }: VisitorNode): string {
  return `${focusUser}@${auth}`;
}

function unitsOf({ visitors }: DeploymentPlan): string[] {
  return (visitors?.nodes ?? []).map((node) => nodeInstance(node).unit);
}

/** Modules of ours, what they share, and the notes by which another secret is noticed. */
function sharedFiles(plan: DeploymentPlan): Files {
  const units = unitsOf(plan);
  const { secrets, turn, visitors } = plan;
  const own = turn === undefined ? OWN_NODE_FILES : [...OWN_NODE_FILES, ...TURN_NODE_FILES];
  const note = (visitors?.nodes ?? []).map(
    (node) => `${focusJid(plan.names, node)} password ${secrets.focusClient}\n`,
  );
  return files(
    ...own.map((name) =>
      file(`${NODES.plugins}/${name}.lua`, verbatim(`prosody/${name}.lua`), { units: restart(...units) }),
    ),
    libraryFiles(NODES.libraries, units),
    file("/etc/audio-meet/accounts/visitors", note.join("")),
    turn === undefined
      ? {}
      : file("/etc/audio-meet/accounts/visitors-turn", `secret ${secrets.turn}\n`, {
          units: reload(...units),
        }),
  );
}

function nodeConfig(plan: DeploymentPlan, node: VisitorNode): Files {
  const instance = nodeInstance(node);
  const { config, unit } = instance;
  return prosodyConfig(config, globalPart(plan, node) + hostsPart(plan, node), unit, {});
}

function globalPart(plan: DeploymentPlan, node: VisitorNode): string {
  const { names } = plan;
  return participantsConfig(plan, {
    instance: nodeInstance(node),
    pidFile: `/run/prosody-${node.id}/prosody.pid`,
    certificates: NODES.certificates,
    libraries: NODES.libraries,
    interfaces: [LOOPBACK],
    domain: node.domain,
    conference: node.conference,
    focusJid: focusJid(names, node),
    hosts: [node.domain],
    links: { port: node.linkPort, others: mainLinks(plan) },
    mainDomain: names.domain,
  });
}

/** Where the main Prosody is, under each name that it speaks in. */
function mainLinks({ names, access, visitors }: DeploymentPlan): Record<string, number> {
  const hosts = [
    ...[names.domain, names.conference],
    ...(access.kind === "moderated" ? [names.guest] : []),
    ...(visitors ? [visitors.component] : []),
  ];
  return Object.fromEntries(hosts.map((host) => [host, PORTS.prosodyLinks.port]));
}

function hostsPart(plan: DeploymentPlan, node: VisitorNode): string {
  const { names, features, access } = plan;
  const modules = nodeModules(plan, node);
  const shown = (host: string) => (modules[host] ?? []).map((module) => ({ module }));
  const view = {
    domain: node.domain,
    authDomain: node.auth,
    conferenceDomain: node.conference,
    domainModules: shown(node.domain),
    authModules: shown(node.auth),
    conferenceModules: shown(node.conference).filter(({ module }) => module !== "muc"),
    acknowledgements: acknowledgementsView(plan),
    guests: access.kind === "moderated" ? [{ guestDomain: names.guest }] : [],
    slimPages: features.broadcastOnce && features.slimPresences ? [{ pages: [{ host: node.domain }] }] : [],
  };
  return render("prosody/visitors.cfg.lua", view, lua);
}
