import { LOOPBACK, onLoopback } from "../../facts/loopback";
import { PORTS } from "../../facts/ports";
import { isAsleep, isParked } from "../../plan/parked";
import type { DeploymentPlan, HostPlan, MonitoringPlan } from "../../plan/types";
import { listening } from "../checks";
import { nginx, systemd, yaml } from "../escapers";
import { file, files, reload, restart, ROOT_ONLY } from "../files";
import type { Check, FileGroup, Files } from "../manifest";
import { METRICS, METRICS_UNITS } from "./paths";
import { AUTHORITY } from "../links/authority";
import { NGINX_UNIT } from "../nginx";
import { JVB, nodeInstance } from "../prosody/instances";
import { PRICES } from "../prices";
import { render } from "../render";
import { servicesOn, type MetricsSource, type Packages, type Service, type Table } from "../service";
import { textfile } from "./textfile";

/** The name in the certificate of every host's door: no name of DNS, only what a reader of metrics verifies. */
export function metricsName({ names }: DeploymentPlan): string {
  return `metrics.${names.domain}`;
}

/** The certificate of a host's door, which reads it, and the key that came before it with the secrets, at its start. */
export function metricsTrustGroup(certPem: string): FileGroup {
  const certificate = file(METRICS.certificate, certPem, { units: restart(METRICS_UNITS.door) });
  return { group: "metrics-trust", files: certificate, run: [] };
}

/** Exporters on loopback and the one door to them; only for a plan that is monitored. */
export const metrics: Service = {
  name: "metrics",
  role: "every",
  isOn: ({ monitoring }) => monitoring !== undefined,
  ports: [
    ...[PORTS.metrics, PORTS.nodeExporter, PORTS.processExporter],
    ...[PORTS.nginxExporter, PORTS.nginxStatus],
  ],
  packages: metricsPackages,
  // systemd hands it to the door as a credential.
  secrets: (_, __, secret) => file(METRICS.key, secret("metricsKeyPem"), ROOT_ONLY),
  files: metricsFiles,
  prices: Object.fromEntries(Object.values(METRICS_UNITS).map((unit) => [unit, PRICES.background])),
  checks: metricsChecks,
  metrics: [
    { name: "node", port: PORTS.nodeExporter, metric: "node_uname_info" },
    { name: "process", port: PORTS.processExporter, metric: "namedprocess_scrape_errors" },
  ],
  watched: { certificates: [METRICS.certificate] },
};

/** Everything on a host that can be measured. */
function metricsSources(plan: DeploymentPlan, host: HostPlan, table: Table): MetricsSource[] {
  return servicesOn(table, plan, host).flatMap((service) => service.metrics ?? []);
}

/** What of it answers now: of a parked bridge nothing does, of a machine that is off nothing at all. */
export function answeringSources(plan: DeploymentPlan, host: HostPlan, table: Table): MetricsSource[] {
  if (isAsleep(plan, host.id)) return [];
  const serving = servicesOn(table, plan, host).filter(
    ({ role }) => role !== "videobridge" || !isParked(plan, host.id),
  );
  return serving.flatMap((service) => service.metrics ?? []);
}

/** The same names on all releases. The helper reads the ends of certificates with openssl. */
function metricsPackages(_: DeploymentPlan, host: HostPlan): Packages {
  const every = ["prometheus-node-exporter", "prometheus-process-exporter", "prometheus-exporter-exporter"];
  const own = isCore(host) ? ["prometheus-nginx-exporter"] : [];
  return { versions: Object.fromEntries(["openssl", ...every, ...own].map((name) => [name, "*"])) };
}

function isCore({ roles }: HostPlan): boolean {
  return roles.includes("core");
}

function metricsFiles(plan: DeploymentPlan, host: HostPlan, table: Table): ReturnType<Service["files"]> {
  if (plan.monitoring === undefined) throw new Error("nobody monitors this plan");
  const exporters = [
    ...[METRICS_UNITS.node, METRICS_UNITS.process],
    ...(isCore(host) ? [METRICS_UNITS.nginx] : []),
  ];
  return {
    files: files(
      nodeExporter(),
      processExporter(plan),
      isCore(host) ? nginxExporter() : {},
      textfile(plan, host, table),
      door(plan.monitoring, metricsSources(plan, host, table)),
      ...[...exporters, METRICS_UNITS.door].map(hardening),
    ),
    run: [...exporters, METRICS_UNITS.textfileTimer, METRICS_UNITS.door],
  };
}

/** What must be true where somebody monitors: exporters on loopback alone, and every module through the door. */
function metricsChecks(plan: DeploymentPlan, host: HostPlan, table: Table): Check[] {
  const modules = answeringSources(plan, host, table).map(({ name, metric }) => [name, metric] as const);
  return [
    listening(PORTS.metrics, ["*"]),
    listening(PORTS.nodeExporter),
    listening(PORTS.processExporter),
    { kind: "unit", name: METRICS_UNITS.textfileTimer },
    { kind: "lastRun", name: METRICS_UNITS.textfile },
    ...(isCore(host) ? [listening(PORTS.nginxExporter), listening(PORTS.nginxStatus)] : []),
    {
      kind: "metrics",
      address: LOOPBACK,
      port: PORTS.metrics.port,
      domain: metricsName(plan),
      caFile: AUTHORITY,
      modules: Object.fromEntries([...modules, ["node", "audio_meet_info"]]),
    },
  ];
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
  const view = { address: onLoopback(PORTS.nodeExporter), folder: METRICS.folder };
  return dropIn(METRICS_UNITS.node, "audio-meet", render("metrics/node.service", view, systemd));
}

function processExporter({ visitors }: DeploymentPlan): Files {
  const config = METRICS.processes;
  const view = { address: onLoopback(PORTS.processExporter), config };
  const nodes = (visitors?.nodes ?? []).map(nodeInstance).map(({ unit, config: read }) => ({
    name: unit.replace(/\.service$/, ""),
    config: read,
  }));
  const names = render("metrics/processes.yml", { prosodyJvbConfig: JVB.config, nodes }, systemd);
  return files(
    dropIn(METRICS_UNITS.process, "audio-meet", render("metrics/process.service", view, systemd)),
    file(config, names, { units: restart(METRICS_UNITS.process) }),
  );
}

function nginxExporter(): Files {
  const status = `http://${onLoopback(PORTS.nginxStatus)}/stub_status`;
  const view = { address: onLoopback(PORTS.nginxExporter), status, nginx: NGINX_UNIT };
  const site = render("metrics/status.conf", { address: onLoopback(PORTS.nginxStatus) }, nginx);
  return files(
    file("/etc/nginx/conf.d/audio-meet-status.conf", site, { units: reload(NGINX_UNIT), check: "nginx" }),
    dropIn(METRICS_UNITS.nginx, "audio-meet", render("metrics/nginx.service", view, systemd)),
  );
}

/** The host itself always passes: the verification asks there, and Prometheus on its own machine. */
function door({ sources: readers }: MonitoringPlan, sources: MetricsSource[]): Files {
  const modules = sources.map(({ name, port }) => ({ name, port: port.port, address: LOOPBACK }));
  const view = {
    config: METRICS.door,
    key: METRICS.key,
    certificate: METRICS.certificate,
    port: PORTS.metrics.port,
    networks: [`${LOOPBACK}/32`, ...readers].map((network) => ({ network })),
  };
  return files(
    dropIn(METRICS_UNITS.door, "audio-meet", render("metrics/door.service", view, systemd)),
    file(METRICS.door, render("metrics/door.yml", { modules }, yaml), {
      units: restart(METRICS_UNITS.door),
    }),
  );
}
