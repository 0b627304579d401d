import type { RegionSettings } from "../config/regions";
import type { Settings } from "../config/schema";
import type { AddressBook } from "./addressBook";
import { hostOf, type HostContext, type OwnNode } from "./regionHosts";
import type { DeploymentPlan, HostPlan, Role } from "./types";

/** Id of the host with both Prosodys and jicofo. */
const CORE_HOST = "core";

/** Id of the host with Prometheus and Alertmanager. */
export const MONITORING_HOST = "monitoring";

type OwnBridge = { id: string } & OwnNode;

/** Every host with a machine of its own: the core first, then bridges and recorders in the order of the config, monitoring last. */
export function hostPlans(settings: Settings, addresses: AddressBook): HostPlan[] {
  const { domain, regions } = settings;
  const ids = (kind: "videobridges" | "recorders") =>
    regions.flatMap((region) => region[kind].map(({ id }) => id));
  // Where a host is among them says which address stands for its own until it has one.
  const hostIds = [CORE_HOST, ...ids("videobridges"), MONITORING_HOST, ...ids("recorders")];
  const context: HostContext = { domain, addresses, hostIds };
  const carriesBridge = regions.some(({ videobridges }) => videobridges.some((bridge) => "on" in bridge));
  const coreRoles: Role[] = carriesBridge ? ["core", "videobridge"] : ["core"];
  const each = (nodesOf: (region: RegionSettings) => [id: string, node: OwnNode][], roles: Role[]) =>
    regions.flatMap((region) =>
      nodesOf(region).map(([id, node]) => hostOf({ id, region: region.name, roles }, node, region, context)),
    );
  return [
    ...each(({ core }) => (core ? [[CORE_HOST, core]] : []), coreRoles),
    ...each(
      ({ videobridges }) => videobridges.filter(isOwn).map((bridge) => [bridge.id, bridge]),
      ["videobridge"],
    ),
    ...each(({ recorders }) => recorders.map((recorder) => [recorder.id, recorder]), ["recorder"]),
    ...each(({ monitoring }) => (monitoring ? [[MONITORING_HOST, monitoring]] : []), ["monitoring"]),
  ];
}

function isOwn(bridge: RegionSettings["videobridges"][number]): bridge is OwnBridge {
  return !("on" in bridge);
}

/** The host of an id; an unknown one is an error. */
export function hostPlanOf({ hosts }: Pick<DeploymentPlan, "hosts">, hostId: string): HostPlan {
  const host = hosts.find(({ id }) => id === hostId);
  if (!host) throw new Error(`the plan has no host ${hostId}`);
  return host;
}

/** The host of the core. */
export function coreHostOf(plan: Pick<DeploymentPlan, "hosts">): HostPlan {
  return hostPlanOf(plan, CORE_HOST);
}
