import { features } from "../../config/features";
import { turnQuotas } from "../../plan/turn";
import { VISITOR_NODES } from "../../plan/visitors";
import type { DeploymentPlan, HostPlan, TurnPlan, VideobridgePlan } from "../../plan/types";
import { groupsOf } from "../../services/onHost";

const LAB = {
  provider: "lab",
  name: "guest",
  address: "10.20.0.2",
  user: "root",
  suite: "trixie",
  generation: 1,
} as const;

/** Nothing is added to any file. */
const NO_EXTRA: DeploymentPlan["extra"] = {
  page: [],
  nginx: [],
  prosody: [],
  prosodyJvb: [],
  jicofo: [],
  videobridge: [],
};

/** A plan with a core in region eu at 10.20.0.2 and the bridges given, each on a host of its own unless it says so. */
export function planWith(bridges: VideobridgePlan[], more: Partial<DeploymentPlan> = {}): DeploymentPlan {
  const onCore = bridges.some((bridge) => bridge.hostId === "core");
  const core: HostPlan = {
    id: "core",
    region: "eu",
    machine: LAB,
    publicAddress: "198.51.100.2",
    privateAddress: "10.20.0.2",
    roles: onCore ? ["core", "videobridge"] : ["core"],
  };
  const own = bridges.filter((bridge) => bridge.hostId !== "core").map(hostOf);
  return {
    names: NAMES,
    contact: "ops@example.org",
    hosts: [core, ...own],
    core: {
      hostId: "core",
      region: "eu",
      prosodyJvbInterfaces: ["127.0.0.1", "10.20.0.2"],
      bridgeSources: bridges.flatMap(({ sourceAddress }) => sourceAddress ?? []).sort(),
      prosodyInterfaces: ["127.0.0.1"],
      recorderSources: [],
    },
    videobridges: bridges,
    recorders: [],
    events: [],
    awsRegions: [],
    provisionalHosts: [],
    regions: ["eu"],
    conferenceHoursPerMonth: 20,
    audienceParticipants: 500,
    maxBridgeParticipants: 220,
    release: {
      prosody: "13.0.*",
      jicofo: "1.0-*",
      videobridge: "2.3-*",
      meetProsody: "1.0.*",
      meetWeb: "1.0.*",
      jibri: "8.0-*",
    },
    packages: {
      jitsiRepository: "https://packages.example.org",
      jitsiKey: "https://packages.example.org/key",
      prosodyRepository: "https://prosody.example.org",
      prosodyKey: "https://prosody.example.org/key",
    },
    repair: {},
    secrets: {
      ...{ focusClient: 1, focusService: 1, videobridge: 1, turn: 1 },
      recorders: {},
    },
    access: { kind: "open" },
    drainDeadlineMinutes: 10,
    restarts: "now",
    brewery: { presenceFilter: true },
    watchdog: true,
    ear: "all",
    nearness: { networks: [] },
    turn: turnOf(bridges),
    web: { language: "en", title: "Audio Meet", notice: "", embedIn: [], links: {} },
    extra: NO_EXTRA,
    features: DEFAULT_FEATURES,
    certificate: { kind: "internal" },
    ...more,
  };
}

/** TURN on that core, for those bridges. */
function turnOf(bridges: VideobridgePlan[]): TurnPlan {
  return {
    host: NAMES.domain,
    sharesHttps: false,
    publicAddress: "198.51.100.2",
    ownAddresses: ["198.51.100.2", "10.20.0.2"],
    peers: bridges.flatMap((one) => [one.publicAddress, one.privateAddress ?? []].flat()).sort(),
    quotas: turnQuotas(500),
  };
}

/** A bridge in the core's region: `n` sets its addresses, 10.20.0.n and 198.51.100.n. */
export function bridge(id: string, n: number, more: Partial<VideobridgePlan> = {}): VideobridgePlan {
  const addresses = { privateAddress: `10.20.0.${n}`, sourceAddress: `10.20.0.${n}` };
  return { ...publicBridge(id, n), ...addresses, ...more };
}

/** A bridge whose public address is on its own interface, and that has no other. */
export function publicBridge(id: string, n: number): VideobridgePlan {
  const publicAddress = `198.51.100.${n}`;
  return { id, hostId: id, region: "eu", relayId: id, publicAddress, coreAddress: "10.20.0.2" };
}

/** A bridge on the core. */
export function bridgeOnCore(id: string): VideobridgePlan {
  const privateAddress = "10.20.0.2";
  return { ...publicBridge(id, 2), hostId: "core", privateAddress, coreAddress: "127.0.0.1" };
}

function hostOf({ id, region, publicAddress, privateAddress }: VideobridgePlan): HostPlan {
  const addresses = { publicAddress, ...(privateAddress !== undefined && { privateAddress }) };
  return { id, region, machine: LAB, ...addresses, roles: ["videobridge"] };
}

/** Switches as they are if nobody touches them (config/features.ts). */
const DEFAULT_FEATURES: DeploymentPlan["features"] = features.parse({});

const NAMES = {
  domain: "meet.example.org",
  auth: "auth.meet.example.org",
  guest: "guest.meet.example.org",
  conference: "conference.meet.example.org",
  focus: "focus.meet.example.org",
  internalAuth: "internal.auth.meet.example.org",
  tech: "tech.meet.example.org",
  techMuc: "muc.tech.meet.example.org",
  brewery: "jvbbrewery@muc.tech.meet.example.org",
  focusUser: "focus",
  videobridgeUser: "jvb",
  recorder: "recorder.meet.example.org",
  recorderBrewery: "jibribrewery@internal.auth.meet.example.org",
  recorderControlUser: "jibri",
  recorderCallUser: "recorder",
  lobby: "lobby.meet.example.org",
  breakout: "breakout.meet.example.org",
  avModeration: "avmoderation.meet.example.org",
  endConference: "endconference.meet.example.org",
  roomMetadata: "metadata.meet.example.org",
  speakerStats: "speakerstats.meet.example.org",
  polls: "polls.meet.example.org",
};

/** The plan with monitoring: a network, and Prometheus on a machine of its own that sends alerts both ways. */
export function monitored(plan: DeploymentPlan): DeploymentPlan {
  const own: HostPlan = {
    id: "monitoring",
    region: "eu",
    machine: LAB,
    publicAddress: "198.51.100.9",
    roles: ["monitoring"],
  };
  const hosts = [...plan.hosts, own];
  const targets = Object.fromEntries(hosts.map(({ id, publicAddress }) => [id, publicAddress]));
  const mail = { server: "smtp.example.org:25", from: "am@example.org", to: plan.contact };
  const receivers = { webhook: "https://alerts.example.org/hook", mail };
  const networks = ["192.0.2.0/24", "2001:db8::/64"];
  const sources = [...networks, "198.51.100.9/32"];
  return {
    ...plan,
    hosts,
    monitoring: { networks, sources, prometheus: { hostId: "monitoring", targets, receivers } },
  };
}

/** The same with a login at the mail server, which may be another one than the plan's. */
export function withMailLogin(plan: DeploymentPlan, user: string, server?: string): DeploymentPlan {
  const prometheus = plan.monitoring?.prometheus;
  const mail = prometheus?.receivers.mail;
  if (plan.monitoring === undefined || prometheus === undefined || mail === undefined)
    throw new Error("the plan sends no mail");
  const receivers = { mail: { ...mail, user, ...(server !== undefined && { server }) } };
  return { ...plan, monitoring: { ...plan.monitoring, prometheus: { ...prometheus, receivers } } };
}

/** The plan with a recorder in the core's region at 10.20.0.`n`, whose recordings go to a bucket. */
export function withRecorder(plan: DeploymentPlan, id = "rec-1", n = 50): DeploymentPlan {
  const address = `10.20.0.${n}`;
  const host: HostPlan = {
    id,
    region: "eu",
    machine: LAB,
    publicAddress: `198.51.100.${n}`,
    privateAddress: address,
    roles: ["recorder"],
  };
  const recorder = { id, hostId: id, region: "eu", coreAddress: "10.20.0.2", sourceAddress: address };
  return {
    ...plan,
    hosts: [...plan.hosts, host],
    recorders: [...plan.recorders, recorder],
    core: {
      ...plan.core,
      prosodyInterfaces: ["127.0.0.1", "10.20.0.2"],
      recorderSources: [...plan.core.recorderSources, address].sort(),
    },
    recording: {
      format: "audio",
      storage: { bucket: "meet-recordings", region: "eu-central-1", prefix: "meet" },
      login: "keys",
      retryDays: 7,
      keepDays: 0,
      receivers: {},
    },
  };
}

/** The plan with so many nodes for visitors. */
export function withVisitors(plan: DeploymentPlan, nodes = 2): DeploymentPlan {
  const component = `visitors.${plan.names.domain}`;
  const audienceParticipants = 300 + 1000 * nodes;
  const visitors = { component, speakers: 300, perNode: 1000, nodes: VISITOR_NODES.slice(0, nodes) };
  return { ...plan, audienceParticipants, visitors };
}

/** Secret values of the core, each unlike any other text in the files. */
export const BRIDGE_PASSWORD = "VideobridgePassword3";
export const SECRET_VALUES = {
  focusClient: "FocusClientPassword1",
  focusService: "FocusServicePassword2",
  turn: "TurnSecret4",
  mainKeyPem: "MAIN-KEY-PEM\n",
  techKeyPem: "TECH-KEY-PEM\n",
  webKeyPem: "WEB-KEY-PEM\n",
};

/** A certificate authority ("test authority"), valid from 2026-01-02 03:04:05 UTC to 2056. Its key is nowhere. */
export const AUTHORITY_PEM = `-----BEGIN CERTIFICATE-----
MIIBODCB36ADAgECAgEHMAoGCCqGSM49BAMCMBkxFzAVBgNVBAMMDnRlc3QgYXV0
aG9yaXR5MCAXDTI2MDEwMjAzMDQwNVoYDzIwNTYwMTAxMDAwMDAwWjAZMRcwFQYD
VQQDDA50ZXN0IGF1dGhvcml0eTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABJmw
lFBLcSsHKjdfvWb/3Gb8EcxEWY17ghsYpdifhLNw25jN/RtiM3t08fSmJO+ontw1
qqOsHF4yn1pntth0eVmjFjAUMBIGA1UdEwEB/wQIMAYBAf8CAQAwCgYIKoZIzj0E
AwIDSAAwRQIhAOLsJU1gBfgQyX4hvHpNBlrI7AD/nkgOKsKJm7H8wEHWAiAygA/t
mC8fDSO204tGwtu5IbB9H/6fStgiE5lidBuDOw==
-----END CERTIFICATE-----
`;

/** The content of a managed file of a host. */
export function content(plan: DeploymentPlan, hostId: string, path: string): string {
  const spec = groupsOf(plan, hostId).flatMap((group) => group.files[path] ?? [])[0];
  if (spec === undefined) throw new Error(`${hostId} has no ${path}`);
  return spec.content;
}

/** The plan with other switches. */
export function withFeatures(
  plan: DeploymentPlan,
  features: Partial<DeploymentPlan["features"]>,
): DeploymentPlan {
  return { ...plan, features: { ...plan.features, ...features } };
}

/** Sets of switches that every rendering must survive: the defaults, all on, all off, and each one turned. */
export const FEATURE_SETS: Partial<DeploymentPlan["features"]>[] = featureSets();

function featureSets(): Partial<DeploymentPlan["features"]>[] {
  const switches = Object.entries(DEFAULT_FEATURES).filter(([, value]) => typeof value === "boolean");
  const all = (isOn: boolean) => Object.fromEntries(switches.map(([name]) => [name, isOn]));
  const limits = { joinRateLimit: 30, maxRoomParticipants: 600 };
  // Without Jitsi's modules the plan has nothing that needs one (plan/features.ts).
  const turned = switches
    .filter(([name]) => name !== "jitsiModules")
    .map(([name, value]) => ({ [name]: !value }));
  return [
    {},
    { ...all(true), ...limits },
    all(false),
    ...turned,
    { joinRateLimit: 30 },
    { maxRoomParticipants: 600 },
  ];
}
