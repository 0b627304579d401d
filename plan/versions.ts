import type { PackageSet, PackagesManifest, RepositorySpec } from "../services/manifest";
import { proxyOf } from "./proxy";
import type { DeploymentPlan, HostPlan, LabSuite, PackageSources, ReleasePlan } from "./types";

/**
 * One set that belongs together: what the packages of Jitsi Meet 2.0.11146 (stable, August 2026) are made of. Sources: nixpkgs, pull
 * request 557515, for the page and the plugins; for the others the package cache of a server that upgraded from download.jitsi.org,
 * with the four files beside jitsi-meet_2.0.11146-1. Newer sets: docs/OPERATIONS.md#upgrading. Prosody: the stable series of packages.prosody.im and of Debian 13.
 */
export const DEFAULT_RELEASE: ReleasePlan = {
  prosody: "13.*",
  jicofo: "1.0-1189-1",
  videobridge: "2.3-307-g4bb0aead1-1",
  meetProsody: "1.0.9365-1",
  meetWeb: "1.0.9365-1",
  // Recorders talk to jicofo alone, in words that have not changed for years.
  jibri: "8.0-*",
};

/** The upstream repositories. Sources: Jitsi handbook (devops guide, quickstart), prosody.im/download/package_repository. */
export const DEFAULT_PACKAGES: PackageSources = {
  jitsiRepository: "https://download.jitsi.org",
  jitsiKey: "https://download.jitsi.org/jitsi-key.gpg.key",
  prosodyRepository: "http://packages.prosody.im/debian",
  prosodyKey: "https://prosody.im/files/prosody-debian-packages.key",
};

/**
 * The Lua that both Prosodys and prosodyctl run on; the name of its package and of its program. Every build of Prosody 13 that a
 * release may have is made for it: Debian's for no other (its dependencies), those of packages.prosody.im for 5.2, 5.3 and 5.4
 * (/usr/share/lua/5.x/prosody), started by whatever `lua` is on the server: jitsi/jitsi-meet#17303, #14372.
 */
export const PROSODY_LUA = "lua5.4";

/** What differs from release to release. */
interface ReleaseFacts {
  /** Where Prosody 13 comes from: its authors' repository, or the distribution itself. */
  prosodyFrom: "prosody.im" | "distribution";
  /** The recorders' browser: Ubuntu has Chromium as a snap alone, which no daemon can use. */
  browser: "chrome" | "chromium";
}

/** "<ID>-<VERSION_ID>" of /etc/os-release → facts. Ubuntu 22.04 itself has Prosody 0.11, Debian 12 has 0.12: both too old. */
export const RELEASES: Record<string, ReleaseFacts> = {
  "ubuntu-22.04": { prosodyFrom: "prosody.im", browser: "chrome" },
  "ubuntu-24.04": { prosodyFrom: "prosody.im", browser: "chrome" },
  "debian-12": { prosodyFrom: "prosody.im", browser: "chromium" },
  "debian-13": { prosodyFrom: "distribution", browser: "chromium" },
};

/**
 * What guests of the lab bring along in the package sources of their image: backports where Prosody 13 is for Debian 12, and
 * Debian's own Chromium where Debian says that it is Ubuntu.
 */
const LAB_SOURCES: Partial<Record<LabSuite, Partial<ReleaseFacts>>> = {
  bookworm: { prosodyFrom: "distribution" },
  "near-jammy": { prosodyFrom: "distribution", browser: "chromium" },
};

function factsFor(facts: ReleaseFacts, { machine }: HostPlan): ReleaseFacts {
  return machine.provider === "lab" ? { ...facts, ...LAB_SOURCES[machine.suite] } : facts;
}

function keyOf(source: string): RepositorySpec["key"] {
  return source.startsWith("/") ? { path: source } : { url: source };
}

function jitsiRepository(sources: PackageSources): RepositorySpec {
  // A flat repository: its suite is a folder, ends with a slash and has no components.
  return {
    name: "jitsi",
    uri: sources.jitsiRepository,
    suite: "stable/",
    components: [],
    key: keyOf(sources.jitsiKey),
  };
}

function prosodyRepository(sources: PackageSources): RepositorySpec {
  return {
    name: "prosody",
    uri: sources.prosodyRepository,
    suite: "@CODENAME",
    components: ["main"],
    key: keyOf(sources.prosodyKey),
  };
}

/** Google's own repository; it has amd64 alone. Source: google.com/linuxrepositories. */
const CHROME_REPOSITORY: RepositorySpec = {
  name: "google-chrome",
  uri: "https://dl.google.com/linux/chrome/deb",
  suite: "stable",
  components: ["main"],
  key: { url: "https://dl.google.com/linux/linux_signing_key.pub" },
};

/**
 * A browser and its driver. Debian builds both from one source, so that they always fit; Chrome's driver is in no repository,
 * and the helper fetches the one of the very version that is installed (host/audio_meet/browser.py).
 */
const BROWSERS: Record<ReleaseFacts["browser"], string[]> = {
  chrome: ["google-chrome-stable"],
  chromium: ["chromium", "chromium-driver"],
};

/** What a recorder needs beside jibri's own dependencies, which are ffmpeg, Java and a screen without a monitor. */
function recorderPackages({ browser }: ReleaseFacts): string[] {
  return [...BROWSERS[browser], "pulseaudio", "rclone"];
}

/** Exporters where somebody monitors; the same names on all releases. */
function monitoringPackages({ monitoring }: DeploymentPlan, { roles }: HostPlan): string[] {
  if (monitoring === undefined) return [];
  const every = ["prometheus-node-exporter", "prometheus-process-exporter", "prometheus-exporter-exporter"];
  return [
    // The helper reads the ends of certificates with it.
    "openssl",
    ...every,
    ...(roles.includes("core") ? ["prometheus-nginx-exporter"] : []),
    ...(roles.includes("monitoring") ? ["prometheus", "prometheus-alertmanager"] : []),
  ];
}

/** Logs are rotated on every host, and security updates installed on our own machines; minimal images have neither. */
function upkeepPackages({ machine }: HostPlan): Record<string, string> {
  return { logrotate: "*", ...(machine.provider !== "existing" && { "unattended-upgrades": "*" }) };
}

function packageSet(plan: DeploymentPlan, host: HostPlan, facts: ReleaseFacts): PackageSet {
  const isCore = host.roles.includes("core");
  const isBridge = host.roles.includes("videobridge");
  const isRecorder = host.roles.includes("recorder");
  const needsProsodyRepository = isCore && facts.prosodyFrom === "prosody.im";
  const repositories = isCore || isBridge || isRecorder ? [jitsiRepository(plan.packages)] : [];
  if (isRecorder && facts.browser === "chrome") repositories.push(CHROME_REPOSITORY);
  if (needsProsodyRepository) repositories.push(prosodyRepository(plan.packages));
  const packages: Record<string, string> = { nftables: "*", ...upkeepPackages(host) };
  for (const name of monitoringPackages(plan, host)) packages[name] = "*";
  if (isCore) {
    packages["prosody"] = plan.release.prosody;
    packages[PROSODY_LUA] = "*";
    packages["jicofo"] = plan.release.jicofo;
    packages["nginx"] = "*";
    if (plan.turn) packages["coturn"] = "*";
    // Debian's nginx itself leaves streams out; the package changes nothing until they are configured.
    if (plan.turn?.sharesHttps) packages["libnginx-mod-stream"] = "*";
    // certbot asks for certificates; openssl, which it does not need itself, reads them for the helper.
    if (plan.certificate.kind === "acme") Object.assign(packages, { certbot: "*", openssl: "*" });
    packages["jitsi-meet-web"] = plan.release.meetWeb;
  }
  if (isBridge) packages["jitsi-videobridge2"] = plan.release.videobridge;
  if (isRecorder) {
    packages["jibri"] = plan.release.jibri;
    for (const name of recorderPackages(facts)) packages[name] = "*";
  }
  if (!isCore) return { repositories, packages };
  // Its postinst would edit Prosody's configuration, which is ours; only the plugin files are wanted.
  const plugins = { version: plan.release.meetProsody, folder: "/usr/share/jitsi-meet/prosody-plugins" };
  return { repositories, packages, unpack: { "jitsi-meet-prosody": plugins } };
}

/** What a host installs, for each release that it may run; the helper picks its own. */
export function packagesFor(plan: DeploymentPlan, host: HostPlan): PackagesManifest {
  const releases = Object.fromEntries(
    Object.entries(RELEASES).map(([release, facts]) => [
      release,
      packageSet(plan, host, factsFor(facts, host)),
    ]),
  );
  const question = "jitsi-videobridge/jvb-hostname";
  const preseed: PackagesManifest["preseed"] = [];
  // The question is shared, but debconf wants the answer once per package that asks it.
  if (host.roles.includes("core")) preseed.push(["jicofo", question, "string", plan.names.domain]);
  if (host.roles.includes("videobridge"))
    preseed.push(["jitsi-videobridge2", question, "string", plan.names.domain]);
  const proxy = proxyOf(plan, host);
  return { releases, preseed, ...(proxy && { proxy }) };
}
