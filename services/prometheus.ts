import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hostAndPort } from "../plan/addresses";
import { LOOPBACK, loopbackUrl, onLoopback } from "../facts/loopback";
import { PORTS } from "../facts/ports";
import { isProxied, proxyOf } from "../plan/proxy";
import type { DeploymentPlan, HostPlan, MailPlan } from "../plan/types";
import { listening } from "./checks";
import { destination, mailServer } from "./destinations";
import { systemd, yaml } from "./escapers";
import { file, files, reload, type FileOptions } from "./files";
import { mailChecks, mailSecrets } from "./mail";
import type { Check, DestinationSpec, Files } from "./manifest";
import { dropIn, metricsName, answeringSources } from "./metrics";
import { AUTHORITY } from "./links/authority";
import { PRICES } from "./prices";
import { render, type View } from "./render";
import { hostPlanOf } from "./roles";
import type { Service, Table } from "./service";

/** Where both have their files. */
export const PROMETHEUS = {
  config: "/etc/audio-meet/prometheus/prometheus.yml",
  rules: "/etc/audio-meet/prometheus/audio-meet.rules.yml",
  /** promtool checks the configuration before the rules are in place; a pattern may match nothing yet. */
  everyRule: "/etc/audio-meet/prometheus/*.rules.yml",
  alertmanager: "/etc/audio-meet/prometheus/alertmanager.yml",
  /** In its place where there is a password in it. */
  alertmanagerWithLogin: "/etc/audio-meet/secrets/alertmanager.yml",
} as const;

const UNITS = { prometheus: "prometheus.service", alertmanager: "prometheus-alertmanager.service" };

/** How long figures are kept: a month of a core and ten bridges is about a gigabyte. */
const RETENTION = "30d";

/** The rules as they lie in the repository, where promtool tests them. */
export const RULES_FILE = join(__dirname, "..", "monitoring", "rules.yml");

type Prometheus = NonNullable<NonNullable<DeploymentPlan["monitoring"]>["prometheus"]>;

/** Prometheus and Alertmanager on loopback: who may log in to the machine reaches them through SSH. */
export const prometheus: Service = {
  name: "prometheus",
  role: "monitoring",
  ports: [PORTS.prometheus, PORTS.alertmanager],
  prices: Object.fromEntries(Object.values(UNITS).map((unit) => [unit, PRICES.background])),
  packages: () => ({ versions: { prometheus: "*", "prometheus-alertmanager": "*" } }),
  // What the verification logs in with, and Alertmanager, which has it in its configuration.
  secrets: (plan, _, secret) => {
    const own = prometheusOf(plan);
    const { mail } = own.receivers;
    return files(
      mailSecrets(mail, secret),
      mail?.user === undefined ? {} : alertsWithLogin(plan, own, secret("mailPassword")),
    );
  },
  files: (plan, _, table) => {
    const own = prometheusOf(plan);
    return {
      files: files(config(plan, own, table), rules(), alerts(plan, own), units(own)),
      run: [UNITS.alertmanager, UNITS.prometheus],
    };
  },
  destinations: alertDestinations,
  needs: { memoryMegabytes: 300, packagesMegabytes: 400 },
  checks: prometheusChecks,
};

function prometheusOf({ monitoring }: DeploymentPlan): Prometheus {
  if (monitoring?.prometheus === undefined) throw new Error("the plan has no monitoring machine");
  return monitoring.prometheus;
}

/** What must be true on the machine with Prometheus: every target of the plan is read. */
function prometheusChecks(plan: DeploymentPlan, _: HostPlan, table: Table): Check[] {
  const own = [PORTS.prometheus, PORTS.alertmanager];
  const targets = plan.hosts.flatMap((host) => answeringSources(plan, host, table)).length + own.length;
  return [
    { kind: "unit", name: UNITS.prometheus },
    { kind: "unit", name: UNITS.alertmanager },
    ...own.map((port) => listening(port)),
    { kind: "prometheus", url: loopbackUrl(PORTS.prometheus), targets },
    ...mailChecks(plan.monitoring?.prometheus?.receivers.mail),
  ];
}

function config(plan: DeploymentPlan, { hostId, targets }: Prometheus, table: Table): Files {
  const all = plan.hosts.flatMap((host) =>
    answeringSources(plan, host, table).map(({ name }) => ({
      name,
      host: host.id,
      region: host.region,
      target: hostAndPort(targets[host.id] ?? LOOPBACK, PORTS.metrics.port),
    })),
  );
  const view = {
    hostId,
    rules: PROMETHEUS.everyRule,
    prometheus: onLoopback(PORTS.prometheus),
    alertmanager: onLoopback(PORTS.alertmanager),
    caFile: AUTHORITY,
    serverName: metricsName(plan),
    jobs: [...new Set(all.map(({ name }) => name))].map((module) => ({
      module,
      targets: all
        .filter(({ name }) => name === module)
        .map(({ host, region, target }) => ({ host, region, target })),
    })),
  };
  return file(PROMETHEUS.config, render("prometheus/prometheus.yml", view, yaml), {
    units: reload(UNITS.prometheus),
    check: "prometheus",
  });
}

function rules(): Files {
  const text = readFileSync(RULES_FILE, "utf8");
  return file(PROMETHEUS.rules, text, { units: reload(UNITS.prometheus), check: "rules" });
}

/** Alertmanager's configuration; with a password in it, it comes among the secrets. */
function alerts(plan: DeploymentPlan, prometheus: Prometheus): Files {
  if (prometheus.receivers.mail?.user !== undefined) return {};
  return file(PROMETHEUS.alertmanager, alertmanagerYml(plan, prometheus), ALERTMANAGER_FILE);
}

/**
 * Alertmanager's configuration with the password in it, for root and the daemon: the 0.23 of Ubuntu 22.04 reads no password from a
 * file of its own.
 */
function alertsWithLogin(plan: DeploymentPlan, prometheus: Prometheus, password: string): Files {
  const text = alertmanagerYml(plan, prometheus, password);
  const options = { ...ALERTMANAGER_FILE, mode: "0640", group: "prometheus" };
  return file(PROMETHEUS.alertmanagerWithLogin, text, options);
}

const ALERTMANAGER_FILE: FileOptions = { units: reload(UNITS.alertmanager), check: "alertmanager" };

function alertmanagerYml(plan: DeploymentPlan, { hostId, receivers }: Prometheus, password = ""): string {
  const { webhook, mail } = receivers;
  const view = {
    webhooks: webhook === undefined ? [] : [webhookView(plan, hostId, webhook)],
    mails: mail ? [mailView(mail, password)] : [],
  };
  return render("prometheus/alertmanager.yml", view, yaml);
}

/** Alertmanager takes no proxy from its environment, and of older releases none but one for every address. */
function webhookView(plan: DeploymentPlan, hostId: string, url: string): View {
  const proxy = proxyOf(plan, hostPlanOf(plan, hostId), [url]);
  return { url, proxies: proxy && isProxied(proxy, url) ? [{ proxy: proxy.url }] : [] };
}

function mailView({ server, from, to, user }: MailPlan, password: string) {
  // Alertmanager begins with TLS at port 465, and takes STARTTLS for missing there.
  const startTls = !server.endsWith(":465");
  return { server, from, to, startTls, logins: user === undefined ? [] : [{ user, password }] };
}

function units({ receivers }: Prometheus): Files {
  const { alertmanager: open, alertmanagerWithLogin } = PROMETHEUS;
  const server = {
    config: PROMETHEUS.config,
    retention: RETENTION,
    address: onLoopback(PORTS.prometheus),
  };
  const alertmanager = {
    config: receivers.mail?.user === undefined ? open : alertmanagerWithLogin,
    address: onLoopback(PORTS.alertmanager),
  };
  return files(
    dropIn(UNITS.prometheus, "audio-meet", render("prometheus/prometheus.service", server, systemd)),
    dropIn(
      UNITS.alertmanager,
      "audio-meet",
      render("prometheus/alertmanager.service", alertmanager, systemd),
    ),
  );
}

/** Where alerts go. */
function alertDestinations(plan: DeploymentPlan, host: HostPlan): DestinationSpec[] {
  const { webhook, mail } = plan.monitoring?.prometheus?.receivers ?? {};
  return [
    ...(webhook === undefined ? [] : [alertHook(plan, host, webhook)]),
    ...(mail === undefined ? [] : [mailServer(mail.server)]),
  ];
}

function alertHook(plan: DeploymentPlan, host: HostPlan, url: string): DestinationSpec {
  const reason = "Alertmanager does not use the server's own proxy settings";
  return { ...destination(url, "alerts"), straight: "unlessNamed", reason, ...proxyless(plan, host, url) };
}

/** A webhook that the config keeps away from the proxy is asked straight, whatever the host's own settings say. */
function proxyless(plan: DeploymentPlan, host: HostPlan, url: string): Partial<DestinationSpec> {
  const proxy = proxyOf(plan, host, [url]);
  return proxy && !isProxied(proxy, url)
    ? { straight: "always", reason: "it is in a network that is excluded from the proxy" }
    : {};
}
