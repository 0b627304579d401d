import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { MEDIA_RECEIVE_BUFFER_BYTES } from "../plan/buffers";
import { LOOPBACK, loopbackUrl } from "../facts/loopback";
import { PORTS } from "../facts/ports";
import { inService, isParked } from "../plan/parked";
import type { DeploymentPlan, VideobridgePlan } from "../plan/types";
import { bridgeJid, bridgeUser } from "./links/accounts";
import { DEFAULT_OPEN_FILES, health, listening } from "./checks";
import { env, hocon, systemd } from "./escapers";
import { extraOrigin, extraView, hoconLines } from "./extra";
import { environment, file, files, restart, ROOT_ONLY } from "./files";
import { heap, javaProperties } from "./java";
import { jitsiDaemon } from "./jitsiPackages";
import type { Check, DrainManifest, FileGroup, Files, HeapSpec } from "./manifest";
import { AUTHORITY } from "./links/authority";
import { JVB } from "./prosody/instances";
import { PRICES, type Price } from "./prices";
import { render } from "./render";
import { bridgeOn } from "./roles";
import type { Service } from "./service";

const CONFIG = "/etc/jitsi/videobridge/jvb.conf";
const ENVIRONMENT = "/etc/audio-meet/secrets/videobridge.env";
const HEAP_FILE = "/etc/audio-meet/heaps/videobridge.env";
const LOG = "/var/log/jitsi/jvb.log";
const UNIT = "jitsi-videobridge2.service";

/**
 * Stress that jicofo adds for a participant who has just come. 220 listeners (the default cap of a bridge) are to
 * stay under jicofo's threshold of 0.8 together; Jitsi's public service uses 0.004 to 0.005 with video.
 */
const AVERAGE_PARTICIPANT_STRESS = 0.0035;

/** Heap bounds in megabytes: 256 carried 30 participants (measured with real daemons), 3072 is the package's own. */
const HEAP_MEGABYTES = { minimum: 256, maximum: 3072 };

/** Part of the memory for the heap: a machine of its own, or beside both Prosodys and jicofo. */
const HEAP_SHARE = { own: 0.5, onCore: 0.25 };

/** It asks for a receive buffer and gets what the kernel allows; packets that wait for the processor. Source: its package's sysctl.d file. */
const KERNEL = {
  "net.core.rmem_max": MEDIA_RECEIVE_BUFFER_BYTES,
  "net.core.wmem_max": MEDIA_RECEIVE_BUFFER_BYTES,
  "net.core.netdev_max_backlog": 100_000,
};

/** Names of the environment variables that jvb.conf takes its login from. */
const VIDEOBRIDGE_LOGIN = { user: "VIDEOBRIDGE_USER", password: "VIDEOBRIDGE_PASSWORD" } as const;

/**
 * The bridge's login: account and password in one file, so that a bridge that starts at any moment has two that belong together.
 * No unit restarts by it: that is the next step's part, which knows how to hand over who is on the bridge.
 */
export function videobridgeLoginGroup(
  plan: DeploymentPlan,
  bridge: VideobridgePlan,
  password: string,
): FileGroup {
  const { user, password: secret } = VIDEOBRIDGE_LOGIN;
  const text = environment({ [user]: bridgeUser(plan, bridge), [secret]: password });
  return {
    group: "videobridge-login",
    files: file(ENVIRONMENT, text, ROOT_ONLY),
    run: [],
  };
}

/** One bridge on its host. */
export const videobridge: Service = {
  name: "videobridge",
  role: "videobridge",
  ports: [PORTS.videobridgeHttp, PORTS.media],
  packages: (plan) => jitsiDaemon(plan, "jitsi-videobridge2", plan.release.videobridge),
  keptPackages: ["jitsi-"],
  kernel: KERNEL,
  javaUnits: [UNIT],
  files: (plan, { id }) => videobridgeFiles(plan, bridgeOf(plan, id)),
  checks: (plan, { id }) => videobridgeChecks(plan, bridgeOf(plan, id)),
  way: (plan, { id }, checks) =>
    isParked(plan, id)
      ? {}
      : { [`bridge ${bridgeOf(plan, id).relayId}`]: checks.filter(({ kind }) => kind !== "errors") },
  prices: { [UNIT]: priceOf },
  // Measured: 190 MB resident at the smallest heap, 320 MB with thirty participants.
  needs: { memoryMegabytes: 400, packagesMegabytes: 450 },
  metrics: [{ name: "videobridge", port: PORTS.videobridgeHttp, metric: "jitsi_jvb_stress" }],
  watched: { packages: ["jitsi-videobridge2"], units: [UNIT] },
};

/** Nothing restarts while it is parked. */
function priceOf({ handOver, parks }: FileGroup): Price {
  if (parks) return PRICES.background;
  return handOver ? PRICES.bridgeOfMany : PRICES.onlyBridge;
}

function bridgeOf(plan: DeploymentPlan, hostId: string): VideobridgePlan {
  const bridge = bridgeOn(plan, hostId);
  if (bridge === undefined) throw new Error(`the plan has no bridge on ${hostId}`);
  return bridge;
}

/** It has joined the brewery, and media arrives at an address of its own. A parked one does nothing, also after a reboot. */
function videobridgeChecks({ names }: DeploymentPlan, bridge: VideobridgePlan): Check[] {
  const { relayId, region, coreAddress } = bridge;
  if (bridge.parked === true) return [{ kind: "down", name: UNIT }];
  return [
    { kind: "unit", name: UNIT, minimumOpenFiles: DEFAULT_OPEN_FILES + 1 },
    {
      kind: "xmppTls",
      address: coreAddress,
      port: JVB.clients.port,
      domain: names.tech,
      caFile: AUTHORITY,
    },
    listening(PORTS.videobridgeHttp),
    // A mapping from an address that the host does not have leaves every participant without media, and nothing says so.
    { kind: "localAddress", address: localAddress(bridge) },
    { kind: "videobridge", url: loopbackUrl(PORTS.videobridgeHttp), relayId, region },
    health(UNIT, PORTS.videobridgeHttp),
    { kind: "errors", unit: UNIT, logs: [LOG] },
  ];
}

function videobridgeFiles(plan: DeploymentPlan, bridge: VideobridgePlan): ReturnType<Service["files"]> {
  return {
    files: files(jvbConf(plan, bridge), videobridgeConfig(plan, bridge), dropIn()),
    heaps: { [HEAP_FILE]: videobridgeHeap(onCore(plan, bridge)) },
    ...(bridge.parked === true ? { run: [], parks: drainOf(plan) } : { run: [UNIT] }),
    packages: { "jitsi-videobridge2": plan.release.videobridge },
    ...(inService(plan).length > 1 && { handOver: true }),
  };
}

/** How a bridge is emptied before it goes, or is parked. */
export function drainOf({ drainDeadlineMinutes }: DeploymentPlan): DrainManifest {
  const url = loopbackUrl(PORTS.videobridgeHttp);
  return { url, unit: UNIT, deadlineMinutes: drainDeadlineMinutes };
}

/** The address that media arrives at on the host itself: the one that one of its interfaces must have. */
function localAddress({ publicAddress, privateAddress }: VideobridgePlan): string {
  const mapped = privateAddress !== undefined && isIP(privateAddress) === isIP(publicAddress);
  return mapped ? privateAddress : publicAddress;
}

function jvbConf(plan: DeploymentPlan, bridge: VideobridgePlan): Files {
  const closed = isPrivate(bridge.publicAddress);
  const local = localAddress(bridge);
  const view = {
    coreAddress: bridge.coreAddress,
    port: JVB.clients.port,
    techDomain: plan.names.tech,
    brewery: plan.names.brewery,
    relayId: bridge.relayId,
    region: bridge.region,
    loopback: LOOPBACK,
    restPort: PORTS.videobridgeHttp.port,
    mediaPort: PORTS.media.port,
    receiveBufferBytes: MEDIA_RECEIVE_BUFFER_BYTES,
    // The measure by processor counts the whole host: neighbours would make the bridge look busy.
    loadMeasurement: onCore(plan, bridge) ? "packet-rate" : "cpu-usage",
    averageParticipantStress: AVERAGE_PARTICIPANT_STRESS,
    privateNetwork: closed,
    requireValidAddress: !closed,
    mappings:
      local === bridge.publicAddress ? [] : [{ localAddress: local, publicAddress: bridge.publicAddress }],
    extras: extraView("videobridge", hoconLines(plan.extra.videobridge)),
  };
  const options = { ...jitsiFile(), ...extraOrigin(plan, "videobridge") };
  return file(CONFIG, render("videobridge/jvb.conf", view, hocon), options);
}

function videobridgeConfig(plan: DeploymentPlan, bridge: VideobridgePlan): Files {
  const view = {
    account: bridgeJid(plan, bridge),
    javaProperties: javaProperties({ folder: "videobridge", config: CONFIG }),
  };
  return file("/etc/jitsi/videobridge/config", render("videobridge/config", view, env), jitsiFile());
}

function dropIn(): Files {
  const view = { heapFile: HEAP_FILE, secretsFile: ENVIRONMENT };
  const path = `/etc/systemd/system/${UNIT}.d/audio-meet.conf`;
  return file(path, render("videobridge/jitsi-videobridge2.service.d.conf", view, systemd), {
    units: restart(UNIT),
    check: "unit",
  });
}

function videobridgeHeap(shared: boolean): HeapSpec {
  const share = shared ? HEAP_SHARE.onCore : HEAP_SHARE.own;
  return heap("VIDEOBRIDGE_MAX_MEMORY", UNIT, share, HEAP_MEGABYTES);
}

function onCore(plan: DeploymentPlan, bridge: VideobridgePlan): boolean {
  return bridge.hostId === plan.core.hostId;
}

/** RFC 1918 and its IPv6 counterpart: addresses that only a closed network reaches. */
function isPrivate(address: string): boolean {
  return ["private", "uniqueLocal"].includes(ipaddr.parse(address).range());
}

/** Read by the daemon's group and written by root, whatever the package made of the folder. */
function jitsiFile() {
  return { mode: "0640", group: "jitsi", units: restart(UNIT) };
}
