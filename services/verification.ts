import { PORTS } from "../facts/ports";
import type { DeploymentPlan, VideobridgePlan } from "../plan/types";
import { tokenOf } from "./access";
import { accountJids, bridgeJid, bridgeUser } from "./accounts";
import { browserTrust, certificateChecks } from "./certificate";
import { firewallCheck } from "./firewall";
import { kernelCheck } from "./kernel";
import type { Check } from "./manifest";
import { CONFIG_BEGINNING } from "./meet";
import { LOOPBACK, loopbackUrl, PATHS, UNITS } from "./paths";
import { metricsChecks } from "./metrics";
import { LOGO_PATH } from "./page";
import { prometheusChecks } from "./prometheus";
import { turnChecks } from "./turnChecks";
import { prosodyAddresses } from "./prosody";
import { recorderChecks } from "./recorderChecks";
import { prosodyJvbAddresses } from "./prosodyJvb";
import { expectedModules } from "./prosodyModules";
import { hostRoles } from "./roles";
import { localAddress } from "./videobridge";

/** The soft limit that a unit has without our settings; a Prosody with it goes deaf at 1024 sockets without a word. */
const DEFAULT_OPEN_FILES = 1024;

/** What must be true on a host. "Active" alone proves little: the Java daemons stay up and healthy without a login. */
export function verificationOf(plan: DeploymentPlan, hostId: string): Check[] {
  const { isCore, bridge, recorder } = hostRoles(plan, hostId);
  return [
    ...systemChecks(plan, hostId),
    ...(isCore ? coreChecks(plan) : []),
    ...(bridge ? videobridgeChecks(plan, bridge) : []),
    ...(recorder ? recorderChecks(plan, recorder) : []),
    ...metricsChecks(plan, hostId),
    ...(plan.monitoring?.prometheus?.hostId === hostId ? prometheusChecks(plan) : []),
  ];
}

/** What every host has, whatever runs on it. */
function systemChecks(plan: DeploymentPlan, hostId: string): Check[] {
  const host = plan.hosts.find(({ id }) => id === hostId);
  return [
    { kind: "unit", name: UNITS.firewall },
    firewallCheck(plan, hostId),
    kernelCheck(plan, hostId),
    // Names lead to it, and a network that does not hand it out says nothing.
    ...(host?.ipv6Address === undefined
      ? []
      : [{ kind: "localAddress", address: host.ipv6Address } as const]),
    { kind: "clock" },
  ];
}

function coreChecks(plan: DeploymentPlan): Check[] {
  const minimumOpenFiles = DEFAULT_OPEN_FILES + 2 * plan.audienceParticipants;
  return [
    { kind: "unit", name: UNITS.prosody, minimumOpenFiles },
    { kind: "unit", name: UNITS.prosodyJvb, minimumOpenFiles },
    { kind: "unit", name: UNITS.jicofo, minimumOpenFiles },
    { kind: "unit", name: UNITS.nginx, minimumOpenFiles },
    ...portChecks(plan),
    ...loginChecks(plan),
    ...webChecks(plan),
    ...tokenChecks(plan),
    ...(plan.turn ? turnChecks(plan, plan.turn) : []),
    { kind: "errors", unit: UNITS.prosody, logs: [] },
    { kind: "errors", unit: UNITS.prosodyJvb, logs: [] },
    // Without a bridge jicofo calls itself unhealthy, and rightly so.
    ...(plan.videobridges.length > 0 ? [health(UNITS.jicofo, PORTS.jicofoHttp.port)] : []),
    { kind: "errors", unit: UNITS.jicofo, logs: [PATHS.jicofo.log] },
  ];
}

function portChecks({ core }: DeploymentPlan): Check[] {
  return [
    listening(PORTS.http.port, ["*"]),
    listening(PORTS.https.port, ["*"]),
    listening(PORTS.prosodyClients.port, anyOf(prosodyAddresses(core))),
    listening(PORTS.prosodyHttp.port),
    listening(PORTS.prosodyJvbHttp.port),
    listening(PORTS.jicofoHttp.port),
    listening(PORTS.prosodyJvb.port, anyOf(prosodyJvbAddresses(core))),
  ];
}

/** "::" of Prosody is every IPv6 address, which "*" covers here. */
function anyOf(addresses: string[]): string[] {
  return addresses.includes("*") ? ["*"] : addresses;
}

/** How participants get in: the wrong way stays open, or the right one closed, without a word in any log. */
function participantLogins({ names, access }: DeploymentPlan): Check[] {
  const prosody = { kind: "xmppTls", address: LOOPBACK, port: PORTS.prosodyClients.port } as const;
  const at = { ...prosody, caFile: PATHS.ca };
  return access.kind === "moderated"
    ? [
        { ...at, domain: names.domain, login: "password" },
        { ...at, domain: names.guest, login: "anonymous" },
      ]
    : [{ ...at, domain: names.domain, login: "anonymous" }];
}

/** Without keys every login is refused, and nothing else says so. */
function tokenChecks(plan: DeploymentPlan): Check[] {
  const keys = tokenOf(plan)?.keys;
  if (keys === undefined || keys.from === "secret") return [];
  const { from, url, caBundle } = keys;
  return [
    {
      ...({ kind: "tokenKeys", from, url, unit: UNITS.prosody } as const),
      ...(caBundle !== undefined && { caFile: PATHS.tokenAuthorities }),
    },
  ];
}

function loginChecks(plan: DeploymentPlan): Check[] {
  const { names, videobridges, recorders } = plan;
  const jids = accountJids(names);
  const main = PATHS.prosody.config;
  const tech = PATHS.prosodyJvb.config;
  const caFile = PATHS.ca;
  return [
    { kind: "xmppTls", address: LOOPBACK, port: PORTS.prosodyClients.port, domain: names.auth, caFile },
    { kind: "xmppTls", address: LOOPBACK, port: PORTS.prosodyJvb.port, domain: names.tech, caFile },
    { kind: "prosodyModules", config: main, modules: expectedModules(plan) },
    ...participantLogins(plan),
    {
      kind: "prosodySessions",
      config: main,
      jids: [jids.focusClient, ...(recorders.length > 0 ? [jids.recorderControl] : [])],
    },
    {
      kind: "prosodySessions",
      config: tech,
      jids: [jids.focusService, ...videobridges.map((bridge) => bridgeJid(plan, bridge))],
    },
    {
      kind: "prosodyNoSessions",
      config: main,
      jids: videobridges.flatMap((bridge) => [
        `${bridgeUser(plan, bridge)}@${names.auth}`,
        bridgeJid(plan, bridge),
      ]),
    },
    {
      kind: "jicofo",
      url: loopbackUrl(PORTS.jicofoHttp.port),
      bridges: videobridges.map(({ relayId }) => relayId),
    },
    ...(recorders.length > 0
      ? [
          {
            kind: "jicofoRecorders",
            url: loopbackUrl(PORTS.jicofoHttp.port),
            recorders: recorders.length,
          } as const,
        ]
      : []),
  ];
}

/** What a browser does first, with the certificate verified: the page, its settings, the way to Prosody. */
function webChecks(plan: DeploymentPlan): Check[] {
  const { logo } = plan.web;
  const https = { kind: "https", domain: plan.names.domain, ...browserTrust(plan), status: 200 } as const;
  return [
    ...certificateChecks(plan),
    { ...https, path: "/", contains: CONFIG_BEGINNING },
    { ...https, path: "/config.js", contains: CONFIG_BEGINNING },
    ...(logo && "kind" in logo ? [{ ...https, path: `${LOGO_PATH}.${logo.kind}` }] : []),
    { ...https, path: "/xmpp-websocket", status: 101, websocket: true },
  ];
}

function videobridgeChecks({ names }: DeploymentPlan, bridge: VideobridgePlan): Check[] {
  const { relayId, region, coreAddress } = bridge;
  return [
    { kind: "unit", name: UNITS.videobridge, minimumOpenFiles: DEFAULT_OPEN_FILES + 1 },
    {
      kind: "xmppTls",
      address: coreAddress,
      port: PORTS.prosodyJvb.port,
      domain: names.tech,
      caFile: PATHS.ca,
    },
    listening(PORTS.videobridgeHttp.port),
    // A mapping from an address that the host does not have leaves every participant without media, and nothing says so.
    { kind: "localAddress", address: localAddress(bridge) },
    { kind: "videobridge", url: loopbackUrl(PORTS.videobridgeHttp.port), relayId, region },
    health(UNITS.videobridge, PORTS.videobridgeHttp.port),
    { kind: "errors", unit: UNITS.videobridge, logs: [PATHS.videobridge.log] },
  ];
}

/** Asked for now, whatever the daemon's log says of an hour in which it had to wait for others. */
function health(unit: string, port: number): Check {
  return { kind: "health", unit, url: loopbackUrl(port) };
}

function listening(port: number, addresses: string[] = [LOOPBACK]): Check {
  return { kind: "listening", protocol: "tcp", port, addresses };
}
