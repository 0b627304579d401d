import type { Settings } from "../config/schema";
import { accessPlan } from "./access";
import type { AddressBook } from "./addressBook";
import { bridgePlans } from "./bridges";
import { certificatePlan } from "./certificate";
import { corePlan } from "./connections";
import { eventPlans } from "./events";
import { extraPlan } from "./extra";
import { planFeatures } from "./features";
import { earPlan } from "./ear";
import { coreHostOf, hostPlans } from "./hosts";
import { monitoringPlan } from "./monitoring";
import { xmppNames } from "./names";
import { nearnessPlan } from "./nearness";
import { recorderPlans, recordingPlan } from "./recording";
import { awsRegionPlans } from "./regionHosts";
import { restartsPlan } from "./restarts";
import { turnPlan } from "./turn";
import { visitorsPlan } from "./visitors";
import type { DeploymentPlan } from "./types";

/**
 * Every decision that the rest of the program needs, from settings that `config/load.ts` found right. Pure.
 * Called twice where machines get their addresses from a provider: without `addresses` for the shape of the tree (such hosts
 * are named in `provisionalHosts`), and with them, once they are known, for what the files say.
 */
export function planDeployment(settings: Settings, addresses: AddressBook = {}): DeploymentPlan {
  const hosts = hostPlans(settings, addresses);
  const core = coreHostOf({ hosts });
  const videobridges = bridgePlans(settings, core, hosts);
  const recorders = recorderPlans(core, hosts);
  const turn = turnPlan(settings, core, videobridges);
  const certificate = certificatePlan(settings, core);
  return {
    ...asStated(settings),
    names: xmppNames(settings.domain),
    hosts,
    core: corePlan(core, videobridges, { recorders, hasRecording: settings.recording !== undefined }),
    videobridges,
    recorders,
    events: eventPlans(settings),
    ...recordingPlan(settings),
    awsRegions: awsRegionPlans(settings.regions),
    provisionalHosts: hosts
      .filter(({ id, machine }) => machine.provider === "aws" && addresses[id] === undefined)
      .map(({ id }) => id),
    access: accessPlan(settings),
    nearness: nearnessPlan(settings),
    features: planFeatures(settings.features),
    ...visitorsPlan(settings),
    extra: extraPlan(settings),
    ...(turn && { turn }),
    certificate,
    ear: earPlan(settings, certificate),
    ...monitoringPlan(settings, hosts),
  };
}

/** What the settings say and nothing more is to be decided about. */
function asStated(settings: Settings) {
  const { contact, release, packages, brewery, watchdog, web, dns, repair, maxBridgeParticipants } = settings;
  const { focusClient, focusService, videobridge, turn, recorders } = settings.secrets;
  const secrets = { focusClient, focusService, videobridge, turn, recorders };
  return {
    ...{ contact, release, packages, brewery, watchdog, web, secrets, repair, maxBridgeParticipants },
    ...(dns && { dns }),
    regions: settings.regions.map(({ name }) => name),
    audienceParticipants: settings.audience.participants,
    conferenceHoursPerMonth: settings.audience.hoursPerMonth,
    drainDeadlineMinutes: settings.drain.deadlineMinutes,
    restarts: restartsPlan(settings),
  };
}
