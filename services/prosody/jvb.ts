import { PORTS } from "../../facts/ports";
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
import { lua, systemd } from "../escapers";
import { file, files, FOR_PROSODY, restart } from "../files";
import type { FileGroup, Files } from "../manifest";
import { LOOPBACK, PATHS, UNITS } from "../paths";
import { PROSODY_INTERPRETER, PROSODY_OPEN_FILES, prosodyConfig } from ".";
import { listenAddresses, ownAddresses } from "./addresses";
import { prosodyJvbChecks } from "./checks";
import { prosodyLua, prosodyModule } from "./modules";
import { render } from "../render";
import type { Service } from "../service";

const LOGINS: Login[] = ["focusService"];

/** XMPP domains that the certificate of prosody-jvb names. */
export function techCertificateNames(names: XmppNames): [string, ...string[]] {
  return [names.tech, names.techMuc];
}

/** prosody-jvb: the bridges, their brewery, and jicofo's service side. */
export const prosodyJvb: Service = {
  name: "prosody-jvb",
  role: "core",
  ports: [PORTS.prosodyJvb, PORTS.prosodyJvbHttp],
  secrets: (_, __, secret) =>
    files(passwordFiles(LOGINS, secret), file(PATHS.techKey, secret("techKeyPem"), FOR_PROSODY)),
  files: jvbFiles,
  checks: prosodyJvbChecks,
  metrics: [{ name: "prosody-jvb", port: PORTS.prosodyJvbHttp, metric: "prosody_info" }],
  watched: { units: [UNITS.prosodyJvb], certificates: [PATHS.techCertificate] },
};

function jvbFiles(plan: DeploymentPlan): ReturnType<Service["files"]> {
  return {
    files: files(
      config(plan),
      prosodyModule("prosodyJvb", "daemon_sessions"),
      prosodyModule("prosodyJvb", "focus_resume"),
      prosodyModule("prosodyJvb", "expiry_hold"),
      prosodyModule("prosodyJvb", "bridge_bounds"),
      prosodyLua("prosodyJvb", "server_questions.lib"),
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
    interfaces: listenAddresses(core.prosodyJvbInterfaces).map((address) => ({ address })),
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
    addresses: ownAddresses(listenAddresses(core.prosodyJvbInterfaces)),
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
