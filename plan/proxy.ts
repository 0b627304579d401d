import { isIP } from "node:net";
import { CLOSED_NETWORKS } from "../facts/closedNetworks";
import { isAmong } from "./addresses";
import { publicNames } from "./turn";
import type { DeploymentPlan, HostPlan, ProxyPlan } from "./types";

/**
 * The proxy of a host and what is reached without it: the names of the deployment, closed networks, and hosts of the deployment that
 * `urls` name by their public addresses. Undefined where the config names none: then the host's own settings count.
 */
export function proxyOf(plan: DeploymentPlan, host: HostPlan, urls: string[] = []): ProxyPlan | undefined {
  if (host.httpProxy === undefined) return undefined;
  const own = new Set(plan.hosts.flatMap(({ publicAddress, ipv6Address }) => [publicAddress, ipv6Address]));
  const named = urls.map(hostOf).filter((name) => own.has(name));
  return { url: host.httpProxy, except: [...new Set([...publicNames(plan), ...CLOSED_NETWORKS, ...named])] };
}

/** Whether an address is asked through the proxy. */
export function isProxied({ except }: ProxyPlan, url: string): boolean {
  const host = hostOf(url);
  if (isIP(host) === 0) return !except.some((name) => host === name || host.endsWith(`.${name}`));
  return !isAmong(host, except);
}

/** Name or address in a URL. */
function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, "");
}
