import { LOOPBACK } from "../../facts/loopback";
import type { DeploymentPlan, VideobridgePlan, XmppNames } from "../../plan/types";
import {
  accountJids,
  accountNote,
  accountsOf,
  bridgeJid,
  bridgeUser,
  passwordFiles,
  type Login,
} from "../links/accounts";
import { lua } from "../escapers";
import { extraOrigin, extraView, luaLines } from "../extra";
import { file, files, FOR_PROSODY } from "../files";
import type { FileGroup, Files } from "../manifest";
import { bridgeSource } from "../firewall";
import { shownCertificate } from "../links/authority";
import { instanceUnit, prosodyConfig } from "./daemon";
import { JVB } from "./instances";
import { listenAddresses, ownAddresses } from "./addresses";
import { prosodyJvbChecks } from "./checks";
import { prosodyJvbWay } from "./way";
import { prosodyLua, prosodyModule } from "./modules";
import { PRICES } from "../prices";
import { render } from "../render";
import type { Service } from "../service";

const LOGINS: Login[] = ["focusService"];

/** One file for each bridge's account. */
const BRIDGE_PASSWORDS = "/etc/audio-meet/secrets/bridges";

/** XMPP domains that the certificate of prosody-jvb names. */
export function techCertificateNames(names: XmppNames): [string, ...string[]] {
  return [names.tech, names.techMuc];
}

/** prosody-jvb: the bridges, their brewery, and jicofo's service side. */
export const prosodyJvb: Service = {
  name: "prosody-jvb",
  role: "core",
  ports: [JVB.clients, JVB.http],
  secrets: (_, __, secret) =>
    files(passwordFiles(LOGINS, secret), file(JVB.key, secret("techKeyPem"), FOR_PROSODY)),
  trust: (_, { techCertPem }) => shownCertificate(JVB.certificate, techCertPem, [JVB.unit], FOR_PROSODY),
  files: jvbFiles,
  checks: prosodyJvbChecks,
  way: prosodyJvbWay,
  prices: { [JVB.unit]: PRICES.nobody },
  metrics: [{ name: "prosody-jvb", port: JVB.http, metric: "prosody_info" }],
  watched: { units: [JVB.unit], certificates: [JVB.certificate] },
};

function jvbFiles(plan: DeploymentPlan): ReturnType<Service["files"]> {
  return {
    files: files(
      config(plan),
      prosodyModule(JVB, "daemon_sessions"),
      prosodyModule(JVB, "focus_resume"),
      prosodyModule(JVB, "fresh_reading"),
      prosodyModule(JVB, "expiry_hold"),
      prosodyModule(JVB, "bridge_bounds"),
      prosodyModule(JVB, "bridge_watch"),
      prosodyLua(JVB, "server_questions.lib"),
      prosodyLua(JVB, "numbered_accounts.lib"),
      prosodyModule(JVB, "brewery"),
      plan.brewery.presenceFilter ? prosodyModule(JVB, "brewery_filter") : {},
      unit(plan),
      accountNote("/etc/audio-meet/accounts/prosody-jvb", plan, LOGINS),
    ),
    run: [JVB.unit],
    accounts: accountsOf(JVB, plan.names, LOGINS),
  };
}

/** Name of the group of a bridge's account; another one for each relay id, since a machine and its successor are logged in together. */
export function bridgeAccountName({ relayId }: Pick<VideobridgePlan, "relayId">): string {
  return `account-${relayId}`;
}

/** Relay id of a machine that took the place of another one; none of a first machine. */
export function successorName({ id, relayId }: VideobridgePlan): string | undefined {
  return relayId === id ? undefined : relayId;
}

/**
 * The account of a bridge, and its way to it through the firewall: on the core, while prosody-jvb runs. A group of its own for each
 * bridge, so that one more or less is nobody else's change, and so that it outlives the drain of its bridge.
 */
export function bridgeAccountGroup(
  plan: DeploymentPlan,
  bridge: VideobridgePlan,
  password: string,
): FileGroup {
  const passwordFile = `${BRIDGE_PASSWORDS}/${bridgeUser(plan, bridge)}`;
  const { config: configPath, data: dataPath } = JVB;
  return {
    group: bridgeAccountName(bridge),
    step: `account-${bridge.id}`,
    files: files(file(passwordFile, password, { mode: "0600" }), bridgeSource(bridge)),
    run: [],
    accounts: [{ config: configPath, dataPath, jid: bridgeJid(plan, bridge), passwordFile }],
  };
}

function config(plan: DeploymentPlan): Files {
  const { names, core, brewery, monitoring } = plan;
  const jids = accountJids(names);
  const view = {
    isMonitored: monitoring !== undefined,
    presenceFilter: brewery.presenceFilter,
    room: names.brewery,
    bridgeUser: names.videobridgeUser,
    pluginFolder: JVB.plugins,
    dataPath: JVB.data,
    loopback: LOOPBACK,
    clientPort: JVB.clients.port,
    httpPort: JVB.http.port,
    interfaces: listenAddresses(core.prosodyJvbInterfaces).map((address) => ({ address })),
    techDomain: names.tech,
    techMucDomain: names.techMuc,
    focusJid: jids.focusService,
    certificate: JVB.certificate,
    key: JVB.key,
    extras: extraView("prosodyJvb", luaLines(plan.extra.prosodyJvb)),
  };
  const text = render("prosody/jvb.cfg.lua", view, lua);
  return prosodyConfig(JVB.config, text, JVB.unit, extraOrigin(plan, "prosodyJvb"));
}

function unit({ core }: DeploymentPlan): Files {
  return instanceUnit(JVB, {
    bridges: true,
    visitors: [],
    addresses: ownAddresses(listenAddresses(core.prosodyJvbInterfaces)),
  });
}
