import { portsInUse } from "../plan/firewall";
import { PORTS } from "../facts/ports";
import { proxyOf } from "../plan/proxy";
import { publicNames } from "../plan/turn";
import type { DeploymentPlan, HostPlan } from "../plan/types";
import { allPorts, packagesFor, requirementsOf } from "./onHost";
import { TABLE } from "./firewall";
import type { PreflightManifest } from "./manifest";
import { destinationsOf } from "./wayOut";

/** What a host has to be like before anything is changed there; the same whatever versions are to be installed. */
export function preflightOf(plan: DeploymentPlan, host: HostPlan): PreflightManifest {
  const { releases } = packagesFor(plan, host);
  const sets = Object.values(releases);
  const isCore = host.roles.includes("core");
  const proxy = proxyOf(plan, host);
  return {
    releases: Object.keys(releases),
    ...requirementsOf(plan, host),
    clockUrls: distinct(sets.flatMap(({ repositories }) => repositories.map(({ uri }) => uri))),
    wayOut: destinationsOf(plan, host),
    ...(proxy && { proxy }),
    packages: distinct(
      sets.flatMap(({ packages }) => Object.keys(packages).filter((name) => packages[name] !== "*")),
    ),
    ports: portsInUse(plan, host, allPorts())
      .filter(({ name }) => name !== PORTS.ssh.name)
      .map(({ name, protocol, port, lastPort = port, from }) => ({
        ...{ name, protocol, port, lastPort },
        open: from === "world",
      })),
    names: isCore ? publicNames(plan) : [],
    xmppHosts: isCore ? xmppHosts(plan) : [],
    sharesHttps: plan.turn?.sharesHttps === true,
    table: TABLE,
  };
}

/** Every host that our own Prosody may serve, whatever is switched on. */
function xmppHosts({ names, visitors }: DeploymentPlan): string[] {
  const hosts = [...Object.values<string>({ ...names }), ...(visitors ? [visitors.component] : [])];
  return distinct(hosts.filter((name) => name.includes(names.domain) && !name.includes("@")));
}

function distinct(names: string[]): string[] {
  return [...new Set(names)].sort();
}
