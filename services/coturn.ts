import { PORTS } from "../plan/ports";
import { turnServices } from "../plan/turn";
import type { DeploymentPlan, TurnPlan } from "../plan/types";
import { env, systemd, turnserver } from "./escapers";
import { file, files, restart } from "./files";
import type { FileGroup, Files } from "./manifest";
import { PATHS, UNITS } from "./paths";
import { render, type View } from "./render";

/** Each allocation is two sockets, and the relay range has 16,384 ports. */
const OPEN_FILES = 65_536;

/** A day, as Jitsi's own servers have it: a conference and the reconnects within it are over by then. */
const TTL_SECONDS = 86_400;

/** Where coturn finds what its unit makes at each start, below /run. */
const RUNTIME_FOLDER = "audio-meet-coturn";
const RUNTIME = `/run/${RUNTIME_FOLDER}`;

const CONFIG = "/etc/turnserver.conf";
const PREPARE = "/etc/audio-meet/coturn/prepare";

/** Prosody's view of it: what it tells participants, and from what it makes their passwords. */
export function externalServices({ turn, secrets }: DeploymentPlan): View {
  return {
    hasTurn: turn !== undefined,
    turnSecret: PATHS.turnSecret,
    turnSecretNumber: secrets.turn,
    turnServices: turn ? turnServices(turn).map((service) => ({ ...service, ttlSeconds: TTL_SECONDS })) : [],
  };
}

/** coturn on the core; a reload of its unit takes up the page's certificate. */
export function coturnGroup(plan: DeploymentPlan): FileGroup {
  const { turn } = plan;
  if (turn === undefined) throw new Error("the plan has no TURN");
  return {
    group: "coturn",
    files: files(config(plan, turn), prepare(turn), dropIn()),
    run: [UNITS.coturn],
  };
}

function config({ names, secrets }: DeploymentPlan, { peers, quotas }: TurnPlan): Files {
  const view = {
    composed: `${RUNTIME}/turnserver.conf`,
    port: PORTS.turnUdp.port,
    tlsPort: PORTS.turns.port,
    firstRelayPort: PORTS.turnRelay.port,
    lastRelayPort: PORTS.turnRelay.lastPort ?? PORTS.turnRelay.port,
    certificate: `${RUNTIME}/certificate.pem`,
    key: `${RUNTIME}/key.pem`,
    secretNumber: secrets.turn,
    realm: names.domain,
    peers: peers.map((address) => ({ address })),
    totalQuota: quotas.total,
    userQuota: quotas.perUser,
    bytesPerSecond: quotas.bytesPerSecond,
    totalBytesPerSecond: quotas.totalBytesPerSecond,
  };
  return file(CONFIG, render("coturn/turnserver.conf", view, turnserver), {
    mode: "0640",
    group: "turnserver",
    units: restart(UNITS.coturn),
  });
}

function prepare({ publicAddress, ownAddresses }: TurnPlan): Files {
  const view = {
    folder: RUNTIME,
    publicAddress,
    certificate: PATHS.webCertificate,
    key: PATHS.webKey,
    ownAddresses: ownAddresses.map((address) => ({ address })),
    config: CONFIG,
    secret: PATHS.turnSecret,
  };
  const text = render("coturn/prepare.sh", view, env);
  return file(PREPARE, text, { mode: "0755", units: restart(UNITS.coturn) });
}

function dropIn(): Files {
  const view = {
    runtimeFolder: RUNTIME_FOLDER,
    prepare: PREPARE,
    composed: `${RUNTIME}/turnserver.conf`,
    openFiles: OPEN_FILES,
  };
  const path = `/etc/systemd/system/${UNITS.coturn}.d/audio-meet.conf`;
  return file(path, render("coturn/coturn.service.d.conf", view, systemd), {
    units: restart(UNITS.coturn),
    check: "unit",
  });
}
