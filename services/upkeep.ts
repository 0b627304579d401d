import { isProxied, proxyOf } from "../plan/proxy";
import type { DeploymentPlan, HostPlan } from "../plan/types";
import { packagesOf } from "./packages";
import { apt, nft } from "./escapers";
import { file, files, restart } from "./files";
import type { Files } from "./manifest";
import { PRICES } from "./prices";
import { render, type View } from "./render";
import { servicesOn, type Service, type Table } from "./service";

const JOURNAL = "systemd-journald.service";

/**
 * Upkeep that goes on by itself: security updates around our daemons, and logs that do not fill the disk. A server that was there
 * before keeps its own rules for both: here, only our daemons are left alone by night.
 */
export const upkeep: Service = {
  name: "upkeep",
  role: "every",
  packages: (_, { machine }) => ({
    // Minimal images have neither.
    versions: { logrotate: "*", ...(machine.provider !== "existing" && { "unattended-upgrades": "*" }) },
  }),
  files: upkeepFiles,
  prices: { [JOURNAL]: PRICES.background },
  checks: (_, { ipv6Address }) => [
    // Names are resolved by it, and a network that does not hand it out says nothing.
    ...(ipv6Address === undefined ? [] : [{ kind: "localAddress", address: ipv6Address } as const]),
    { kind: "clock" },
  ],
};

/** Beginnings of the names of a host's packages that are ours to change; never an empty list, whatever the host is for. */
function keptPackages(plan: DeploymentPlan, host: HostPlan, table: Table): string[] {
  const kept = servicesOn(table, plan, host, { evenOff: true }).flatMap((one) => one.keptPackages ?? []);
  return kept.length > 0 ? [...new Set(kept)] : ["jitsi-"];
}

function upkeepFiles(plan: DeploymentPlan, host: HostPlan, table: Table): ReturnType<Service["files"]> {
  const daemons = keptPackages(plan, host, table);
  const isOurs = host.machine.provider !== "existing";
  const view = { packages: daemons.map((name) => ({ name })) };
  const upgrades = { ...view, isOurs, proxies: isOurs ? proxies(plan, host, table) : [] };
  return {
    files: files(
      // After 50unattended-upgrades, whose lists it extends.
      file("/etc/apt/apt.conf.d/52audio-meet", render("upkeep/52audio-meet", upgrades, apt)),
      file("/etc/needrestart/conf.d/audio-meet.conf", render("upkeep/needrestart.conf", view, nft)),
      isOurs ? journal() : {},
    ),
    run: [],
  };
}

/** How a machine of ours gets its updates by night; a server that was there before has its own settings. */
function proxies(plan: DeploymentPlan, host: HostPlan, table: Table): View[] {
  const proxy = proxyOf(plan, host);
  if (proxy === undefined) return [];
  const uris = Object.values(packagesOf(table, plan, host).releases).flatMap(({ repositories }) =>
    repositories.map(({ uri }) => uri),
  );
  const straight = uris.filter((uri) => !isProxied(proxy, uri)).map((uri) => new URL(uri).hostname);
  return [{ url: proxy.url, straight: [...new Set(straight)].map((name) => ({ name })) }];
}

function journal(): Files {
  return file("/etc/systemd/journald.conf.d/audio-meet.conf", render("upkeep/journald.conf", {}, nft), {
    units: restart(JOURNAL),
  });
}
