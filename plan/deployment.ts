import type { ExistingRegion, LabRegion, RegionSettings } from "../config/regions";
import type { Settings } from "../config/schema";
import { coreConnection, corePlan } from "./connections";
import { labAddress, labName } from "./labHost";
import type { DeploymentPlan, HostPlan, JumpHost, VideobridgePlan, XmppNames } from "./types";

type ExistingNode = NonNullable<ExistingRegion["core"]>;
type LabNode = NonNullable<LabRegion["core"]>;
type Identity = Pick<HostPlan, "id" | "region" | "roles">;

/** XMPP names of the deployment with the public domain D. */
function xmppNames(domain: string): XmppNames {
  const tech = `tech.${domain}`;
  return {
    domain,
    auth: `auth.${domain}`,
    conference: `conference.${domain}`,
    focus: `focus.${domain}`,
    internalAuth: `internal.auth.${domain}`,
    tech,
    techMuc: `muc.${tech}`,
    brewery: `jvbbrewery@muc.${tech}`,
  };
}

function jumpHostPlan(region: ExistingRegion): { jumpHost?: JumpHost } {
  const { jumpHost, user } = region.machines;
  return jumpHost ? { jumpHost: { ...jumpHost, user: jumpHost.user ?? user } } : {};
}

function existingHost(identity: Identity, node: ExistingNode, region: ExistingRegion): HostPlan {
  return {
    ...identity,
    machine: {
      provider: "existing",
      address: node.address,
      user: node.user ?? region.machines.user,
      port: node.port ?? region.machines.port,
      hostKey: node.hostKey,
      ...jumpHostPlan(region),
    },
    publicAddress: node.publicAddress ?? node.address,
    ...(node.privateAddress === undefined ? {} : { privateAddress: node.privateAddress }),
    ...(node.size === undefined ? {} : { size: node.size }),
  };
}

function labHost(identity: Identity, node: LabNode, region: LabRegion, domain: string): HostPlan {
  const { generation } = node;
  const address = labAddress(domain, identity.id, generation);
  const name = labName(domain, identity.id, generation);
  return {
    ...identity,
    machine: { ...region.machines, name, address, generation },
    publicAddress: address,
    privateAddress: address,
  };
}

function isExisting(region: RegionSettings): region is ExistingRegion {
  return region.machines.provider === "existing";
}

type OwnBridge = { id: string } & (ExistingNode | LabNode);

/** The node's host; which kind of node a region has follows from its provider (config/regions.ts). */
function hostOf(
  identity: Identity,
  node: ExistingNode | LabNode,
  region: RegionSettings,
  domain: string,
): HostPlan {
  return isExisting(region)
    ? existingHost(identity, node as ExistingNode, region)
    : labHost(identity, node as LabNode, region, domain);
}

function coreHost(settings: Settings): HostPlan {
  for (const region of settings.regions) {
    if (!region.core) continue;
    const carriesBridge = settings.regions.some(({ videobridges }) => videobridges.some((b) => "on" in b));
    const roles: HostPlan["roles"] = carriesBridge ? ["core", "videobridge"] : ["core"];
    return hostOf({ id: "core", region: region.name, roles }, region.core, region, settings.domain);
  }
  throw new Error("no region has the core; config/load.ts lets no such settings through");
}

function bridgeHosts(settings: Settings): HostPlan[] {
  return settings.regions.flatMap((region) =>
    region.videobridges
      .filter((bridge): bridge is OwnBridge => !("on" in bridge))
      .map((bridge) => {
        const identity: Identity = { id: bridge.id, region: region.name, roles: ["videobridge"] };
        return hostOf(identity, bridge, region, settings.domain);
      }),
  );
}

function bridgePlan(id: string, core: HostPlan, host: HostPlan): VideobridgePlan {
  const { region, publicAddress, privateAddress } = host;
  return {
    id,
    hostId: host.id,
    region,
    relayId: id,
    publicAddress,
    ...(privateAddress === undefined ? {} : { privateAddress }),
    ...coreConnection(core, host),
  };
}

/** Every decision that the rest of the program needs, from settings that `config/load.ts` found right. Pure. */
export function planDeployment(settings: Settings): DeploymentPlan {
  const core = coreHost(settings);
  const hosts = [core, ...bridgeHosts(settings)];
  const hostById = new Map(hosts.map((host) => [host.id, host]));
  const videobridges = settings.regions.flatMap((region) =>
    region.videobridges.map(({ id }) => bridgePlan(id, core, hostById.get(id) ?? core)),
  );
  return {
    names: xmppNames(settings.domain),
    contact: settings.contact,
    hosts,
    core: corePlan(core, videobridges),
    videobridges,
    regions: settings.regions.map(({ name }) => name),
    audienceParticipants: settings.audience.participants,
    maxBridgeParticipants: settings.maxBridgeParticipants,
    release: settings.release,
    packages: settings.packages,
    secrets: settings.secrets,
    drainDeadlineMinutes: settings.drain.deadlineMinutes,
    web: settings.web,
    features: settings.features,
  };
}
