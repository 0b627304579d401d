import { hostAndPort } from "../plan/addresses";
import { PORTS } from "../facts/ports";
import type { DeploymentPlan, MonitoringPlan } from "../plan/types";
import { nginx, systemd, yaml } from "./escapers";
import { file, files, reload, restart } from "./files";
import type { Check, FileGroup, Files } from "./manifest";
import { LOOPBACK, PATHS, UNITS } from "./paths";
import { render } from "./render";
import { hostRoles } from "./roles";
import { textfile } from "./textfile";

/** A source of metrics on a host, and a name that proves that it is the right one. */
interface MetricsModule {
  /** Job in Prometheus and module at the door. */
  name: string;
  port: number;
  metric: string;
}

const EVERY: MetricsModule[] = [
  { name: "node", port: PORTS.nodeExporter.port, metric: "node_uname_info" },
  { name: "process", port: PORTS.processExporter.port, metric: "namedprocess_scrape_errors" },
];
const CORE: MetricsModule[] = [
  { name: "prosody", port: PORTS.prosodyHttp.port, metric: "prosody_info" },
  { name: "prosody-jvb", port: PORTS.prosodyJvbHttp.port, metric: "prosody_info" },
  { name: "jicofo", port: PORTS.jicofoHttp.port, metric: "jitsi_jicofo_conferences" },
  { name: "nginx", port: PORTS.nginxExporter.port, metric: "nginx_up 1" },
];
const BRIDGE: MetricsModule[] = [
  { name: "videobridge", port: PORTS.videobridgeHttp.port, metric: "jitsi_jvb_stress" },
];

/** Everything on a host that can be measured. */
export function metricsModules(plan: DeploymentPlan, hostId: string): MetricsModule[] {
  const { isCore, bridge } = hostRoles(plan, hostId);
  return [...EVERY, ...(isCore ? CORE : []), ...(bridge ? BRIDGE : [])];
}

/** The name in the certificate of every host's door: no name of DNS, only what a reader of metrics verifies. */
export function metricsName({ names }: DeploymentPlan): string {
  return `metrics.${names.domain}`;
}

/** Where the metrics of each host are read, by host id. */
export function metricsAddresses(plan: DeploymentPlan): Record<string, string[]> {
  const url = (address: string, name: string) =>
    `https://${hostAndPort(address, PORTS.metrics.port)}/proxy?module=${name}`;
  return Object.fromEntries(
    plan.hosts.map(({ id, publicAddress }) => [
      id,
      metricsModules(plan, id).map(({ name }) => url(publicAddress, name)),
    ]),
  );
}

/** The certificate of a host's door, which reads it, and the key that came before it with the secrets, at its start. */
export function metricsTrustGroup(certPem: string): FileGroup {
  const certificate = file(PATHS.metricsCertificate, certPem, { units: restart(UNITS.metricsDoor) });
  return { group: "metrics-trust", files: certificate, run: [] };
}

/** Exporters on loopback and the one door to them; only for a plan that is monitored. */
export function metricsGroup(plan: DeploymentPlan, hostId: string): FileGroup {
  if (plan.monitoring === undefined) throw new Error("nobody monitors this plan");
  const { isCore } = hostRoles(plan, hostId);
  const exporters = [UNITS.nodeExporter, UNITS.processExporter, ...(isCore ? [UNITS.nginxExporter] : [])];
  return {
    group: "metrics",
    files: files(
      nodeExporter(),
      processExporter(),
      isCore ? nginxExporter() : {},
      textfile(plan, hostId),
      door(plan, plan.monitoring, hostId),
      ...[...exporters, UNITS.metricsDoor].map(hardening),
    ),
    run: [...exporters, UNITS.textfileTimer, UNITS.metricsDoor],
  };
}

/** What must be true where somebody monitors: exporters on loopback alone, and every module through the door. */
export function metricsChecks(plan: DeploymentPlan, hostId: string): Check[] {
  if (plan.monitoring === undefined) return [];
  const modules = metricsModules(plan, hostId).map(({ name, metric }) => [name, metric] as const);
  return [
    { kind: "listening", protocol: "tcp", port: PORTS.metrics.port, addresses: ["*"] },
    loopbackOnly(PORTS.nodeExporter.port),
    loopbackOnly(PORTS.processExporter.port),
    { kind: "unit", name: UNITS.textfileTimer },
    { kind: "lastRun", name: UNITS.textfile },
    ...(hostRoles(plan, hostId).isCore
      ? [loopbackOnly(PORTS.nginxExporter.port), loopbackOnly(PORTS.nginxStatus.port)]
      : []),
    {
      kind: "metrics",
      address: LOOPBACK,
      port: PORTS.metrics.port,
      domain: metricsName(plan),
      caFile: PATHS.ca,
      modules: Object.fromEntries([...modules, ["node", "audio_meet_info"]]),
    },
  ];
}

function loopbackOnly(port: number): Check {
  return { kind: "listening", protocol: "tcp", port, addresses: [LOOPBACK] };
}

function at(port: number): string {
  return `${LOOPBACK}:${port}`;
}

/** A drop-in of a packaged unit, which takes the place of its command line. */
export function dropIn(unit: string, name: string, text: string): Files {
  const path = `/etc/systemd/system/${unit}.d/${name}.conf`;
  return file(path, text, { units: restart(unit), check: "unit" });
}

function hardening(unit: string): Files {
  return dropIn(unit, "audio-meet-hardening", render("metrics/hardening.conf", {}, systemd));
}

function nodeExporter(): Files {
  const view = { address: at(PORTS.nodeExporter.port), folder: PATHS.metrics.folder };
  return dropIn(UNITS.nodeExporter, "audio-meet", render("metrics/node.service", view, systemd));
}

function processExporter(): Files {
  const config = PATHS.metrics.processes;
  const view = { address: at(PORTS.processExporter.port), config };
  const names = render("metrics/processes.yml", { prosodyJvbConfig: PATHS.prosodyJvb.config }, systemd);
  return files(
    dropIn(UNITS.processExporter, "audio-meet", render("metrics/process.service", view, systemd)),
    file(config, names, { units: restart(UNITS.processExporter) }),
  );
}

function nginxExporter(): Files {
  const status = `http://${at(PORTS.nginxStatus.port)}/stub_status`;
  const view = { address: at(PORTS.nginxExporter.port), status, nginx: UNITS.nginx };
  const site = render("metrics/status.conf", { address: at(PORTS.nginxStatus.port) }, nginx);
  return files(
    file("/etc/nginx/conf.d/audio-meet-status.conf", site, { units: reload(UNITS.nginx), check: "nginx" }),
    dropIn(UNITS.nginxExporter, "audio-meet", render("metrics/nginx.service", view, systemd)),
  );
}

/** The host itself always passes: the verification asks there, and Prometheus on its own machine. */
function door(plan: DeploymentPlan, { sources }: MonitoringPlan, hostId: string): Files {
  const modules = metricsModules(plan, hostId).map(({ name, port }) => ({ name, port, address: LOOPBACK }));
  const view = {
    config: PATHS.metrics.door,
    key: PATHS.metricsKey,
    certificate: PATHS.metricsCertificate,
    port: PORTS.metrics.port,
    networks: [`${LOOPBACK}/32`, ...sources].map((network) => ({ network })),
  };
  return files(
    dropIn(UNITS.metricsDoor, "audio-meet", render("metrics/door.service", view, systemd)),
    file(PATHS.metrics.door, render("metrics/door.yml", { modules }, yaml), {
      units: restart(UNITS.metricsDoor),
    }),
  );
}
