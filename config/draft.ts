import { PUBLIC_ISSUER } from "./certificate";
import { audience } from "./audience";
import { type DraftAccess, draftAccess } from "./draftAccess";
import { draftMails, type DraftMail } from "./draftMail";
import { Reader } from "./draftReader";
import { type DraftRegion, draftRegion } from "./draftRegions";
import { keyPath } from "./errors";
import { turn } from "./turn";

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
  /** `jitsi:audience`: `participants` with its default; `speakers` is undefined where it is left out. */
  audience: { participants: number | undefined; speakers: number | undefined };
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
const AUDIENCE = audience.parse({});

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
    audience: {
      participants: reader.has("audience", "participants")
        ? reader.number("audience", "participants")
        : AUDIENCE.participants,
      speakers: reader.number("audience", "speakers"),
    },
    hasEvents: (reader.positions("events") ?? []).length > 0,
    hasRegionHeader: reader.has("participants", "regionHeader"),
    access: draftAccess(reader, given),
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
    regions: reader.positions("regions")?.map((index) => draftRegion(reader, index)),
  };
}
