import {
  foreignCounters,
  idleAuthorities,
  idleTokenSecret,
  openProviders,
  repeatedModerators,
  tokenKeys,
  tokenParties,
} from "./accessRules";
import {
  closedPublicAddresses,
  labCollisions,
  mixedFamilies,
  sharedLogins,
  sharedPrivateAddresses,
  sharedPublicAddresses,
} from "./addressRules";
import { idleAdminRanges, idleAwsKeys, unfitRecorders } from "./awsRules";
import { mailLogins, secondMailLogins } from "./mailRules";
import { monitoringBreaches, secondMonitors } from "./monitoringRules";
import { bridgesOf, coresOf, recordersOf, regionsOf, repeated, type Breach } from "./breach";
import { unreachableForLetsencrypt } from "./certificateRules";
import type { Draft } from "./draft";
import type { ConfigError } from "./errors";
import { shown } from "./quoted";
import { NEEDS_JITSI_MODULES } from "./features";
import { idleNearness, repeatedNearness, unpairedHeaders } from "./participantRules";
import {
  foreignRecorderCounters,
  idleRecordingKeys,
  missingRecording,
  recordingKeys,
} from "./recordingRules";
import { ownBuckets } from "./ownBucketRules";
import { idleTurnKeys, sharedTurnName } from "./turnRules";
import { deafEars } from "./verificationRules";

interface Rule {
  rule: string;
  breaches: (draft: Draft) => Breach[];
}

const rule = (text: string, breaches: Rule["breaches"]): Rule => ({ rule: text, breaches });

function coreCount(draft: Draft): Breach[] {
  if (!draft.regions?.length) return [];
  const [first, ...others] = coresOf(draft);
  if (!first) return [{ key: "jitsi:regions", finding: "has no core", fix: "Give `core:` to one region." }];
  return others.map(({ key }) => ({
    key,
    finding: "is a second core",
    fix: `Remove it; ${first.key} is the core.`,
  }));
}

function noBridge(draft: Draft): Breach[] {
  if (!draft.regions?.length || bridgesOf(draft).length > 0) return [];
  const fix =
    "Add one, as in videobridges: [{ id: fra-1 }], or [{ id: main, on: core }] on the core's own machine.";
  return [{ key: "jitsi:regions", finding: "has no bridge", fix }];
}

/** With nobody to take people there is no conference, and jicofo calls itself unwell. */
function allParked(draft: Draft): Breach[] {
  const bridges = bridgesOf(draft);
  const [first] = bridges;
  if (first === undefined || !bridges.every(({ parked }) => parked === true)) return [];
  const fix = "Remove it, or write false; the smallest bridge is enough.";
  return [{ key: `${first.key}.parked`, finding: "is true, as of every other bridge", fix }];
}

/** A daemon alone that is stopped would save nothing there: the instance is what costs. */
function parkedInstances(draft: Draft): Breach[] {
  return bridgesOf(draft)
    .filter(({ provider, isOnCore, parked }) => provider === "aws" && !isOnCore && parked !== undefined)
    .map(({ key, parked }) => ({
      key: `${key}.parked`,
      finding: `is ${shown(parked)}, and the bridge has an instance of EC2 of its own`,
      fix: "Remove it; a bridge that is not needed for long is better removed.",
    }));
}

function idleEvents(draft: Draft): Breach[] {
  const bridges = bridgesOf(draft);
  if (!draft.hasEvents || bridges.length === 0 || bridges.some(({ parked }) => parked !== undefined))
    return [];
  const fix = "Write parked: true at bridges that only events need, or remove the events.";
  return [{ key: "jitsi:events", finding: "is given, and no bridge has parked", fix }];
}

function emptyRegions(draft: Draft): Breach[] {
  return regionsOf(draft)
    .filter((region) => !region.core && !region.monitoring)
    .filter((region) => region.bridges.length === 0 && region.recorders.length === 0)
    .map(({ key, name }) => ({
      key,
      finding: `${name === undefined ? "" : `(${shown(name, { name: true })}) `}has neither a core nor a bridge nor a recorder`,
      fix: "Add a bridge to it, or remove the region.",
    }));
}

function repeatedNames(draft: Draft): Breach[] {
  return repeated(regionsOf(draft), ({ name }) => name).map(([region, first]) => ({
    key: `${region.key}.name`,
    finding: `is ${shown(region.name, { name: true })}, which is also the name of ${first.key}`,
    fix: "Rename one of the two.",
  }));
}

function repeatedIds(draft: Draft): Breach[] {
  const nodes = [...bridgesOf(draft), ...recordersOf(draft)];
  return repeated(nodes, ({ id }) => id).map(([node, first]) => ({
    key: `${node.key}.id`,
    finding: `is ${shown(node.id, { name: true })}, which is also the id of ${first.key}`,
    fix: "Rename one of the two, preferably the one that is not deployed yet.",
  }));
}

function onCoreElsewhere(draft: Draft): Breach[] {
  const [core] = coresOf(draft);
  if (!core) return [];
  return bridgesOf(draft)
    .filter((bridge) => bridge.isOnCore && bridge.region !== core.region)
    .map(({ key }) => ({
      key: `${key}.on`,
      finding: 'is "core"',
      fix: `Move the bridge to ${core.region}.`,
    }));
}

function crowdedCore(draft: Draft): Breach[] {
  const [first, ...others] = bridgesOf(draft).filter((bridge) => bridge.isOnCore);
  return others.map(({ key }) => ({
    key: `${key}.on`,
    finding: `is "core", but ${first?.key ?? "another bridge"} is already there`,
    fix: "Give this bridge its own machine, or remove it.",
  }));
}

function withoutJitsiModules({ features }: Draft): Breach[] {
  if (features["jitsiModules"] !== false) return [];
  return NEEDS_JITSI_MODULES.filter((name) => (features[name] ?? false) !== false).map((name) => ({
    key: `jitsi:features.${name}`,
    finding: `is ${shown(features[name])}, and jitsi:features.jitsiModules is false`,
    fix: `Remove ${name}, or leave jitsiModules on.`,
  }));
}

function slimWithoutOnce({ features }: Draft): Breach[] {
  if (features["broadcastOnce"] !== false || features["slimPresences"] !== true) return [];
  const finding = "is true, and jitsi:features.broadcastOnce, of which it is a part, is false";
  return [
    {
      key: "jitsi:features.slimPresences",
      finding,
      fix: "Remove slimPresences, or leave broadcastOnce on.",
    },
  ];
}

/** What holds between keys. Each rule looks at what could be read, so that all mistakes come at once. */
export const RULES: Rule[] = [
  rule("Exactly one region has the core.", coreCount),
  rule("A deployment has at least one bridge: without one, participants hear nothing.", noBridge),
  rule("At least one bridge is not parked.", allParked),
  rule("A bridge with an EC2 instance of its own cannot be parked.", parkedInstances),
  rule("`jitsi:events` needs bridges that may be parked.", idleEvents),
  rule("A region holds the core, a bridge, a recorder, or the monitoring machine.", emptyRegions),
  rule("Names of regions are unique.", repeatedNames),
  rule(
    "Ids of bridges and recorders are unique in the whole deployment, not only in their region.",
    repeatedIds,
  ),
  rule("A bridge on the core belongs to the region of the core.", onCoreElsewhere),
  rule("The core can run one bridge: two would use the same ports.", crowdedCore),
  rule("Every core, bridge and recorder has its own machine, except a bridge with `on: core`.", sharedLogins),
  rule(
    "Every machine has its own public address: participants reach each bridge at port 10000.",
    sharedPublicAddresses,
  ),
  rule("Private addresses are unique within a region.", sharedPrivateAddresses),
  rule("Participants cannot reach a private address from outside its network.", closedPublicAddresses),
  rule(
    "A bridge or recorder and the core reach each other over IPv4 or over IPv6, not over one of each.",
    mixedFamilies,
  ),
  rule(
    "A feature that uses one of Jitsi's Prosody modules needs `jitsi:features.jitsiModules`.",
    withoutJitsiModules,
  ),
  rule("`slimPresences` needs `broadcastOnce`.", slimWithoutOnce),
  rule(
    "`zone` cannot be combined with `network`, nor `ubuntu` with `image`: the subnet determines the zone, and the image determines the release.",
    idleAwsKeys,
  ),
  rule("An IPv6 range in `adminCidrs` needs `ipv6: true`.", idleAdminRanges),
  rule(
    "A recorder needs four cores, 8 GB of memory and an amd64 processor: Chrome is not available for others.",
    unfitRecorders,
  ),
  rule("A network or a header value belongs to one region.", repeatedNearness),
  rule(
    "`participants` of a region needs a bridge in that region, and `jitsi:features.jitsiModules`.",
    idleNearness,
  ),
  rule(
    "`jitsi:participants.regionHeader` and the `headerValues` of regions need each other.",
    unpairedHeaders,
  ),
  rule("If TURN shares port 443 with the page, TURN has its own name.", sharedTurnName),
  rule("If TURN is disabled, no other key of `jitsi:turn` is accepted.", idleTurnKeys),
  rule(
    "Let's Encrypt issues certificates for public names only, and connects to the core over the Internet.",
    unreachableForLetsencrypt,
  ),
  rule("At most one region has the monitoring machine.", secondMonitors),
  rule(
    "Monitoring needs a reader: `networks`, or a machine with Prometheus. Alerts are sent by that machine.",
    monitoringBreaches,
  ),
  rule("A login at an SMTP server needs both a user and a password.", mailLogins),
  rule("One password belongs to one login at one SMTP server.", secondMailLogins),
  rule(
    "Recorders need `jitsi:recording` with a storage: recordings do not stay on their disks.",
    missingRecording,
  ),
  rule("Access keys of a bucket need `jitsi:recording`.", idleRecordingKeys),
  rule("A bucket that the program creates is at Amazon S3, in one of its regions.", ownBuckets),
  rule(
    "Recorders need an access key and a secret key for the bucket. EC2 recorders with a bucket at Amazon S3 need none: they use the instance role.",
    recordingKeys,
  ),
  rule(
    "Addresses of lab hosts are derived from domain, id and generation, and must be unique.",
    labCollisions,
  ),
  rule("Every moderator is listed once.", repeatedModerators),
  rule("Each counter of a moderator's passwords belongs to a moderator.", foreignCounters),
  rule("Each counter of a recorder's passwords belongs to a recorder.", foreignRecorderCounters),
  rule("Tokens are verified in exactly one way: with a secret, a JWKS, or a key server.", tokenKeys),
  rule("Tokens need `issuers` and `audiences`, or `appId` for both.", tokenParties),
  rule(
    "An identity provider signs tokens for many applications: with `jwks`, `issuers` and `audiences` are exact.",
    openProviders,
  ),
  rule("`caBundle` of `jitsi:access` needs `jwks` or `keyServer`.", idleAuthorities),
  rule("`jitsi:tokenSecret` needs `kind: token`.", idleTokenSecret),
  rule(
    "Paths are heard by participants of the program's own: they need tokens that the program signs, a page that is trusted, and TURN where they are relayed.",
    deafEars,
  ),
];

/** Everything in which the keys do not fit each other. */
export function brokenRules(draft: Draft): ConfigError[] {
  return RULES.flatMap(({ rule: text, breaches }) =>
    breaches(draft).map((breach) => ({ ...breach, rule: text })),
  );
}
