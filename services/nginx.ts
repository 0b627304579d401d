import { LOOPBACK, loopbackUrl, onLoopback } from "../facts/loopback";
import { PORTS } from "../facts/ports";
import { publicNames } from "../plan/turn";
import type { DeploymentPlan, HostPlan } from "../plan/types";
import { webLimits } from "../plan/webLimits";
import { shownCertificate } from "./links/authority";
import { browserTrust, PAGE, seedOf, unitsWithPageCertificate } from "./links/pageCertificate";
import { coreUnit, listening } from "./checks";
import { nginx as word, systemd } from "./escapers";
import { extraOrigin, extraView } from "./extra";
import { headerLines, siteLines } from "./extraNginx";
import { file, files, reload, restart, ROOT_ONLY, type FileOptions } from "./files";
import type { Check, Files } from "./manifest";
import { CONFIG_BEGINNING, meetPaths } from "./meet";
import { LOGO_PATH } from "./meet/page";
import { PRICES } from "./prices";
import { nodeInstance } from "./prosody/instances";
import { render } from "./render";
import type { Service } from "./service";
import { ofKind } from "./way";

export const NGINX_UNIT = "nginx.service";

/** Open files of the unit: systemd's own hard limit, so that another audience never restarts nginx. */
const OPEN_FILES = 524_288;

/**
 * How long half a request is waited for, and an answer for somebody who reads nothing of it. nginx' own minute is made for modems; a
 * browser sends a request in one go.
 */
const TIMEOUTS = { headerSeconds: 10, sendSeconds: 30 };

const HEADERS = "/etc/nginx/snippets/audio-meet-headers.conf";
const STREAMS = "/etc/nginx/audio-meet-streams.conf";
const PROXY = "/etc/nginx/snippets/audio-meet-proxy.conf";

/**
 * Accepted connections that wait for nginx or Prosody while everybody joins at once (Linux 5.4 has 4096 by default, 4.x had 128), and
 * packets that wait for the processor. Source: jitsi/infra-provisioning's Prosody role.
 */
const KERNEL = {
  "net.core.somaxconn": 4096,
  "net.ipv4.tcp_max_syn_backlog": 4096,
  "net.core.netdev_max_backlog": 10_000,
  // Smaller packets for a participant whose network loses large ones: "fragmentation needed" does not pass a security group of
  // EC2, nor many another firewall, and the page would hang (RFC 4821; Linux, ip-sysctl).
  "net.ipv4.tcp_mtu_probing": 1,
};

/** Read by nginx alone; every change is checked on a copy of the whole folder first. */
const NGINX_FILE: FileOptions = { units: reload(NGINX_UNIT), check: "nginx" };

/** nginx: the page, and the way to Prosody. Sites of others in sites-enabled and conf.d stay. */
export const nginx: Service = {
  name: "nginx",
  role: "core",
  isDoor: true,
  ports: [PORTS.http, PORTS.https, PORTS.httpsBehindSni, PORTS.turnsBehindSni],
  packages: () => ({ versions: { nginx: "*" } }),
  keptPackages: ["nginx", "libnginx-"],
  kernel: KERNEL,
  // It reads the key as root, before its workers become somebody else.
  secrets: (plan, _, secret) => file(PAGE.key, secret("webKeyPem"), { ...ROOT_ONLY, ...seedOf(plan) }),
  trust: (plan, { webCertPem }, table, host) =>
    files(
      shownCertificate(
        PAGE.certificate,
        webCertPem,
        unitsWithPageCertificate(table, plan, host),
        seedOf(plan),
      ),
      authorities(plan),
    ),
  showsPageCertificate: [NGINX_UNIT],
  files: (plan) => ({
    files: files(
      mainConfig(plan),
      streams(plan),
      defaultSite(plan),
      site(plan),
      headers(plan),
      proxy(plan),
      dropIn(),
    ),
    run: [NGINX_UNIT],
  }),
  checks: nginxChecks,
  way: (plan, host, checks) => ({
    name: nameChecks(plan, host),
    door: ofKind(checks, "unit", "listening"),
    certificate: ofKind(checks, "pageCertificate"),
    page: checks.filter((one) => one.kind === "https" && !one.websocket),
    websocket: checks.filter((one) => one.kind === "https" && one.websocket),
  }),
  prices: { [NGINX_UNIT]: PRICES.nginx },
  metrics: [{ name: "nginx", port: PORTS.nginxExporter, metric: "nginx_up 1" }],
  watched: { packages: ["nginx"], units: [NGINX_UNIT], certificates: [PAGE.certificate] },
};

/** What a browser does first, with the certificate verified: the page, its settings, the way to Prosody. */
function nginxChecks(plan: DeploymentPlan): Check[] {
  const { logo } = plan.web;
  const https = { kind: "https", domain: plan.names.domain, ...browserTrust(plan), status: 200 } as const;
  return [
    coreUnit(NGINX_UNIT, plan),
    listening(PORTS.http, ["*"]),
    listening(PORTS.https, ["*"]),
    { kind: "pageCertificate", domain: plan.names.domain, ...browserTrust(plan) },
    { ...https, path: "/", contains: CONFIG_BEGINNING },
    { ...https, path: "/config.js", contains: CONFIG_BEGINNING },
    ...(logo && "kind" in logo ? [{ ...https, path: `${LOGO_PATH}.${logo.kind}` }] : []),
    { ...https, path: "/xmpp-websocket", status: 101, websocket: true },
  ];
}

/** The name resolves to the core for whoever asks the DNS from there; in a closed network it is not for the DNS to know. */
function nameChecks({ names, certificate }: DeploymentPlan, host: HostPlan): Check[] {
  if (certificate.kind === "internal") return [];
  const addresses = [host.publicAddress, host.privateAddress, host.ipv6Address].filter(
    (one) => one !== undefined,
  );
  return [{ kind: "name", name: names.domain, addresses }];
}

/** Who may have signed the certificate that participants see, where systems do not know them. */
function authorities({ certificate }: DeploymentPlan): Files {
  const bundle = certificate.kind === "internal" ? undefined : certificate.caBundle;
  return bundle === undefined ? {} : file(PAGE.authorities, bundle);
}

function headers(plan: DeploymentPlan): Files {
  const view = {
    embedders: plan.web.embedIn.map((site) => ({ site })),
    extras: extraView("nginx", headerLines(plan.extra.nginx)),
  };
  const options = { ...NGINX_FILE, ...extraOrigin(plan, "nginx") };
  return file(HEADERS, render("nginx/headers.conf", view, word), options);
}

function mainConfig(plan: DeploymentPlan): Files {
  const { workerConnections, openFiles } = webLimits(plan);
  const sharesHttps = plan.turn?.sharesHttps ?? false;
  // Every connection is then two more, which come in at one server and go on to another, and those to TURN are among them.
  const factor = sharesHttps ? 3 : 1;
  const view = {
    connections: factor * workerConnections,
    openFiles: Math.min(factor * openFiles, OPEN_FILES),
    sharesHttps,
    streams: STREAMS,
  };
  return file("/etc/nginx/nginx.conf", render("nginx/nginx.conf", view, word), NGINX_FILE);
}

/** Whoever asks for another name gets no answer. Takes the place of Debian's welcome page, which comes back with `destroy`. */
function defaultSite(plan: DeploymentPlan): Files {
  const view = { ...ports(plan), ...TIMEOUTS, certificate: PAGE.certificate, key: PAGE.key };
  return file("/etc/nginx/sites-enabled/default", render("nginx/default", view, word), NGINX_FILE);
}

function site(plan: DeploymentPlan): Files {
  const paths = meetPaths(plan);
  const view = {
    ...ports(plan),
    ...limits(plan),
    ...TIMEOUTS,
    domain: plan.names.domain,
    names: publicNames(plan).map((name) => ({ name })),
    certificate: PAGE.certificate,
    key: PAGE.key,
    config: paths.config,
    interfaceConfig: paths.interfaceConfig,
    title: paths.title,
    links: paths.links,
    logo: paths.logo,
    logoPath: LOGO_PATH,
    headers: HEADERS,
    proxy: PROXY,
    prosody: loopbackUrl(PORTS.prosodyHttp),
    nearness: nearness(plan),
    ...visitorsView(plan),
    extras: extraView("nginx", siteLines(plan.extra.nginx, HEADERS)),
  };
  const options = { ...NGINX_FILE, ...extraOrigin(plan, "nginx") };
  return file("/etc/nginx/sites-enabled/audio-meet", render("nginx/site", view, word), options);
}

/** What goes along with every request to Prosody. */
function proxy(plan: DeploymentPlan): Files {
  const view = { domain: plan.names.domain, isNear: nearness(plan).length > 0 };
  return file(PROXY, render("nginx/proxy.conf", view, word), NGINX_FILE);
}

/** From where browsers are near to which region: a list of one, or of none where nothing is said. */
function nearness({ nearness: { networks, header } }: DeploymentPlan) {
  if (networks.length === 0 && header === undefined) return [];
  // nginx' variable of a header. Without one, a variable that is never set.
  const headerVariable = `http_${(header?.name ?? "audio-meet-no-region").toLowerCase().replaceAll("-", "_")}`;
  return [{ networks, headerVariable, values: header?.values ?? [] }];
}

/** Which Prosody a page of a visitor means: names and addresses. */
function visitorsView({ visitors }: DeploymentPlan) {
  const nodes = visitors?.nodes ?? [];
  return {
    hasVisitors: nodes.length > 0,
    nodes: nodes.map((node) => ({ id: node.id, url: loopbackUrl(nodeInstance(node).http) })),
  };
}

/** What one address may do, as the site says it. */
function limits(plan: DeploymentPlan) {
  const { held, websockets } = webLimits(plan);
  return {
    held,
    websocketsPerSecond: websockets.perSecond,
    websocketsAtOnce: websockets.burst,
  };
}

/** Where 443 is shared with TURN: who listens there, and who behind it. */
function streams({ turn }: DeploymentPlan): Files {
  if (turn?.sharesHttps !== true) return {};
  const view = {
    turnHost: turn.host,
    https: PORTS.https.port,
    httpsBehindSni: onLoopback(PORTS.httpsBehindSni),
    turnsBehindSni: onLoopback(PORTS.turnsBehindSni),
    turns: onLoopback(PORTS.turns),
    headerSeconds: TIMEOUTS.headerSeconds,
    allocationsPerAddress: turn.quotas.perAddress,
  };
  return file(STREAMS, render("nginx/streams.conf", view, word), NGINX_FILE);
}

function ports({ turn }: DeploymentPlan) {
  return {
    http: PORTS.http.port,
    https: PORTS.https.port,
    sharesHttps: turn?.sharesHttps ?? false,
    behindSni: onLoopback(PORTS.httpsBehindSni),
    loopback: LOOPBACK,
  };
}

function dropIn(): Files {
  const text = render("nginx/nginx.service.d.conf", { openFiles: OPEN_FILES }, systemd);
  const path = `/etc/systemd/system/${NGINX_UNIT}.d/audio-meet.conf`;
  return file(path, text, { units: restart(NGINX_UNIT), check: "unit" });
}
