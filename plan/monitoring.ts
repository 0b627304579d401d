import { isIPv6 } from "node:net";
import type { Settings } from "../config/schema";
import { coreConnection } from "./connections";
import { MONITORING_HOST } from "./hosts";
import type { DeploymentPlan, HostPlan, MonitoringPlan } from "./types";

/**
 * Who reads metrics: the configured networks, and our own Prometheus, which reaches a host as a bridge reaches the core: at its
 * private address if both are in one region and have one, else at the public one.
 */
export function monitoringPlan(settings: Settings, hosts: HostPlan[]): Pick<DeploymentPlan, "monitoring"> {
  const own = hosts.find(({ id }) => id === MONITORING_HOST);
  if (own === undefined && settings.monitoring === undefined) return {};
  const { networks = [], mail, webhook } = settings.monitoring ?? {};
  if (own === undefined) return { monitoring: { networks, sources: networks } };
  const ways = hosts.map((host) => ({ id: host.id, ...coreConnection(host, own) }));
  const addresses = ways.flatMap(({ sourceAddress }) => sourceAddress ?? []);
  const prometheus: MonitoringPlan["prometheus"] = {
    hostId: own.id,
    targets: Object.fromEntries(ways.map(({ id, coreAddress }) => [id, coreAddress])),
    receivers: {
      ...(webhook !== undefined && { webhook }),
      ...(mail && { mail: { to: settings.contact, ...mail } }),
    },
  };
  const sources = [...new Set([...networks, ...addresses.map(asNetwork)])];
  return { monitoring: { networks, sources, prometheus } };
}

/** The network of one address. */
function asNetwork(address: string): string {
  return `${address}/${isIPv6(address) ? 128 : 32}`;
}
