import { BlockList, isIP, isIPv6 } from "node:net";
import type { ProxySpec } from "../services/manifest";
import { publicNames } from "./turn";
import type { DeploymentPlan, HostPlan } from "./types";

/**
 * Networks that nobody reaches through a proxy of the Internet: RFC 1918, RFC 6598, RFC 4193, and link-local ones, where EC2's
 * metadata service is. Machines of one deployment talk there, and so do relays and storages beside them.
 */
const CLOSED_NETWORKS = [
  ...["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"],
  ...["fc00::/7", "fe80::/10"],
];

/**
 * The proxy of a host and what is reached without it: the names of the deployment, closed networks, and hosts of the deployment that
 * `urls` name by their public addresses. Undefined where the config names none: then the host's own settings count.
 */
export function proxyOf(plan: DeploymentPlan, host: HostPlan, urls: string[] = []): ProxySpec | undefined {
  if (host.httpProxy === undefined) return undefined;
  const own = new Set(plan.hosts.flatMap(({ publicAddress, ipv6Address }) => [publicAddress, ipv6Address]));
  const named = urls.map(hostOf).filter((name) => own.has(name));
  return { url: host.httpProxy, except: [...new Set([...publicNames(plan), ...CLOSED_NETWORKS, ...named])] };
}

/** Whether an address is asked through the proxy. */
export function isProxied({ except }: ProxySpec, url: string): boolean {
  const host = hostOf(url);
  if (isIP(host) === 0) return !except.some((name) => host === name || host.endsWith(`.${name}`));
  const straight = new BlockList();
  for (const entry of except) {
    const [address = "", bits] = entry.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (isIP(address) !== 0)
      straight.addSubnet(address, Number(bits ?? (family === "ipv6" ? 128 : 32)), family);
  }
  return !straight.check(host, isIPv6(host) ? "ipv6" : "ipv4");
}

/** Name or address in a URL. */
function hostOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, "");
}
