import { LOOPBACK, loopbackUrl } from "../../facts/loopback";
import { PORTS } from "../../facts/ports";
import { PROSODY_LUA, type ReleaseFacts } from "../../facts/releases";
import type { DeploymentPlan, HostPlan, XmppNames } from "../../plan/types";
import {
  accessSecrets,
  moderatorAccounts,
  prosodyAccessFiles,
  prosodyAccessView,
  tokenDestinations,
} from "./access";
import { accountJids, accountNote, accountsOf, passwordFiles, type Login } from "../links/accounts";
import { limitsView } from "./limits";
import { externalServices } from "../links/turn";
import { lua, systemd } from "../escapers";
import { extraOrigin, extraView, luaLines } from "../extra";
import { file, files, FOR_PROSODY, reload, restart, type FileOptions } from "../files";
import { jitsiRepository, keyOf } from "../jitsiPackages";
import type { Files, RepositorySpec } from "../manifest";
import { listenAddresses, ownAddresses } from "./addresses";
import { prosodyChecks } from "./checks";
import { prosodyWay } from "./way";
import { FORMER_ACCOUNTS_TIMER, formerAccountFiles } from "./formerAccounts";
import { featureView, moduleLibraries, prosodyLua, prosodyModule } from "./modules";
import { FIREWALL_UNIT } from "../firewall";
import { shownCertificate } from "../links/authority";
import { MAIN, RECORDERS_UNHEARD } from "./instances";
import { PRICES } from "../prices";
import { render, type View } from "../render";
import type { Packages, Secret, Service } from "../service";

/** Named in both units: which Lua runs Prosody is not for the server's alternatives to say. */
export const PROSODY_INTERPRETER = `/usr/bin/${PROSODY_LUA}`;

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
const OWN_LIBRARIES = ["gathered_writes", "kept_stanzas", "source_address", "stanza_texts", "stanza_turns"];

/** Open files of a Prosody. A participant is one socket; 65,536 leaves room and costs nothing. */
export const PROSODY_OPEN_FILES = 65_536;

/** XMPP domains that the main Prosody's certificate names, those of features and guests that are not there as well: a switch makes no certificate. */
export function mainCertificateNames(names: XmppNames): [string, ...string[]] {
  const { domain, guest, auth, conference, focus, internalAuth, lobby, breakout, recorder, ...others } =
    names;
  const { avModeration, endConference, roomMetadata, speakerStats, polls } = others;
  const services = [avModeration, endConference, roomMetadata, speakerStats, polls];
  return [domain, guest, auth, conference, focus, internalAuth, lobby, breakout, recorder, ...services];
}

/** The main Prosody: participants, conference rooms, jicofo's client side. */
export const prosody: Service = {
  name: "prosody",
  role: "core",
  ports: [MAIN.clients, MAIN.http],
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

/** How a Prosody's configuration goes live. Restart and not reload: most modules read their options when they load. */
export function prosodyConfig(path: string, text: string, unit: string, more: FileOptions): Files {
  return file(path, text, { ...FOR_PROSODY, units: restart(unit), check: "prosody", ...more });
}

function mainConfig(plan: DeploymentPlan): Files {
  const { names, contact, monitoring } = plan;
  const view = {
    isMonitored: monitoring !== undefined,
    ...featureView(plan),
    limits: [limitsView(plan)],
    ...prosodyAccessView(plan),
    dataPath: MAIN.data,
    pluginFolder: MAIN.plugins,
    loopback: LOOPBACK,
    clientPort: MAIN.clients.port,
    interfaces: listenAddresses(plan.core.prosodyInterfaces).map((address) => ({ address })),
    recorders: recorderView(plan),
    httpPort: MAIN.http.port,
    domain: names.domain,
    authDomain: names.auth,
    conferenceDomain: names.conference,
    internalAuthDomain: names.internalAuth,
    focusDomain: names.focus,
    // Nobody has this account. Where rooms begin with a login, its domain is one that jicofo takes for logged in.
    focusRequester: `focus-hold@${names.domain}`,
    jicofoStatistics: `${loopbackUrl(PORTS.jicofoHttp)}/stats`,
    contactUri: `mailto:${contact}`,
    certificate: MAIN.certificate,
    key: MAIN.key,
    ...externalServices(plan),
    extras: extraView("prosody", luaLines(plan.extra.prosody)),
  };
  const text = render("prosody/main.cfg.lua", view, lua);
  return prosodyConfig(MAIN.config, text, MAIN.unit, extraOrigin(plan, "prosody"));
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

/** What recorders need here, whether there is one or not: one more or less restarts nothing. A list of one or none. */
function recorderView({ names, recording }: DeploymentPlan): View[] {
  if (recording === undefined) return [];
  return [
    {
      recorderDomain: names.recorder,
      controlUser: names.recorderControlUser,
      callUser: names.recorderCallUser,
      recorderBrewery: names.recorderBrewery,
      recordersUnheard: RECORDERS_UNHEARD,
    },
  ];
}
