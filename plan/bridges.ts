import type { Settings } from "../config/schema";
import { coreConnection } from "./connections";
import type { HostPlan, VideobridgePlan } from "./types";

/** The bridges in the order of the config; one without a machine of its own is on the core. */
export function bridgePlans({ regions }: Settings, core: HostPlan, hosts: HostPlan[]): VideobridgePlan[] {
  return regions.flatMap(({ videobridges }) =>
    videobridges.map(({ id }) => bridgePlan(id, core, hosts.find((host) => host.id === id) ?? core)),
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
