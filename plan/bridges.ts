import type { Settings } from "../config/schema";
import { coreConnection } from "./connections";
import type { HostPlan, VideobridgePlan } from "./types";

/** The bridges in the order of the config; one without a machine of its own is on the core. */
export function bridgePlans({ regions }: Settings, core: HostPlan, hosts: HostPlan[]): VideobridgePlan[] {
  return regions.flatMap(({ videobridges }) =>
    videobridges.map(({ id, parked }) => ({
      ...bridgePlan(id, core, hosts.find((host) => host.id === id) ?? core),
      ...(parked !== undefined && { parked }),
    })),
  );
}

/**
 * The name of a bridge among bridges: its id, and on a machine that took the place of another one its address as well. The two are
 * logged in together until the old one is empty, and of two bridges of one name prosody-jvb keeps the newer alone (decision 064).
 */
function relayIdOf(id: string, host: HostPlan): string {
  const { publicAddress, firstPublicAddress = publicAddress } = host;
  // The core's address stays, whatever machine has it. An id has no "_".
  const isFirst = host.id !== id || publicAddress === firstPublicAddress;
  return isFirst ? id : `${id}_${publicAddress}`;
}

function bridgePlan(id: string, core: HostPlan, host: HostPlan): VideobridgePlan {
  const { region, publicAddress, privateAddress, ipv6Address } = host;
  return {
    id,
    hostId: host.id,
    region,
    relayId: relayIdOf(id, host),
    publicAddress,
    ...(privateAddress === undefined ? {} : { privateAddress }),
    ...(ipv6Address === undefined ? {} : { ipv6Address }),
    ...coreConnection(core, host),
  };
}
