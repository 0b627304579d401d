import type { Settings } from "../config/schema";
import { accessPlan } from "./access";
import type { AddressBook } from "./addressBook";
import { certificatePlan } from "./certificate";
import { coreConnection, corePlan } from "./connections";
import { planFeatures } from "./features";
import { nearnessPlan } from "./nearness";
import { recorderHosts, recorderPlans, recordingPlan } from "./recording";
import { MONITORING_HOST, monitoringHosts, monitoringPlan } from "./monitoring";
import { awsRegionPlans, hostOf, type HostContext, type Identity, type OwnNode } from "./regionHosts";
import { turnPlan } from "./turn";
import type { DeploymentPlan, HostPlan, VideobridgePlan, XmppNames } from "./types";

/** XMPP names of the deployment with the public domain D. */
function xmppNames(domain: string): XmppNames {
  const tech = `tech.${domain}`;
  return {
    domain,
    auth: `auth.${domain}`,
    guest: `guest.${domain}`,
    conference: `conference.${domain}`,
    focus: `focus.${domain}`,
    internalAuth: `internal.auth.${domain}`,
    tech,
    techMuc: `muc.${tech}`,
    brewery: `jvbbrewery@muc.${tech}`,
    focusUser: "focus",
    videobridgeUser: "jvb",
    recorder: `recorder.${domain}`,
    recorderBrewery: `jibribrewery@internal.auth.${domain}`,
    recorderControlUser: "jibri",
    recorderCallUser: "recorder",
    lobby: `lobby.${domain}`,
    // The plugins for speaker statistics and polls take this name for granted.
    breakout: `breakout.${domain}`,
    avModeration: `avmoderation.${domain}`,
    endConference: `endconference.${domain}`,
    roomMetadata: `metadata.${domain}`,
    speakerStats: `speakerstats.${domain}`,
    polls: `polls.${domain}`,
  };
}

type OwnBridge = { id: string } & OwnNode;

function coreHost(settings: Settings, context: HostContext): HostPlan {
  for (const region of settings.regions) {
    if (!region.core) continue;
    const carriesBridge = settings.regions.some(({ videobridges }) => videobridges.some((b) => "on" in b));
    const roles: HostPlan["roles"] = carriesBridge ? ["core", "videobridge"] : ["core"];
    return hostOf({ id: "core", region: region.name, roles }, region.core, region, context);
  }
  throw new Error("no region has the core; config/load.ts lets no such settings through");
}

function bridgeHosts(settings: Settings, context: HostContext): HostPlan[] {
  return settings.regions.flatMap((region) =>
    region.videobridges
      .filter((bridge): bridge is OwnBridge => !("on" in bridge))
      .map((bridge) => {
        const identity: Identity = { id: bridge.id, region: region.name, roles: ["videobridge"] };
        return hostOf(identity, bridge, region, context);
      }),
  );
}

function bridgePlan(id: string, core: HostPlan, host: HostPlan): VideobridgePlan {
  const { region, publicAddress, privateAddress, ipv6Address } = host;
  return {
    id,
    hostId: host.id,
    region,
    relayId: id,
    publicAddress,
    ...(privateAddress === undefined ? {} : { privateAddress }),
    ...(ipv6Address === undefined ? {} : { ipv6Address }),
    ...coreConnection(core, host),
  };
}

/**
 * Every decision that the rest of the program needs, from settings that `config/load.ts` found right. Pure.
 * Called twice where machines get their addresses from a provider: without `addresses` for the shape of the tree (such hosts
 * are named in `provisionalHosts`), and with them, once they are known, for what the files say.
 */
export function planDeployment(settings: Settings, addresses: AddressBook = {}): DeploymentPlan {
  const bridges = settings.regions.flatMap(({ videobridges }) => videobridges.map(({ id }) => id));
  const recorderIds = settings.regions.flatMap(({ recorders }) => recorders.map(({ id }) => id));
  const context: HostContext = {
    domain: settings.domain,
    addresses,
    hostIds: ["core", ...bridges, MONITORING_HOST, ...recorderIds],
  };
  const core = coreHost(settings, context);
  const recorderMachines = recorderHosts(settings, context);
  const hosts = [
    core,
    ...bridgeHosts(settings, context),
    ...recorderMachines,
    ...monitoringHosts(settings, context),
  ];
  const hostById = new Map(hosts.map((host) => [host.id, host]));
  const videobridges = settings.regions.flatMap((region) =>
    region.videobridges.map(({ id }) => bridgePlan(id, core, hostById.get(id) ?? core)),
  );
  const recorders = recorderPlans(core, recorderMachines);
  const turn = turnPlan(settings, core, videobridges);
  const { focusClient, focusService, videobridge, ...others } = settings.secrets;
  const { turn: turnCounter, recorderControl, recorderCall } = others;
  const hasRecording = settings.recording !== undefined;
  return {
    names: xmppNames(settings.domain),
    contact: settings.contact,
    hosts,
    core: corePlan(core, videobridges, { recorders, hasRecording }),
    videobridges,
    recorders,
    ...recordingPlan(settings),
    regions: settings.regions.map(({ name }) => name),
    awsRegions: awsRegionPlans(settings.regions),
    provisionalHosts: hosts
      .filter(({ id, machine }) => machine.provider === "aws" && addresses[id] === undefined)
      .map(({ id }) => id),
    audienceParticipants: settings.audience.participants,
    conferenceHoursPerMonth: settings.audience.hoursPerMonth,
    maxBridgeParticipants: settings.maxBridgeParticipants,
    release: settings.release,
    packages: settings.packages,
    secrets: { focusClient, focusService, videobridge, turn: turnCounter, recorderControl, recorderCall },
    access: accessPlan(settings),
    drainDeadlineMinutes: settings.drain.deadlineMinutes,
    brewery: settings.brewery,
    web: settings.web,
    nearness: nearnessPlan(settings),
    features: planFeatures(settings.features),
    ...(turn && { turn }),
    certificate: certificatePlan(settings, core),
    ...(settings.dns && { dns: settings.dns }),
    ...monitoringPlan(settings, hosts),
  };
}
