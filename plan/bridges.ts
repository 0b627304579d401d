import type { Settings } from "../config/schema";
import { coreConnection } from "./connections";
import type { HostPlan, VideobridgePlan } from "./types";

/** The bridges in the order of the config; one without a machine of its own is on the core. */
export function bridgePlans({ regions }: Settings, core: HostPlan, hosts: HostPlan[]): VideobridgePlan[] {
  return regions.flatMap(({ videobridges }) =>
    videobridges.map(({ id }) => bridgePlan(id, core, hosts.find((host) => host.id === id) ?? core)),
  );
}

/**
 * The name of a bridge among bridges. A machine of another generation has another one: it comes beside the old machine, and of two
 * bridges of one name prosody-jvb keeps the newer alone, before anybody has moved to it (decision 064).
 */
function relayIdOf(id: string, { machine }: HostPlan): string {
  const generation = "generation" in machine ? machine.generation : 1;
  return generation === 1 ? id : `${id}.${generation}`;
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
