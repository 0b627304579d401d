import { isProxied, proxyOf } from "../plan/proxy";
import type { DeploymentPlan, HostPlan } from "../plan/types";
import { packagesFor } from "./packages";
import { apt, nft } from "./escapers";
import { file, files, restart } from "./files";
import type { FileGroup, Files } from "./manifest";
import { render, type View } from "./render";
import { hostPlanOf, hostRoles } from "./roles";

/** What a conference runs on. Its packages change by `pulumi up` or by an operator's hand, never by night. */
const DAEMONS = {
  core: ["prosody", "jicofo", "jitsi-", "nginx", "libnginx-", "coturn"],
  videobridge: ["jitsi-"],
  // Browser and driver only work as a pair, and a recording only with the browser that it began with.
  recorder: ["jibri", "chromium", "google-chrome", "pulseaudio", "ffmpeg"],
};

/**
 * Upkeep that goes on by itself: security updates around our daemons, and logs that do not fill the disk. A server that was there
 * before keeps its own rules for both: here, only our daemons are left alone by night.
 */
export function upkeepGroup(plan: DeploymentPlan, hostId: string): FileGroup {
  const { isCore, recorder } = hostRoles(plan, hostId);
  const daemons = isCore ? DAEMONS.core : recorder ? DAEMONS.recorder : DAEMONS.videobridge;
  const host = hostPlanOf(plan, hostId);
  const isOurs = host.machine.provider !== "existing";
  const view = { packages: daemons.map((name) => ({ name })) };
  const upgrades = { ...view, isOurs, proxies: isOurs ? proxies(plan, host) : [] };
  return {
    group: "upkeep",
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
function proxies(plan: DeploymentPlan, host: HostPlan): View[] {
  const proxy = proxyOf(plan, host);
  if (proxy === undefined) return [];
  const uris = Object.values(packagesFor(plan, host).releases).flatMap(({ repositories }) =>
    repositories.map(({ uri }) => uri),
  );
  const straight = uris.filter((uri) => !isProxied(proxy, uri)).map((uri) => new URL(uri).hostname);
  return [{ url: proxy.url, straight: [...new Set(straight)].map((name) => ({ name })) }];
}

function journal(): Files {
  return file("/etc/systemd/journald.conf.d/audio-meet.conf", render("upkeep/journald.conf", {}, nft), {
    units: restart("systemd-journald.service"),
  });
}
