import { PORTS } from "../facts/ports";
import { DEFAULT_ACCESS } from "./access";
import { PUBLIC_ISSUER } from "./certificate";
import { draftMails, type DraftMail } from "./draftMail";
import { type Path, Reader } from "./draftReader";
import { keyPath } from "./errors";
import { FIRST_GENERATION } from "./nodes";
import { turn } from "./turn";

/** A core, bridge, recorder or monitoring machine as far as it could be read; a part that is missing or wrong is undefined and trips no rule. */
export interface DraftNode {
  key: string;
  /** "core", "monitoring", or the id of the bridge or recorder. */
  id: string | undefined;
  region: string;
  regionName: string | undefined;
  provider: string | undefined;
  role: "core" | "monitoring" | "videobridge" | "recorder";
  /** Has no machine of its own. */
  isOnCore: boolean;
  /** `parked` of a bridge; undefined where it is not written. */
  parked: boolean | undefined;
  address: string | undefined;
  port: number;
  privateAddress: string | undefined;
  publicAddress: string | undefined;
  generation: number;
  /** Of EC2: its own, else the region's; undefined where neither is written. */
  instanceType: string | undefined;
}

/** A text of a list with its key. */
export interface DraftText {
  key: string;
  value: string | undefined;
}

export interface DraftRegion {
  key: string;
  name: string | undefined;
  core: DraftNode | undefined;
  monitoring: DraftNode | undefined;
  bridges: DraftNode[];
  recorders: DraftNode[];
  /** Who is near to it; the key is undefined where nothing is said. */
  near: { key: string | undefined; networks: DraftText[]; headerValues: DraftText[] };
  /** Keys of `machines` that are written down. */
  machineKeys: string[];
  hasIpv6: boolean;
  /** `adminCidrs` of the machines, as far as they could be read. */
  adminCidrs: { key: string; cidr: string | undefined }[];
}

/** What `jitsi:recording` says, as far as it matters to the rules. */
export interface DraftRecording {
  hasEndpoint: boolean;
  /** Whether the program makes the bucket. */
  hasOwnBucket: boolean;
  /** Of the bucket, as it is written. */
  bucketRegion: string | undefined;
}

export interface DraftTurn {
  isEnabled: boolean;
  sharesHttps: boolean;
  name: string | undefined;
}

/** Who may open a room, as far as it could be read. */
export interface DraftAccess {
  kind: string | undefined;
  /** Names of moderators with their keys. */
  moderators: { key: string; name: string | undefined }[];
  /** Moderators that have a rotation counter. */
  counted: { key: string; name: string }[];
  /** What verifies tokens, by their full keys: `jitsi:access.jwks`, `jitsi:access.keyServer`, `jitsi:tokenSecret`. */
  tokenKeys: string[];
  hasSecret: boolean;
  hasCaBundle: boolean;
  hasAppId: boolean;
  /** Accepted issuers and audiences with their keys; undefined where they are left out. */
  issuers: { key: string; value: string | undefined }[] | undefined;
  audiences: { key: string; value: string | undefined }[] | undefined;
}

/** The configuration as far as it could be read: what the rules across keys look at. */
export interface Draft {
  domain: string | undefined;
  /** The issuer as it is written down; undefined where nothing is. */
  issuer: string | undefined;
  /** Whether an issuer is written down that works in a closed network: such a one is a decision, not an accident. */
  isClosedNetwork: boolean;
  /** Whether it is written down that the certificate is a test one. */
  isTrialCertificate: boolean;
  /** `jitsi:verification.ear` as it is written. */
  ear: string | undefined;
  /** `jitsi:features` as it is written, without defaults; what could not be read is undefined. */
  features: Record<string, unknown>;
  turn: DraftTurn;
  hasRegionHeader: boolean;
  hasEvents: boolean;
  access: DraftAccess;
  /** What `jitsi:monitoring` says, as far as it matters to the rules; undefined where it is left out. */
  monitoring: { networks: number; receivers: string[] } | undefined;
  /** Undefined where it is left out. */
  recording: DraftRecording | undefined;
  /** Which keys of the storage are set. */
  recordingKeys: { access: boolean; secret: boolean };
  /** Recorders that have a rotation counter. */
  countedRecorders: { key: string; id: string }[];
  /** Every way by which mail is sent. */
  mails: DraftMail[];
  hasMailPassword: boolean;
  /** Undefined where `jitsi:regions` is no list. */
  regions: DraftRegion[] | undefined;
}

/** What counts where nothing is written. */
const TURN = turn.parse({});

function node(reader: Reader, region: number, path: Path, role: DraftNode["role"]): DraftNode {
  const machines: Path = ["regions", region, "machines"];
  return {
    key: keyPath(path),
    id: role === "videobridge" || role === "recorder" ? reader.text(...path, "id") : role,
    region: keyPath(["regions", region]),
    regionName: reader.text("regions", region, "name"),
    provider: reader.text(...machines, "provider"),
    role,
    isOnCore: role === "videobridge" && reader.has(...path, "on"),
    parked: reader.flag(...path, "parked"),
    address: reader.address(...path, "address"),
    port: reader.number(...path, "port") ?? reader.number(...machines, "port") ?? PORTS.ssh.port,
    privateAddress: reader.address(...path, "privateAddress"),
    publicAddress: reader.address(...path, "publicAddress"),
    generation: reader.number(...path, "generation") ?? FIRST_GENERATION,
    instanceType: reader.text(...path, "instanceType") ?? reader.text(...machines, "instanceType"),
  };
}

function region(reader: Reader, index: number): DraftRegion {
  const path: Path = ["regions", index];
  const list = (key: string, role: DraftNode["role"]) =>
    (reader.positions(...path, key) ?? []).map((position) =>
      node(reader, index, [...path, key, position], role),
    );
  const texts = (...place: Path): DraftText[] =>
    (reader.positions(...place) ?? []).map((position) => ({
      key: keyPath([...place, position]),
      value: reader.text(...place, position),
    }));
  const near: Path = [...path, "participants"];
  return {
    key: keyPath(path),
    near: {
      key: reader.has(...near) ? keyPath(near) : undefined,
      networks: texts(...near, "networks"),
      headerValues: texts(...near, "headerValues"),
    },
    name: reader.text(...path, "name"),
    machineKeys: reader.keys(...path, "machines"),
    hasIpv6: reader.flag(...path, "machines", "ipv6") === true,
    adminCidrs: (reader.positions(...path, "machines", "adminCidrs") ?? []).map((position) => {
      const place: Path = [...path, "machines", "adminCidrs", position];
      return { key: keyPath(place), cidr: reader.text(...place) };
    }),
    core: reader.has(...path, "core") ? node(reader, index, [...path, "core"], "core") : undefined,
    monitoring: reader.has(...path, "monitoring")
      ? node(reader, index, [...path, "monitoring"], "monitoring")
      : undefined,
    bridges: list("videobridges", "videobridge"),
    recorders: list("recorders", "recorder"),
  };
}

function access(reader: Reader, given: ReadonlySet<string>): DraftAccess {
  const names: Path = ["access", "moderators"];
  const counters: Path = ["secrets", "moderators"];
  const list = (name: string) =>
    reader.positions("access", name)?.map((index) => ({
      key: keyPath(["access", name, index]),
      value: reader.text("access", name, index),
    }));
  return {
    kind: reader.has("access") ? reader.text("access", "kind") : DEFAULT_ACCESS.kind,
    moderators: (reader.positions(...names) ?? []).map((index) => ({
      key: keyPath([...names, index]),
      name: reader.text(...names, index),
    })),
    counted: reader.keys(...counters).map((name) => ({ key: keyPath([...counters, name]), name })),
    tokenKeys: [
      ...["jwks", "keyServer"]
        .filter((name) => reader.has("access", name))
        .map((name) => keyPath(["access", name])),
      ...(given.has("tokenSecret") ? ["jitsi:tokenSecret"] : []),
    ],
    hasSecret: given.has("tokenSecret"),
    hasCaBundle: reader.text("access", "caBundle") !== undefined,
    hasAppId: reader.has("access", "appId"),
    issuers: list("issuers"),
    audiences: list("audiences"),
  };
}

/**
 * Reads what can be read. `failed` are the keys, as in errors, whose own value is wrong; `given` are the names of all top-level
 * keys that are there, also of those whose value is secret and not in `raw`.
 */
export function draftOf(raw: unknown, failed: ReadonlySet<string>, given: ReadonlySet<string>): Draft {
  const reader = new Reader(raw, failed);
  const issuer = reader.text("certificate", "issuer");
  return {
    domain: reader.host("domain"),
    issuer,
    isClosedNetwork: issuer !== undefined && issuer !== PUBLIC_ISSUER,
    isTrialCertificate: reader.flag("certificate", "staging") === true,
    ear: reader.text("verification", "ear"),
    features: reader.entries("features"),
    turn: {
      isEnabled: reader.flag("turn", "enabled") ?? TURN.enabled,
      sharesHttps: reader.flag("turn", "tls443") ?? TURN.tls443,
      name: reader.host("turn", "name"),
    },
    hasEvents: (reader.positions("events") ?? []).length > 0,
    hasRegionHeader: reader.has("participants", "regionHeader"),
    access: access(reader, given),
    monitoring: reader.has("monitoring")
      ? {
          networks: reader.positions("monitoring", "networks")?.length ?? 0,
          receivers: ["mail", "webhook"].filter((name) => reader.has("monitoring", name)),
        }
      : undefined,
    recording: reader.has("recording")
      ? {
          hasEndpoint: reader.has("recording", "storage", "endpoint"),
          hasOwnBucket: reader.has("recording", "storage", "create"),
          bucketRegion: reader.text("recording", "storage", "region"),
        }
      : undefined,
    recordingKeys: { access: given.has("recordingAccessKey"), secret: given.has("recordingSecretKey") },
    countedRecorders: reader
      .keys("secrets", "recorders")
      .map((id) => ({ key: keyPath(["secrets", "recorders", id]), id })),
    mails: draftMails(reader),
    hasMailPassword: given.has("mailPassword"),
    regions: reader.positions("regions")?.map((index) => region(reader, index)),
  };
}
