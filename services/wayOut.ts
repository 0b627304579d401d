import type { DeploymentPlan, HostPlan } from "../plan/types";
import type { DestinationSpec } from "./manifest";
import { packagesFor } from "./onHost";
import { servicesOn } from "./service";
import { SERVICES } from "./table";

/** Where the helper fetches Chrome's driver (host/audio_meet/recorder/browser.py). */
const DRIVERS = "https://storage.googleapis.com";

/** Everything on the Internet that a host asks for something. */
export function destinationsOf(plan: DeploymentPlan, host: HostPlan): DestinationSpec[] {
  const services = servicesOn(SERVICES, plan, host);
  return [
    ...packageDestinations(plan, host),
    ...services.flatMap((service) => service.destinations?.(plan, host) ?? []),
  ];
}

/** Repositories and their keys, each server once, with the releases that need it. */
function packageDestinations(plan: DeploymentPlan, host: HostPlan): DestinationSpec[] {
  const servers = new Map<string, DestinationSpec & { releases: string[] }>();
  for (const [release, { repositories, packages }] of Object.entries(packagesFor(plan, host).releases)) {
    const add = (url: string, purpose: string) => {
      const { origin } = new URL(url);
      const known = servers.get(origin) ?? { url, purpose, isNeeded: true, releases: [] };
      if (!known.releases.includes(release)) known.releases.push(release);
      servers.set(origin, known);
    };
    for (const { uri, key } of repositories) {
      add(uri, "packages");
      if ("url" in key) add(key.url, "signing key of packages");
    }
    if ("google-chrome-stable" in packages) add(DRIVERS, "driver of Chrome");
  }
  return [...servers.values()];
}
