import { LOOPBACK, loopbackUrl } from "../facts/loopback";
import { PORTS } from "../facts/ports";
import { inService } from "../plan/parked";
import type { DeploymentPlan, HostPlan } from "../plan/types";
import { passwordNumbers } from "./links/accounts";
import { coreUnit, health, listening } from "./checks";
import { env, hocon, systemd } from "./escapers";
import { extraOrigin, extraView, hoconLines } from "./extra";
import { environment, file, files, restart, ROOT_ONLY, type FileOptions } from "./files";
import { heap, javaProperties } from "./java";
import { jitsiDaemon } from "./jitsiPackages";
import type { Check, Files } from "./manifest";
import { JVB, MAIN, RECORDERS_UNHEARD } from "./prosody/instances";
import { PRICES } from "./prices";
import { moderatorPasswordFile, moderatorsOf } from "./prosody/access";
import { render, type View, Written } from "./render";
import type { Service, Way } from "./service";
import { ofKind, participantOf } from "./way";

const CONFIG = "/etc/jitsi/jicofo/jicofo.conf";
const ENVIRONMENT = "/etc/audio-meet/secrets/jicofo.env";
const HEAP_FILE = "/etc/audio-meet/heaps/jicofo.env";
const LOG = "/var/log/jitsi/jicofo.log";
export const JICOFO_UNIT = "jicofo.service";
const UNIT = JICOFO_UNIT;
/** A restart that Prosody may ask for, and what waits for its sign. */
const AGAIN = { service: "audio-meet-jicofo-again.service", path: "audio-meet-jicofo-again.path" };
const OPEN_FILES = 65_536;

/**
 * Heap of jicofo beside two Prosodys and perhaps a bridge. 256 MB carried 30 participants (measured with real
 * daemons); Jitsi's public service gives 1536 MB.
 */
const HEAP = { share: 0.2, minimum: 256, maximum: 1536 };

/** Names of the environment variables that jicofo.conf takes its passwords from. */
const JICOFO_PASSWORDS = {
  client: "JICOFO_CLIENT_PASSWORD",
  service: "JICOFO_SERVICE_PASSWORD",
} as const;

/** jicofo on the core. */
export const jicofo: Service = {
  name: "jicofo",
  role: "core",
  ports: [PORTS.jicofoHttp],
  packages: (plan) => jitsiDaemon(plan, "jicofo", plan.release.jicofo),
  keptPackages: ["jicofo", "jitsi-"],
  secrets: (_, __, secret) => {
    const { client, service } = JICOFO_PASSWORDS;
    const lines = { [client]: secret("focusClient"), [service]: secret("focusService") };
    return file(ENVIRONMENT, environment(lines), ROOT_ONLY);
  },
  javaUnits: [UNIT],
  files: jicofoFiles,
  checks: jicofoChecks,
  way: jicofoWay,
  prices: { [UNIT]: PRICES.jicofo, [AGAIN.path]: PRICES.background },
  // Java takes 200 MB of the packages; 180 to 200 MB resident at the smallest heap, measured.
  needs: { memoryMegabytes: 300, packagesMegabytes: 400 },
  metrics: [{ name: "jicofo", port: PORTS.jicofoHttp, metric: "jitsi_jicofo_conferences" }],
  watched: {
    packages: ["jicofo"],
    units: [UNIT],
    gauges: (plan) => ({ audio_meet_planned_bridges: inService(plan).length }),
  },
};

/** It has every bridge in service and every recorder. Without a bridge it calls itself unhealthy, and rightly so. */
function jicofoChecks(plan: DeploymentPlan): Check[] {
  const { recorders } = plan;
  const videobridges = inService(plan);
  const url = loopbackUrl(PORTS.jicofoHttp);
  return [
    coreUnit(UNIT, plan),
    listening(PORTS.jicofoHttp),
    { kind: "jicofo", url, bridges: videobridges.map(({ relayId }) => relayId) },
    ...(recorders.length > 0 ? [{ kind: "jicofoRecorders", url, recorders: recorders.length } as const] : []),
    ...(videobridges.length > 0 ? [health(UNIT, PORTS.jicofoHttp)] : []),
    { kind: "errors", unit: UNIT, logs: [LOG] },
    ...invitations(plan),
  ];
}

/** Two are invited in each region that has a bridge in service; nobody where others make the tokens that people need. */
function invitations(plan: DeploymentPlan): Check[] {
  const participant = participantOf(plan);
  const videobridges = inService(plan);
  if (participant === undefined || videobridges.length === 0) return [];
  const [moderator] = moderatorsOf(plan);
  const regions = [...new Set(videobridges.map(({ region }) => region))];
  return [
    {
      kind: "invitation",
      ...participant,
      ...(moderator && {
        moderator: { user: moderator.name, passwordFile: moderatorPasswordFile(moderator.name) },
      }),
      ...(regions.length > 1 && { regions }),
    },
  ];
}

/** jicofo answers who asks for a room, knows each bridge and recorder, and invites. Links that other hosts know more of are named. */
function jicofoWay(plan: DeploymentPlan, _: HostPlan, checks: Check[]): Way {
  const { recorders } = plan;
  const videobridges = inService(plan);
  const participant = participantOf(plan);
  // A room that no moderator has opened.
  const mayRefuse = plan.access.kind === "moderated";
  const url = loopbackUrl(PORTS.jicofoHttp);
  const each = (link: string, value: (relayId: string) => Check[]): Way =>
    Object.fromEntries(videobridges.map(({ relayId }) => [`${link} ${relayId}`, value(relayId)]));
  return {
    focus: [
      ...ofKind(checks, "unit", "listening"),
      ...(participant ? [{ kind: "conferenceRequest", ...participant, mayRefuse } as const] : []),
    ],
    brewery: [],
    ...each("bridge", (relayId) => [{ kind: "jicofo", url, bridges: [relayId] }]),
    ...(videobridges.length > 0 && { invitation: ofKind(checks, "health", "invitation") }),
    ...each("media", () => []),
    ...(videobridges.length > 1 && each("relay", () => [])),
    ...Object.fromEntries(recorders.map(({ id }) => [`recorder ${id}`, ofKind(checks, "jicofoRecorders")])),
    ...Object.fromEntries(recorders.map(({ id }) => [`bucket ${id}`, []])),
  };
}

function jicofoFiles(plan: DeploymentPlan): ReturnType<Service["files"]> {
  return {
    files: files(jicofoConf(plan), jicofoConfig(plan), jicofoUnit(), plan.recording ? jicofoAgain() : {}),
    heaps: { [HEAP_FILE]: heap("JICOFO_MAX_MEMORY", UNIT, HEAP.share, HEAP) },
    run: [UNIT, ...(plan.recording ? [AGAIN.path] : [])],
    packages: { jicofo: plan.release.jicofo },
  };
}

function jicofoConf(plan: DeploymentPlan): Files {
  const { names, core, maxBridgeParticipants, access, recording } = plan;
  const view = {
    logins: access.kind === "moderated" ? [{ loginDomain: names.domain }] : [],
    ownersByToken: access.kind === "token",
    loopback: LOOPBACK,
    clientPort: MAIN.clients.port,
    servicePort: JVB.clients.port,
    restPort: PORTS.jicofoHttp.port,
    domain: names.domain,
    authDomain: names.auth,
    conferenceDomain: names.conference,
    focusDomain: names.focus,
    techDomain: names.tech,
    brewery: names.brewery,
    username: names.focusUser,
    region: core.region,
    maxBridgeParticipants,
    visitors: visitorView(plan),
    recorders: recording ? [{ recorderBrewery: names.recorderBrewery }] : [],
    trustedDomains: [names.auth, ...(recording ? [names.recorder] : [])].map((trusted) => ({
      trusted,
    })),
    extras: extraView("jicofo", hoconLines(plan.extra.jicofo)),
  };
  const options = { ...jitsiFile(), ...extraOrigin(plan, "jicofo") };
  return file(CONFIG, render("jicofo/jicofo.conf", view, hocon), options);
}

/** Who listens, and where. A list of one or none. */
function visitorView({ visitors }: DeploymentPlan): View[] {
  if (visitors === undefined) return [];
  const { speakers, perNode, nodes } = visitors;
  return [
    {
      ...{ speakers, perNode },
      nodes: nodes.map(({ id, clientPort, auth, domain, conference }) => ({
        ...{ id: new Written(id), port: clientPort },
        ...{ nodeAuth: auth, nodeDomain: domain, nodeConference: conference },
      })),
    },
  ];
}

function jicofoConfig(plan: DeploymentPlan): Files {
  const { names } = plan;
  const view = {
    passwordNumbers: passwordNumbers(plan, ["focusClient", "focusService"]),
    domain: names.domain,
    authDomain: names.auth,
    username: names.focusUser,
    javaProperties: javaProperties({ folder: "jicofo", config: CONFIG }),
  };
  return file("/etc/jitsi/jicofo/config", render("jicofo/config", view, env), jitsiFile());
}

function jicofoUnit(): Files {
  const view = {
    prosodyUnit: MAIN.unit,
    prosodyJvbUnit: JVB.unit,
    heapFile: HEAP_FILE,
    secretsFile: ENVIRONMENT,
    logFile: LOG,
    openFiles: OPEN_FILES,
  };
  const unit = render("jicofo/jicofo.service", view, systemd);
  return file(`/etc/systemd/system/${UNIT}`, unit, { units: restart(UNIT), check: "unit" });
}

/** A restart that Prosody may ask for, by a file. */
function jicofoAgain(): Files {
  const unit = (name: string, text: string, more: FileOptions = {}) =>
    file(`/etc/systemd/system/${name}`, text, { check: "unit", ...more });
  const path = render("jicofo/again.path", { sign: RECORDERS_UNHEARD }, systemd);
  return files(
    unit(AGAIN.service, render("jicofo/again.service", { jicofoUnit: UNIT }, systemd)),
    unit(AGAIN.path, path, { units: restart(AGAIN.path) }),
  );
}

/** Read by the daemon's group and written by root, whatever the package made of the folder. */
function jitsiFile() {
  return { mode: "0640", group: "jitsi", units: restart(UNIT) };
}
