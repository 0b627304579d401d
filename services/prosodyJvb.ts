import { PORTS } from "../facts/ports";
import type { CorePlan, DeploymentPlan, VideobridgePlan, XmppNames } from "../plan/types";
import { accountJids, accountNote, accountsOf, bridgeJid, bridgeUser, type Login } from "./accounts";
import { lua, systemd } from "./escapers";
import { file, files, restart } from "./files";
import type { FileGroup, Files } from "./manifest";
import { LOOPBACK, PATHS, UNITS } from "./paths";
import { ownAddresses, PROSODY_INTERPRETER, PROSODY_OPEN_FILES, prosodyConfig } from "./prosody";
import { prosodyModule } from "./prosodyModules";
import { render } from "./render";

const LOGINS: Login[] = ["focusService"];

/** XMPP domains that the certificate of prosody-jvb names. */
export function techCertificateNames(names: XmppNames): [string, ...string[]] {
  return [names.tech, names.techMuc];
}

/** Addresses at which prosody-jvb listens: loopback for jicofo, and what the bridges connect to. */
export function prosodyJvbAddresses({ prosodyJvbInterfaces: interfaces }: CorePlan): string[] {
  return interfaces.includes("*") ? interfaces : [...new Set([LOOPBACK, ...interfaces])];
}

/** prosody-jvb: the bridges, their brewery, and jicofo's service side. */
export function prosodyJvbGroup(plan: DeploymentPlan): FileGroup {
  return {
    group: "prosody-jvb",
    files: files(
      config(plan),
      prosodyModule("prosodyJvb", "daemon_sessions"),
      prosodyModule("prosodyJvb", "focus_resume"),
      prosodyModule("prosodyJvb", "expiry_hold"),
      prosodyModule("prosodyJvb", "bridge_bounds"),
      prosodyModule("prosodyJvb", "brewery"),
      plan.brewery.presenceFilter ? prosodyModule("prosodyJvb", "brewery_filter") : {},
      unit(plan),
      accountNote("/etc/audio-meet/accounts/prosody-jvb", plan, LOGINS),
    ),
    run: [UNITS.prosodyJvb],
    accounts: accountsOf(PATHS.prosodyJvb, plan.names, LOGINS),
  };
}

/**
 * The account of a bridge: on the core, while prosody-jvb runs. A group of its own for each bridge, so that one more or less is
 * nobody else's change, and so that it outlives the drain of its bridge.
 */
export function bridgeAccountGroup(
  plan: DeploymentPlan,
  bridge: VideobridgePlan,
  password: string,
): FileGroup {
  const passwordFile = `${PATHS.bridgePasswords}/${bridgeUser(plan, bridge)}`;
  const { config: configPath, data: dataPath } = PATHS.prosodyJvb;
  return {
    group: `account-${bridge.id}`,
    files: file(passwordFile, password, { mode: "0600" }),
    run: [],
    accounts: [{ config: configPath, dataPath, jid: bridgeJid(plan, bridge), passwordFile }],
  };
}

function config({ names, core, brewery, monitoring }: DeploymentPlan): Files {
  const jids = accountJids(names);
  const view = {
    isMonitored: monitoring !== undefined,
    presenceFilter: brewery.presenceFilter,
    room: names.brewery,
    bridgeUser: names.videobridgeUser,
    pluginFolder: PATHS.prosodyJvb.plugins,
    dataPath: PATHS.prosodyJvb.data,
    loopback: LOOPBACK,
    clientPort: PORTS.prosodyJvb.port,
    httpPort: PORTS.prosodyJvbHttp.port,
    interfaces: prosodyJvbAddresses(core).map((address) => ({ address })),
    techDomain: names.tech,
    techMucDomain: names.techMuc,
    focusJid: jids.focusService,
    certificate: PATHS.techCertificate,
    key: PATHS.techKey,
  };
  return prosodyConfig(PATHS.prosodyJvb.config, render("prosody/jvb.cfg.lua", view, lua), UNITS.prosodyJvb);
}

function unit({ core }: DeploymentPlan): Files {
  const view = {
    lua: PROSODY_INTERPRETER,
    config: PATHS.prosodyJvb.config,
    dataPath: PATHS.prosodyJvb.data,
    openFiles: PROSODY_OPEN_FILES,
    firewallUnit: UNITS.firewall,
    addresses: ownAddresses(prosodyJvbAddresses(core)),
  };
  return file(
    `/etc/systemd/system/${UNITS.prosodyJvb}`,
    render("prosody/prosody-jvb.service", view, systemd),
    {
      units: restart(UNITS.prosodyJvb),
      check: "unit",
    },
  );
}
