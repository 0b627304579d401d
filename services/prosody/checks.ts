import { LOOPBACK } from "../../facts/loopback";
import { PORTS, type Port } from "../../facts/ports";
import { inService } from "../../plan/parked";
import type { DeploymentPlan } from "../../plan/types";
import { TOKEN_AUTHORITIES, tokenOf } from "./access";
import { accountJids, bareJid, bridgeJid, bridgeUser, recorderAccounts } from "../links/accounts";
import { AUTHORITY } from "../links/authority";
import { coreUnit, listening } from "../checks";
import type { Check } from "../manifest";
import { listenAddresses } from "./addresses";
import { formerAccountChecks } from "./formerAccounts";
import { JVB, MAIN } from "./instances";
import { expectedModules } from "./modules";

/** Accounts, rooms and rosters are small; a full disk keeps Prosody from writing any of them, and it goes on. */
export const room = (path: string): Check => ({ kind: "disk", path, minimumMegabytes: 20 });

/** The XMPP domain shows our authority's certificate there, and lets clients in as said. */
export function tls({ port }: Port, domain: string, login?: "password" | "anonymous"): Check {
  const at = { kind: "xmppTls", address: LOOPBACK, port, domain, caFile: AUTHORITY } as const;
  return login === undefined ? at : { ...at, login };
}

/** The main Prosody lets in whom it should and nobody else, and jicofo and recorders are there. */
export function prosodyChecks(plan: DeploymentPlan): Check[] {
  const { names, core, videobridges, recorders } = plan;
  const { config } = MAIN;
  const { focusClient } = accountJids(names);
  const recorderJids = recorders.map((one) => bareJid(recorderAccounts(plan, one).control));
  return [
    coreUnit(MAIN.unit, plan),
    room(MAIN.data),
    listening(MAIN.clients, listenAddresses(core.prosodyInterfaces)),
    listening(MAIN.http),
    ...(plan.visitors ? [listening(PORTS.prosodyLinks)] : []),
    tls(MAIN.clients, names.auth),
    { kind: "prosodyModules", config, modules: expectedModules(plan) },
    ...participantLogins(plan),
    {
      kind: "prosodySessions",
      config,
      jids: [focusClient, ...recorderJids],
    },
    {
      kind: "prosodyNoSessions",
      config,
      jids: videobridges.flatMap((bridge) => [
        `${bridgeUser(plan, bridge)}@${names.auth}`,
        bridgeJid(plan, bridge),
      ]),
    },
    ...tokenChecks(plan),
    ...(plan.recording ? formerAccountChecks() : []),
    { kind: "errors", unit: MAIN.unit, logs: [] },
  ];
}

/** Who belongs to prosody-jvb is there: jicofo and every bridge in service. */
export function prosodyJvbChecks(plan: DeploymentPlan): Check[] {
  const { names, core } = plan;
  const bridges = inService(plan).map((bridge) => bridgeJid(plan, bridge));
  return [
    coreUnit(JVB.unit, plan),
    room(JVB.data),
    listening(JVB.http),
    listening(JVB.clients, listenAddresses(core.prosodyJvbInterfaces)),
    tls(JVB.clients, names.tech),
    {
      kind: "prosodySessions",
      config: JVB.config,
      jids: [accountJids(names).focusService, ...bridges],
    },
    { kind: "errors", unit: JVB.unit, logs: [] },
  ];
}

/** How participants get in: the wrong way stays open, or the right one closed, without a word in any log. */
function participantLogins({ names, access }: DeploymentPlan): Check[] {
  const clients = MAIN.clients;
  return access.kind === "moderated"
    ? [tls(clients, names.domain, "password"), tls(clients, names.guest, "anonymous")]
    : [tls(clients, names.domain, "anonymous")];
}

/** Without keys every login is refused, and nothing else says so. */
function tokenChecks(plan: DeploymentPlan): Check[] {
  const keys = tokenOf(plan)?.keys;
  if (keys === undefined || keys.from === "secret") return [];
  const { from, url, caBundle } = keys;
  return [
    {
      ...({ kind: "tokenKeys", from, url, unit: MAIN.unit } as const),
      ...(caBundle !== undefined && { caFile: TOKEN_AUTHORITIES }),
    },
  ];
}
