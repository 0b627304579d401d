import type { DeploymentPlan, VideobridgePlan } from "../plan/types";
import { certificateGroup } from "./certificate";
import { coturnGroup, turnPeerGroup } from "./coturn";
import { recorderGroup } from "./jibri";
import { jicofoGroup } from "./jicofo";
import { meetGroup } from "./meet";
import { metricsGroup } from "./metrics";
import { nginxGroup } from "./nginx";
import type { FileGroup } from "./manifest";
import { prometheusGroup } from "./prometheus";
import { prosodyGroup } from "./prosody";
import { bridgeAccountGroup, prosodyJvbGroup } from "./prosodyJvb";
import { hostRoles } from "./roles";
import { SYSTEM_GROUPS } from "./system";
import { videobridgeGroup, videobridgeLoginGroup } from "./videobridge";

/** The groups of a host that hold no secret, in the order in which they apply; `secrets` and `trust` come before. */
export function groupsOf(plan: DeploymentPlan, hostId: string): FileGroup[] {
  const { isCore, bridge, recorder } = hostRoles(plan, hostId);
  return [
    ...SYSTEM_GROUPS.map((groupOf) => groupOf(plan, hostId)),
    ...(isCore
      ? [
          prosodyGroup(plan),
          prosodyJvbGroup(plan),
          jicofoGroup(plan),
          meetGroup(plan),
          ...(plan.turn ? [coturnGroup(plan)] : []),
          nginxGroup(plan),
          ...(plan.certificate.kind === "acme" ? [certificateGroup()] : []),
        ]
      : []),
    ...(plan.monitoring ? [metricsGroup(plan, hostId)] : []),
    ...(isCore && plan.turn ? plan.videobridges.map(turnPeerGroup) : []),
    ...(bridge ? [videobridgeGroup(plan, bridge)] : []),
    ...(recorder ? [recorderGroup(plan, recorder)] : []),
    ...(plan.monitoring?.prometheus?.hostId === hostId ? [prometheusGroup(plan)] : []),
  ];
}

/** The groups of a host with the bridges' passwords: the accounts on the core, and the login of the bridge that is there. */
export function loginGroupsOf(
  plan: DeploymentPlan,
  hostId: string,
  passwordOf: (bridge: VideobridgePlan) => string,
): FileGroup[] {
  const { isCore, bridge } = hostRoles(plan, hostId);
  return [
    ...(isCore ? plan.videobridges.map((each) => bridgeAccountGroup(plan, each, passwordOf(each))) : []),
    ...(bridge ? [videobridgeLoginGroup(plan, bridge, passwordOf(bridge))] : []),
  ];
}

/**
 * What tells, when it is another than before, that an account of a daemon was replaced or is wanted no more. A bridge that comes or
 * goes brings and takes its account itself.
 */
export function daemonAccounts(plan: DeploymentPlan): string {
  const accounts = groupsOf(plan, plan.core.hostId).flatMap((group) => group.accounts ?? []);
  const daemons = accounts.filter(({ endSessions }) => !endSessions).map(({ jid }) => jid);
  return [...daemons, `bridges ${plan.secrets.videobridge}`].join();
}
