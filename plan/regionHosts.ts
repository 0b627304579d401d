import { FIRST_GENERATION } from "../config/nodes";
import type { AwsRegion, ExistingRegion, LabRegion, RegionSettings } from "../config/regions";
import { provisionalAddresses, type AddressBook } from "./addressBook";
import { instanceType } from "../facts/instanceTypes";
import { LAB_SOURCES, labAddress, labName, labUser } from "../facts/labHost";
import type { AwsRegionPlan, HostPlan, JumpHost } from "./types";

type ExistingNode = NonNullable<ExistingRegion["core"]>;
type LabNode = NonNullable<LabRegion["core"]>;
type AwsNode = NonNullable<AwsRegion["core"]>;

/** A core or a bridge with a machine of its own, as the config describes it; its kind follows from the region's provider. */
export type OwnNode = ExistingNode | LabNode | AwsNode;

/** Who a host is, whatever machine it gets. */
export type Identity = Pick<HostPlan, "id" | "region" | "roles">;

/** What a host's machine depends on beside its own node. */
export interface HostContext {
  domain: string;
  addresses: AddressBook;
  /** Ids of all hosts, the core first. */
  hostIds: string[];
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
  const { provider, suite, mirror, memoryMegabytes } = region.machines;
  const address = labAddress(domain, identity.id, generation);
  const name = labName(domain, identity.id, generation);
  return {
    ...identity,
    machine: {
      ...{ provider, suite, name, address, generation, user: labUser(suite) },
      ...(mirror !== undefined && { mirror }),
      ...(memoryMegabytes !== undefined && { memoryMegabytes }),
    },
    publicAddress: address,
    privateAddress: address,
    firstPublicAddress: labAddress(domain, identity.id, FIRST_GENERATION),
    ...(LAB_SOURCES[suite] && { ownFacts: LAB_SOURCES[suite] }),
  };
}

function awsHost(
  identity: Identity,
  node: AwsNode,
  region: AwsRegion,
  { addresses, hostIds }: HostContext,
): HostPlan {
  const type = node.instanceType ?? region.machines.instanceType;
  const { cores, memoryMegabytes, networkMbps } = instanceType(type);
  const { ipv6Address, ...assigned } =
    addresses[identity.id] ?? provisionalAddresses(hostIds.indexOf(identity.id));
  return {
    ...identity,
    machine: {
      provider: "aws",
      address: assigned.publicAddress,
      instanceType: type,
      generation: node.generation,
    },
    ...assigned,
    ...(region.machines.ipv6 && ipv6Address !== undefined && { ipv6Address }),
    size: { cores, memoryMegabytes, networkMbps },
  };
}

function isAws(region: RegionSettings): region is AwsRegion {
  return region.machines.provider === "aws";
}

function isExisting(region: RegionSettings): region is ExistingRegion {
  return region.machines.provider === "existing";
}

/** The host of a node; which kind of node a region has follows from its provider (config/regions.ts). */
export function hostOf(
  identity: Identity,
  node: OwnNode,
  region: RegionSettings,
  context: HostContext,
): HostPlan {
  const { httpProxy } = region.machines;
  return { ...bareHost(identity, node, region, context), ...(httpProxy !== undefined && { httpProxy }) };
}

function bareHost(identity: Identity, node: OwnNode, region: RegionSettings, context: HostContext): HostPlan {
  if (isAws(region)) return awsHost(identity, node as AwsNode, region, context);
  if (isExisting(region)) return existingHost(identity, node as ExistingNode, region);
  return labHost(identity, node as LabNode, region, context.domain);
}

/** What the deployment asks of each AWS region. */
export function awsRegionPlans(regions: RegionSettings[]): AwsRegionPlan[] {
  return regions.filter(isAws).map(({ name, machines }) => ({
    name,
    awsRegion: machines.region,
    adminCidrs: [...new Set(machines.adminCidrs)],
    ubuntu: machines.ubuntu,
    ...(machines.image !== undefined && { image: machines.image }),
    volumeGigabytes: machines.volumeGigabytes,
    terminationProtection: machines.terminationProtection,
    ipv6: machines.ipv6,
    ...(machines.zone !== undefined && { zone: `${machines.region}${machines.zone}` }),
    ...(machines.network !== undefined && { network: machines.network }),
  }));
}
