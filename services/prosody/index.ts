import { PORTS } from "../../facts/ports";
import { PROSODY_LUA, type ReleaseFacts } from "../../facts/releases";
import type { DeploymentPlan, HostPlan, VisitorsPlan, XmppNames } from "../../plan/types";
import { accessSecrets, moderatorAccounts, prosodyAccessFiles, tokenDestinations } from "./access";
import { accountJids, accountNote, accountsOf, passwordFiles, type Login } from "../links/accounts";
import { systemd } from "../escapers";
import { file, files, FOR_PROSODY, reload, restart } from "../files";
import { jitsiRepository, keyOf } from "../jitsiPackages";
import type { Files, RepositorySpec } from "../manifest";
import { listenAddresses, ownAddresses } from "./addresses";
import { prosodyChecks } from "./checks";
import { PROSODY_INTERPRETER, PROSODY_OPEN_FILES } from "./daemon";
import { prosodyWay } from "./way";
import { FORMER_ACCOUNTS_TIMER, formerAccountFiles } from "./formerAccounts";
import { moduleLibraries, OWN_LIBRARIES, prosodyLua, prosodyModule } from "./modules";
import { FIREWALL_UNIT } from "../firewall";
import { shownCertificate } from "../links/authority";
import { MAIN } from "./instances";
import { mainConfig } from "./mainConfig";
import { PRICES } from "../prices";
import { render } from "../render";
import type { Packages, Secret, Service } from "../service";

/** Who has an account here that is no recorder and no moderator. */
const LOGINS: Login[] = ["focusClient"];

/** Modules of our own that every deployment has, and what they share. */
const OWN_MODULES = [
  ...["audio_only", "broadcast_once", "daemon_sessions", "feature_bounds", "focus_hold", "fresh_reading"],
  ...["login_limits", "session_overlap"],
  ...["own_sources", "participant_bounds", "room_requests", "stanza_limits", "websocket_frames"],
];
const RECORDER_MODULES = ["brewery_watch", "recorder_bounds", "recorder_rooms"];
const RECORDER_LIBRARIES = ["numbered_accounts", "server_questions"];

/**
 * XMPP domains that the main Prosody's certificate names, those of features and guests that are not there as well: a switch makes no
 * certificate. Visitors make another one: who has none of them keeps the certificate that is there.
 */
export function mainCertificateNames(names: XmppNames, visitors?: VisitorsPlan): [string, ...string[]] {
  const { domain, guest, auth, conference, focus, internalAuth, lobby, breakout, recorder, ...others } =
    names;
  const { avModeration, endConference, roomMetadata, speakerStats, polls } = others;
  const services = [avModeration, endConference, roomMetadata, speakerStats, polls];
  const links = visitors ? [visitors.component] : [];
  return [
    ...([domain, guest, auth, conference, focus, internalAuth, lobby, breakout, recorder] as const),
    ...[...services, ...links],
  ];
}

/** The main Prosody: participants, conference rooms, jicofo's client side. */
export const prosody: Service = {
  name: "prosody",
  role: "core",
  ports: [MAIN.clients, MAIN.http, PORTS.prosodyLinks],
  packages: prosodyPackages,
  keptPackages: ["prosody"],
  secrets: mainSecrets,
  trust: (_, { mainCertPem }) => shownCertificate(MAIN.certificate, mainCertPem, [MAIN.unit], FOR_PROSODY),
  files: mainFiles,
  checks: prosodyChecks,
  way: prosodyWay,
  prices: { [MAIN.unit]: PRICES.prosody, [FORMER_ACCOUNTS_TIMER]: PRICES.background },
  destinations: tokenDestinations,
  // Both Prosodys, nginx and coturn together: 150 MB, measured idle.
  needs: { memoryMegabytes: 150, packagesMegabytes: 300 },
  metrics: [{ name: "prosody", port: MAIN.http, metric: "prosody_info" }],
  watched: { packages: ["prosody"], units: [MAIN.unit], certificates: [MAIN.certificate] },
};

/** Of Jitsi's plugins only the files are wanted: their package's postinst would edit Prosody's configuration, which is ours. */
function prosodyPackages({ packages, release }: DeploymentPlan, _: HostPlan, facts: ReleaseFacts): Packages {
  const own: RepositorySpec = {
    name: "prosody",
    uri: packages.prosodyRepository,
    suite: "@CODENAME",
    components: ["main"],
    key: keyOf(packages.prosodyKey),
  };
  const plugins = { version: release.meetProsody, folder: "/usr/share/jitsi-meet/prosody-plugins" };
  return {
    repositories: [jitsiRepository(packages), ...(facts.prosodyFrom === "prosody.im" ? [own] : [])],
    versions: { prosody: release.prosody, [PROSODY_LUA]: "*" },
    unpack: { "jitsi-meet-prosody": plugins },
  };
}

/** An account must have its password before a daemon uses it; key and token secret are read by Prosody itself. */
function mainSecrets(plan: DeploymentPlan, _: HostPlan, secret: Secret): Files {
  return files(
    passwordFiles(LOGINS, secret),
    file(MAIN.key, secret("mainKeyPem"), FOR_PROSODY),
    accessSecrets(plan, secret),
  );
}

function mainFiles(plan: DeploymentPlan): ReturnType<Service["files"]> {
  const { names } = plan;
  return {
    files: files(
      mainConfig(plan),
      ...OWN_MODULES.map((name) => prosodyModule(MAIN, name)),
      ...OWN_LIBRARIES.map((name) => prosodyLua(MAIN, `${name}.lib`)),
      ...(plan.recording ? RECORDER_MODULES : []).map((name) => prosodyModule(MAIN, name)),
      ...(plan.recording ? RECORDER_LIBRARIES : []).map((name) => prosodyLua(MAIN, `${name}.lib`)),
      plan.recording ? formerAccountFiles() : {},
      visitorModules(plan),
      turnSecretFiles(plan),
      moduleLibraries(plan),
      dropIn(plan),
      prosodyAccessFiles(plan),
      accountNote("/etc/audio-meet/accounts/prosody", plan, LOGINS),
    ),
    run: [MAIN.unit, ...(plan.recording ? [FORMER_ACCOUNTS_TIMER] : [])],
    accounts: [...accountsOf(MAIN, names, LOGINS), ...moderatorAccounts(plan)],
    // The client proxy hands requests on to jicofo only while it is in jicofo's roster.
    subscriptions: [
      {
        config: MAIN.config,
        dataPath: MAIN.data,
        account: accountJids(names).focusClient,
        component: names.focus,
      },
    ],
  };
}

/** What takes up another secret of TURN, and the note by which it is noticed. */
function turnSecretFiles({ turn, secrets }: DeploymentPlan): Files {
  if (turn === undefined) return {};
  const note = `secret ${secrets.turn}\n`;
  return files(
    prosodyModule(MAIN, "turn_secret"),
    prosodyModule(MAIN, "turn_sessions"),
    file("/etc/audio-meet/accounts/turn", note, { units: reload(MAIN.unit) }),
  );
}

/** What the main Prosody has where there are visitors. Jitsi's module of that name comes after ours. */
function visitorModules({ visitors }: DeploymentPlan): Files {
  if (visitors === undefined) return {};
  return files(
    prosodyModule(MAIN, "node_links"),
    prosodyModule(MAIN, "promoted_names"),
    prosodyLua(MAIN, "token/util.lib"),
  );
}

function dropIn({ core, recording }: DeploymentPlan): Files {
  const view = {
    lua: PROSODY_INTERPRETER,
    openFiles: PROSODY_OPEN_FILES,
    dataPath: MAIN.data,
    // Without recording the unit stays as it is packaged in this respect.
    recorders: recording ? [{ firewallUnit: FIREWALL_UNIT }] : [],
    addresses: ownAddresses(listenAddresses(core.prosodyInterfaces)),
  };
  const text = render("prosody/prosody.service.d.conf", view, systemd);
  return file(`/etc/systemd/system/${MAIN.unit}.d/audio-meet.conf`, text, {
    units: restart(MAIN.unit),
    check: "unit",
  });
}
