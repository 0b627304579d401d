import type { DeploymentPlan } from "../plan/types";
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
import { prosodyJvbGroup } from "./prosodyJvb";
import { hostRoles } from "./roles";
import { SYSTEM_GROUPS } from "./system";
import { videobridgeGroup } from "./videobridge";

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
