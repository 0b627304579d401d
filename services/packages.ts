import { CHROME, type PackageSources } from "../facts/packageSources";
import { BROWSERS, LAB_SOURCES, PROSODY_LUA, RELEASES, type ReleaseFacts } from "../facts/releases";
import { proxyOf } from "../plan/proxy";
import type { DeploymentPlan, HostPlan } from "../plan/types";
import type { PackageSet, PackagesManifest, RepositorySpec } from "./manifest";

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

const CHROME_REPOSITORY: RepositorySpec = {
  name: "google-chrome",
  uri: CHROME.repository,
  suite: "stable",
  components: ["main"],
  key: keyOf(CHROME.key),
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
