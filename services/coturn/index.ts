import { PORTS } from "../../facts/ports";
import { turnPeers } from "../../plan/turn";
import type { DeploymentPlan, TurnPlan, VideobridgePlan } from "../../plan/types";
import { env, systemd, turnserver } from "../escapers";
import { file, files, FOR_PROSODY, reload, restart } from "../files";
import type { Check, FileGroup, Files } from "../manifest";
import { PAGE } from "../links/pageCertificate";
import { TURN_SECRET, TURN_TTL_SECONDS } from "../links/turn";
import { PRICES } from "../prices";
import { render } from "../render";
import type { Service } from "../service";
import { ofKind } from "../way";
import { turnChecks } from "./checks";

const UNIT = "coturn.service";

/** Each allocation is two sockets, and the relay range has 16,384 ports. */
const OPEN_FILES = 65_536;

/** Where coturn finds what its unit makes at each start, below /run. */
const RUNTIME_FOLDER = "audio-meet-coturn";
const RUNTIME = `/run/${RUNTIME_FOLDER}`;

const CONFIG = "/etc/turnserver.conf";
const PREPARE = "/etc/audio-meet/coturn/prepare";
const ALLOW_PEERS = "/etc/audio-meet/coturn/allow-peers";
/** One file for each bridge. */
const PEERS = "/etc/audio-meet/coturn/peers";
const DATABASE = `${RUNTIME}/peers.sqlite`;
/** Secrets that count, one a line: until when (seconds of the epoch, 0 for the present one), and the secret. */
const SECRETS = `${RUNTIME}/secrets`;
/** The tables that coturn expects; its package makes its own database of them. */
const SCHEMA = "/usr/share/coturn/schema.sql";

/** coturn on the core; a reload of its unit takes up the page's certificate. */
export const coturn: Service = {
  name: "coturn",
  role: "core",
  isOn: ({ turn }) => turn !== undefined,
  ports: [PORTS.turnUdp, PORTS.turnTcp, PORTS.turns, PORTS.turnRelay],
  packages: ({ turn }) => ({
    // Debian's nginx itself leaves streams out; the package changes nothing until they are configured.
    versions: { coturn: "*", ...(turn?.sharesHttps && { "libnginx-mod-stream": "*" }) },
  }),
  keptPackages: ["coturn"],
  // It knows a new secret before Prosody makes passwords from it.
  secrets: (_, __, secret) => file(TURN_SECRET, secret("turn"), { ...FOR_PROSODY, units: reload(UNIT) }),
  showsPageCertificate: [UNIT],
  prices: { [UNIT]: PRICES.coturn },
  files: (plan) => {
    const turn = turnOf(plan);
    return {
      files: files(config(plan, turn), prepare(turn), allowPeers(plan), dropIn()),
      run: [UNIT],
    };
  },
  forBridge: turnPeerGroup,
  checks: (plan) => [coturnUnit(turnOf(plan)), ...turnChecks(plan, turnOf(plan))],
  way: (_, __, checks) => ({
    turn: ofKind(checks, "unit"),
    ...Object.fromEntries(
      checks.flatMap((one) => (one.kind === "turn" ? [[`turn ${one.transport} ${one.port}`, [one]]] : [])),
    ),
  }),
};

/** An allocation is two sockets. */
function coturnUnit({ quotas }: TurnPlan): Check {
  return { kind: "unit", name: UNIT, minimumOpenFiles: 2 * quotas.total };
}

function turnOf({ turn }: DeploymentPlan): TurnPlan {
  if (turn === undefined) throw new Error("the plan has no TURN");
  return turn;
}

/**
 * That coturn relays to a bridge: on the core, before the bridge starts and until it has been drained. A bridge at another address
 * is another group, so that the old one stays beside it for as long.
 */
export function turnPeerGroup(bridge: VideobridgePlan): FileGroup {
  const { id, publicAddress } = bridge;
  const name = `${id}-${publicAddress.replaceAll(":", "-")}`;
  const addresses = turnPeers(bridge).map((address) => ({ address }));
  const text = render("coturn/peer", { id, addresses }, turnserver);
  return {
    group: `turn-peer-${name}`,
    step: `turn-peer-${id}`,
    files: file(`${PEERS}/${name}`, text, { units: reload(UNIT) }),
    run: [],
  };
}

function config({ names }: DeploymentPlan, { quotas }: TurnPlan): Files {
  const view = {
    composed: `${RUNTIME}/turnserver.conf`,
    port: PORTS.turnUdp.port,
    tlsPort: PORTS.turns.port,
    firstRelayPort: PORTS.turnRelay.port,
    lastRelayPort: PORTS.turnRelay.lastPort ?? PORTS.turnRelay.port,
    certificate: `${RUNTIME}/certificate.pem`,
    key: `${RUNTIME}/key.pem`,
    realm: names.domain,
    database: DATABASE,
    totalQuota: quotas.total,
    userQuota: quotas.perUser,
    bytesPerSecond: quotas.bytesPerSecond,
    totalBytesPerSecond: quotas.totalBytesPerSecond,
  };
  return file(CONFIG, render("coturn/turnserver.conf", view, turnserver), {
    mode: "0640",
    group: "turnserver",
    units: restart(UNIT),
  });
}

function prepare({ publicAddress, ownAddresses }: TurnPlan): Files {
  const view = {
    folder: RUNTIME,
    publicAddress,
    certificate: PAGE.certificate,
    key: PAGE.key,
    ownAddresses: ownAddresses.map((address) => ({ address })),
    config: CONFIG,
    secret: TURN_SECRET,
    secrets: SECRETS,
    ttlSeconds: TURN_TTL_SECONDS,
    unit: UNIT,
  };
  const text = render("coturn/prepare.sh", view, env);
  return file(PREPARE, text, { mode: "0755", units: restart(UNIT) });
}

function allowPeers({ names }: DeploymentPlan): Files {
  const view = {
    ...{ database: DATABASE, schema: SCHEMA, folder: PEERS },
    ...{ secrets: SECRETS, realm: names.domain },
  };
  const text = render("coturn/allow-peers.sh", view, env);
  return file(ALLOW_PEERS, text, { mode: "0755", units: restart(UNIT) });
}

function dropIn(): Files {
  const view = {
    runtimeFolder: RUNTIME_FOLDER,
    prepare: PREPARE,
    allowPeers: ALLOW_PEERS,
    composed: `${RUNTIME}/turnserver.conf`,
    openFiles: OPEN_FILES,
  };
  const path = `/etc/systemd/system/${UNIT}.d/audio-meet.conf`;
  return file(path, render("coturn/coturn.service.d.conf", view, systemd), {
    units: restart(UNIT),
    check: "unit",
  });
}
