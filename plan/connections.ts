import { isIPv6 } from "node:net";
import { areNear } from "../config/nearby";
import { LOOPBACK } from "../facts/loopback";
import type { CorePlan, HostPlan, RecorderPlan, VideobridgePlan } from "./types";

/**
 * At which address the host of a bridge or recorder reaches the core, and as whom the core sees it: the private addresses if both are in one
 * region and have one (of one family), else the public ones; loopback on the core itself.
 */
export function coreConnection(
  core: HostPlan,
  host: HostPlan,
): Pick<VideobridgePlan, "coreAddress" | "sourceAddress"> {
  if (host.id === core.id) return { coreAddress: LOOPBACK };
  const at = (one: HostPlan) => (areNear(core, host) ? one.privateAddress : undefined) ?? one.publicAddress;
  return { coreAddress: at(core), sourceAddress: at(host) };
}

/**
 * Where a Prosody listens: loopback and the one address that the core's machine is known to have. Somebody who comes in over
 * another one (a public address may be translated on its way) makes it listen everywhere; the firewall then holds the line.
 */
function listenAddresses(core: HostPlan, clients: Pick<VideobridgePlan, "coreAddress">[]): string[] {
  const own = core.privateAddress ?? core.machine.address;
  const used = clients.map((client) => client.coreAddress);
  const elsewhere = used.filter((address) => address !== own && address !== LOOPBACK);
  if (elsewhere.length === 0) return [LOOPBACK, own];
  // Prosody's "*" is every IPv4 address, "::" every IPv6 one.
  return [own, ...elsewhere].some(isIPv6) ? ["*", "::"] : ["*"];
}

/**
 * What the core decides about its bridges and recorders. The main Prosody listens wherever a recorder may come in, and not only
 * where one does: a restart for one more or less would cut every conference. The firewall lets in the recorders that there are.
 */
export function corePlan(
  core: HostPlan,
  bridges: VideobridgePlan[],
  { recorders, hasRecording }: { recorders: RecorderPlan[]; hasRecording: boolean },
): CorePlan {
  const sources = bridges.flatMap(({ sourceAddress }) =>
    sourceAddress === undefined ? [] : [sourceAddress],
  );
  return {
    hostId: "core",
    region: core.region,
    prosodyJvbInterfaces: listenAddresses(core, bridges),
    bridgeSources: [...new Set(sources)].sort(),
    prosodyInterfaces: hasRecording
      ? listenAddresses(core, [{ coreAddress: core.publicAddress }])
      : [LOOPBACK],
    recorderSources: [...new Set(recorders.map(({ sourceAddress }) => sourceAddress))].sort(),
  };
}
