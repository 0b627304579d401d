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
import { MOST_VISITORS } from "../facts/visitors";
import { idleSpeakers, tooManyVisitors, unfitForSpeakers } from "./audienceRules";
import { mailLogins, secondMailLogins } from "./mailRules";
import { monitoringBreaches, secondMonitors } from "./monitoringRules";
import type { Breach } from "./breach";
import { unreachableForLetsencrypt } from "./certificateRules";
import type { Draft } from "./draft";
import type { ConfigError } from "./errors";
import { slimWithoutOnce, withoutJitsiModules } from "./featureRules";
import {
  allParked,
  coreCount,
  crowdedCore,
  emptyRegions,
  idleEvents,
  noBridge,
  onCoreElsewhere,
  repeatedIds,
  repeatedNames,
} from "./nodeRules";
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

/** What holds between keys. Each rule looks at what could be read, so that all mistakes come at once. */
export const RULES: Rule[] = [
  rule("Exactly one region has the core.", coreCount),
  rule("A deployment has at least one bridge: without one, participants hear nothing.", noBridge),
  rule("At least one bridge is not parked.", allParked),
  rule("`jitsi:events` needs bridges that may be parked.", idleEvents),
  rule("`speakers` of `jitsi:audience` are fewer than its `participants`.", idleSpeakers),
  rule(`An audience has at most ${MOST_VISITORS} people more than \`speakers\`.`, tooManyVisitors),
  rule(
    "Visitors need Jitsi's Prosody modules, and cannot be combined with access by token or with polls.",
    unfitForSpeakers,
  ),
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
