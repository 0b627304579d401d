import { PORTS } from "../plan/ports";
import type { DeploymentPlan } from "../plan/types";
import { nginx, systemd } from "./escapers";
import { file, files, reload, restart, type FileOptions } from "./files";
import type { FileGroup, Files } from "./manifest";
import { meetPaths } from "./meet";
import { LOOPBACK, PATHS, UNITS } from "./paths";
import { render } from "./render";

/**
 * Connections of one worker per participant: both ends of the websocket, one for the page, two for BOSH where websockets do not
 * pass, three for everybody who comes back at once after a cut. All of them may land on one worker: the kernel deals them out.
 */
const CONNECTIONS_PER_PARTICIPANT = 8;

/** A small room still meets robots and page loads; an idle connection costs about 250 bytes. */
const MINIMUM_CONNECTIONS = 4096;

/** Open files of the unit: systemd's own hard limit, so that another audience never restarts nginx. */
const OPEN_FILES = 524_288;

const HEADERS = "/etc/nginx/snippets/audio-meet-headers.conf";
const PROXY = "/etc/nginx/snippets/audio-meet-proxy.conf";

/** Read by nginx alone; every change is checked on a copy of the whole folder first. */
const NGINX_FILE: FileOptions = { units: reload(UNITS.nginx), check: "nginx" };

/** nginx: the page, and the way to Prosody and jicofo. Sites of others in sites-enabled and conf.d stay. */
export function nginxGroup(plan: DeploymentPlan): FileGroup {
  return {
    group: "nginx",
    files: files(
      mainConfig(plan),
      defaultSite(),
      site(plan),
      file(HEADERS, render("nginx/headers.conf", {}, nginx), NGINX_FILE),
      file(PROXY, render("nginx/proxy.conf", { domain: plan.names.domain }, nginx), NGINX_FILE),
      dropIn(),
    ),
    run: [UNITS.nginx],
  };
}

/** Connections that one worker may have, for an audience. */
export function workerConnections(participants: number): number {
  return Math.max(MINIMUM_CONNECTIONS, CONNECTIONS_PER_PARTICIPANT * participants);
}

function mainConfig({ audienceParticipants }: DeploymentPlan): Files {
  const connections = workerConnections(audienceParticipants);
  // A connection is a file, and a page that is being sent is another one.
  const view = { connections, openFiles: 2 * connections };
  return file("/etc/nginx/nginx.conf", render("nginx/nginx.conf", view, nginx), NGINX_FILE);
}

/** Whoever asks for another name gets no answer. Takes the place of Debian's welcome page, which comes back with `destroy`. */
function defaultSite(): Files {
  const view = { ...ports(), certificate: PATHS.webCertificate, key: PATHS.webKey };
  return file("/etc/nginx/sites-enabled/default", render("nginx/default", view, nginx), NGINX_FILE);
}

function site(plan: DeploymentPlan): Files {
  const paths = meetPaths(plan);
  const view = {
    ...ports(),
    domain: plan.names.domain,
    certificate: PATHS.webCertificate,
    key: PATHS.webKey,
    config: paths.config,
    interfaceConfig: paths.interfaceConfig,
    title: paths.title,
    headers: HEADERS,
    proxy: PROXY,
    prosody: `http://${LOOPBACK}:${PORTS.prosodyHttp.port}`,
    jicofo: `http://${LOOPBACK}:${PORTS.jicofoHttp.port}`,
  };
  return file("/etc/nginx/sites-enabled/audio-meet", render("nginx/site", view, nginx), NGINX_FILE);
}

function ports() {
  return { http: PORTS.http.port, https: PORTS.https.port };
}

function dropIn(): Files {
  const text = render("nginx/nginx.service.d.conf", { openFiles: OPEN_FILES }, systemd);
  const path = `/etc/systemd/system/${UNITS.nginx}.d/audio-meet.conf`;
  return file(path, text, { units: restart(UNITS.nginx), check: "unit" });
}
