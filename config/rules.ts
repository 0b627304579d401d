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
import { idleRecordingKeys, missingRecording, recordingKeys } from "./recordingRules";
import { ownBuckets } from "./ownBucketRules";
import { idleTurnKeys, sharedTurnName } from "./turnRules";

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
    fix: `Take it out; ${first.key} is the core.`,
  }));
}

function noBridge(draft: Draft): Breach[] {
  if (!draft.regions?.length || bridgesOf(draft).length > 0) return [];
  const fix =
    "Add one, as in videobridges: [{ id: fra-1 }], or [{ id: main, on: core }] on the core's own machine.";
  return [{ key: "jitsi:regions", finding: "has no bridge", fix }];
}

function emptyRegions(draft: Draft): Breach[] {
  return regionsOf(draft)
    .filter((region) => !region.core && !region.monitoring)
    .filter((region) => region.bridges.length === 0 && region.recorders.length === 0)
    .map(({ key, name }) => ({
      key,
      finding: `${name === undefined ? "" : `(${shown(name)}) `}has neither a core nor a bridge nor a recorder`,
      fix: "Add a bridge to it, or take the region out.",
    }));
}

function repeatedNames(draft: Draft): Breach[] {
  return repeated(regionsOf(draft), ({ name }) => name).map(([region, first]) => ({
    key: `${region.key}.name`,
    finding: `is ${shown(region.name)}, which is the name of ${first.key} as well`,
    fix: "Rename one of the two.",
  }));
}

function repeatedIds(draft: Draft): Breach[] {
  const nodes = [...bridgesOf(draft), ...recordersOf(draft)];
  return repeated(nodes, ({ id }) => id).map(([node, first]) => ({
    key: `${node.key}.id`,
    finding: `is ${shown(node.id)}, which is the id of ${first.key} as well`,
    fix: "Rename one of the two, preferably the one that does not run yet.",
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
    finding: `is "core", but ${first?.key ?? "another bridge"} is there already`,
    fix: "Give this bridge a machine of its own, or take it out.",
  }));
}

function withoutJitsiModules({ features }: Draft): Breach[] {
  if (features["jitsiModules"] !== false) return [];
  return NEEDS_JITSI_MODULES.filter((name) => (features[name] ?? false) !== false).map((name) => ({
    key: `jitsi:features.${name}`,
    finding: `is ${shown(features[name])}, and jitsi:features.jitsiModules is false`,
    fix: `Take ${name} out, or leave jitsiModules on.`,
  }));
}

/** What holds between keys. Each rule looks at what could be read, so that all mistakes come at once. */
export const RULES: Rule[] = [
  rule("Exactly one region has the core.", coreCount),
  rule("A deployment has at least one bridge: without one nobody hears anybody.", noBridge),
  rule("A region holds the core, a bridge, a recorder, or the monitoring machine.", emptyRegions),
  rule("Names of regions are unique.", repeatedNames),
  rule(
    "Ids of bridges and recorders are unique in the whole deployment, not only in their region.",
    repeatedIds,
  ),
  rule("A bridge on the core stands in the region that has the core.", onCoreElsewhere),
  rule("The core has room for one bridge: two would want the same ports.", crowdedCore),
  rule("Every core, bridge and recorder has a machine of its own.", sharedLogins),
  rule(
    "Every machine has a public address of its own: participants reach each bridge at port 10000.",
    sharedPublicAddresses,
  ),
  rule("Private addresses are unique within a region.", sharedPrivateAddresses),
  rule("Participants cannot reach a private address from outside its network.", closedPublicAddresses),
  rule(
    "A bridge or recorder and the core reach each other over IPv4 or over IPv6, not over one of each.",
    mixedFamilies,
  ),
  rule("What one of Jitsi's modules does needs `jitsi:features.jitsiModules`.", withoutJitsiModules),
  rule("An adopted network has its own zone, and an image its own release of Ubuntu.", idleAwsKeys),
  rule("Machines without IPv6 have no administrators who come over it.", idleAdminRanges),
  rule(
    "A recorder takes four cores, 8 GB and an amd64 processor: there is no Chrome for another one.",
    unfitRecorders,
  ),
  rule("A network or a header's value leads to one region.", repeatedNearness),
  rule("Participants are near to bridges, and one of Jitsi's modules tells jicofo so.", idleNearness),
  rule("A header says where somebody is by values that regions name.", unpairedHeaders),
  rule("TURN that shares port 443 with the page has a name of its own.", sharedTurnName),
  rule("Without TURN no other key of it has an effect.", idleTurnKeys),
  rule(
    "Let's Encrypt certifies public names alone, and asks the core over the Internet.",
    unreachableForLetsencrypt,
  ),
  rule("At most one region has the monitoring machine.", secondMonitors),
  rule(
    "Monitoring needs somebody who reads: networks, or a machine with Prometheus; alerts come from that machine.",
    monitoringBreaches,
  ),
  rule("A login at an SMTP server is a user and a password: neither is without the other.", mailLogins),
  rule("One password belongs to one login at one SMTP server.", secondMailLogins),
  rule("What recorders make has a place to go: a disk of theirs is none.", missingRecording),
  rule("Without jitsi:recording keys of a bucket have no effect.", idleRecordingKeys),
  rule("A bucket that the program makes lies at Amazon S3, in a region of it.", ownBuckets),
  rule(
    "Recorders write into the bucket with two keys; on EC2, into a bucket at Amazon, without any: by the instance's role.",
    recordingKeys,
  ),
  rule("Addresses in the lab follow from domain, id and generation, and are unique.", labCollisions),
  rule("Every moderator is named once.", repeatedModerators),
  rule("Each counter of a moderator's passwords belongs to a moderator.", foreignCounters),
  rule("Tokens are verified by one thing: a secret, a JWKS, or the keys of a key server.", tokenKeys),
  rule("Tokens have issuers and audiences, or the name of the application for both.", tokenParties),
  rule("An identity provider signs for many: issuers and audiences of a JWKS are named.", openProviders),
  rule("Authorities for tokens have an effect where keys are fetched.", idleAuthorities),
  rule("`jitsi:tokenSecret` is read only where access is by token.", idleTokenSecret),
];

/** Everything in which the keys do not fit each other. */
export function brokenRules(draft: Draft): ConfigError[] {
  return RULES.flatMap(({ rule: text, breaches }) =>
    breaches(draft).map((breach) => ({ ...breach, rule: text })),
  );
}
