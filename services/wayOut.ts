import { isProxied, proxyOf } from "../plan/proxy";
import type { DeploymentPlan, HostPlan } from "../plan/types";
import { packagesFor } from "./onHost";
import { tokenOf } from "./prosody/access";
import type { DestinationSpec } from "./manifest";

/** Where the helper fetches Chrome's driver (host/audio_meet/recorder/browser.py). */
const DRIVERS = "https://storage.googleapis.com";

const MAIL_REASON = "mail does not go through an HTTP proxy";

/** Everything on the Internet that a host asks for something. */
export function destinationsOf(plan: DeploymentPlan, host: HostPlan): DestinationSpec[] {
  return [
    ...packageDestinations(plan, host),
    ...(host.roles.includes("core") ? coreDestinations(plan) : []),
    ...(host.roles.includes("recorder") ? recorderDestinations(plan) : []),
    ...(host.roles.includes("monitoring") ? alertDestinations(plan, host) : []),
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

function coreDestinations(plan: DeploymentPlan): DestinationSpec[] {
  const { certificate } = plan;
  const servers =
    certificate.kind === "acme"
      ? [certificate.server, certificate.rehearsalServer ?? certificate.server]
      : [];
  const keys = tokenOf(plan)?.keys;
  return [
    ...[...new Set(servers)].map((url) => optional(url, "certificates")),
    ...(keys === undefined || keys.from === "secret"
      ? []
      : [
          {
            url: keys.url,
            purpose: "keys of tokens",
            isNeeded: true,
            straight: "always" as const,
            reason: "Prosody downloads them itself, without a proxy",
          },
        ]),
  ];
}

function recorderDestinations({ recording }: DeploymentPlan): DestinationSpec[] {
  if (recording === undefined) return [];
  const { bucket, region, endpoint } = recording.storage;
  const { webhook, mail } = recording.receivers;
  return [
    optional(endpoint ?? `https://${bucket}.s3.${region}.amazonaws.com`, "recordings"),
    ...(webhook === undefined ? [] : [optional(webhook, "notifications about recordings")]),
    ...(mail === undefined ? [] : [mailServer(mail.server)]),
  ];
}

function alertDestinations(plan: DeploymentPlan, host: HostPlan): DestinationSpec[] {
  const { webhook, mail } = plan.monitoring?.prometheus?.receivers ?? {};
  return [
    ...(webhook === undefined ? [] : [alertHook(plan, host, webhook)]),
    ...(mail === undefined ? [] : [mailServer(mail.server)]),
  ];
}

function alertHook(plan: DeploymentPlan, host: HostPlan, url: string): DestinationSpec {
  const reason = "Alertmanager does not use the server's own proxy settings";
  return { ...optional(url, "alerts"), straight: "unlessNamed", reason, ...proxyless(plan, host, url) };
}

/** A webhook that the config keeps away from the proxy is asked straight, whatever the host's own settings say. */
function proxyless(plan: DeploymentPlan, host: HostPlan, url: string): Partial<DestinationSpec> {
  const proxy = proxyOf(plan, host, [url]);
  return proxy && !isProxied(proxy, url)
    ? { straight: "always", reason: "it is in a network that is excluded from the proxy" }
    : {};
}

function mailServer(server: string): DestinationSpec {
  return { ...optional(`smtp://${server}`, "mail"), straight: "always", reason: MAIL_REASON };
}

function optional(url: string, purpose: string): DestinationSpec {
  return { url, purpose, isNeeded: false };
}
