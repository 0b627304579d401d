import { MOST_NODES } from "./visitors";

/** One port of the deployment: firewall, security groups and documentation read this table and nothing else. */
export interface Port {
  name: string;
  port: number;
  /** Last one of a range that begins with `port`; absent for a single port. */
  lastPort?: number;
  protocol: "tcp" | "udp";
  /** On which hosts something listens there. */
  role: "core" | "videobridge" | "recorder" | "monitoring" | "every";
  /** Who may connect. `admin`: whoever logs in to the hosts; `bridges`, `recorders`: their hosts; `loopback`: the host itself. */
  from: "world" | "bridges" | "recorders" | "loopback" | "admin" | "monitoring";
  why: string;
  /** The switch without which nobody listens there; absent: somebody always does. */
  needs?: "turn" | "sharedHttps" | "monitoring" | "visitors";
}

function port(
  name: string,
  number: number,
  protocol: Port["protocol"],
  rest: Pick<Port, "role" | "from" | "why" | "lastPort" | "needs">,
): Port {
  return { name, port: number, protocol, ...rest };
}

/** Every port on which something listens, by name. */
export const PORTS = {
  ssh: port("ssh", 22, "tcp", {
    role: "every",
    from: "admin",
    why: "login; the port of an existing machine may differ",
  }),
  http: port("http", 80, "tcp", {
    role: "core",
    from: "world",
    why: "sends browsers on to 443, answers challenges of certificate authorities",
  }),
  https: port("https", 443, "tcp", {
    role: "core",
    from: "world",
    why: "the page and websockets of participants",
  }),
  /** XMPP for jicofo's client connection and for recorders; participants come over HTTP. */
  prosodyClients: port("prosodyClients", 5222, "tcp", {
    role: "core",
    from: "recorders",
    why: "recorders and jicofo's client connection at the main Prosody",
  }),
  prosodyHttp: port("prosodyHttp", 5280, "tcp", {
    role: "core",
    from: "loopback",
    why: "websockets and metrics of the main Prosody",
  }),
  prosodyLinks: port("prosodyLinks", 5269, "tcp", {
    role: "core",
    from: "loopback",
    why: "links of the visitors' Prosodys to the main one; with `jitsi:audience.speakers` only",
    needs: "visitors",
  }),
  prosodyJvb: port("prosodyJvb", 15222, "tcp", {
    role: "core",
    from: "bridges",
    why: "bridges and jicofo's service connection at prosody-jvb",
  }),
  prosodyJvbHttp: port("prosodyJvbHttp", 15280, "tcp", {
    role: "core",
    from: "loopback",
    why: "metrics of prosody-jvb",
  }),
  /** One port of each range for each visitors' Prosody, below those that Linux gives to outgoing connections. */
  visitorClients: port("visitorClients", 15_231, "tcp", {
    lastPort: 15_230 + MOST_NODES,
    role: "core",
    from: "loopback",
    why: "jicofo at the visitors' Prosodys; with `jitsi:audience.speakers` only",
    needs: "visitors",
  }),
  visitorHttp: port("visitorHttp", 15_281, "tcp", {
    lastPort: 15_280 + MOST_NODES,
    role: "core",
    from: "loopback",
    why: "websockets and metrics of the visitors' Prosodys; with `jitsi:audience.speakers` only",
    needs: "visitors",
  }),
  visitorLinks: port("visitorLinks", 15_291, "tcp", {
    lastPort: 15_290 + MOST_NODES,
    role: "core",
    from: "loopback",
    why: "links of the main Prosody to the visitors' ones; with `jitsi:audience.speakers` only",
    needs: "visitors",
  }),
  /** No authentication at all, and it can move participants: never beyond loopback. */
  jicofoHttp: port("jicofoHttp", 8888, "tcp", {
    role: "core",
    from: "loopback",
    why: "health and statistics of jicofo",
  }),
  /** No authentication at all, and it can shut the bridge down: never beyond loopback. */
  videobridgeHttp: port("videobridgeHttp", 8080, "tcp", {
    role: "videobridge",
    from: "loopback",
    why: "health, statistics and drain of a bridge",
  }),
  /** No authentication at all, and it can start a recording: never beyond loopback. */
  recorderHttp: port("recorderHttp", 2222, "tcp", {
    role: "recorder",
    from: "loopback",
    why: "health of a recorder",
  }),
  /** No authentication at all, and it can shut the recorder down: never beyond loopback. */
  recorderInternal: port("recorderInternal", 3333, "tcp", {
    role: "recorder",
    from: "loopback",
    why: "shutdown of a recorder once its recording has ended",
  }),
  media: port("media", 10000, "udp", {
    role: "videobridge",
    from: "world",
    why: "media of participants, and relays between bridges",
  }),
  turnUdp: port("turnUdp", 3478, "udp", {
    role: "core",
    from: "world",
    why: "TURN over UDP",
    needs: "turn",
  }),
  turnTcp: port("turnTcp", 3478, "tcp", {
    role: "core",
    from: "world",
    why: "TURN over TCP, for participants whose network lets no UDP out",
    needs: "turn",
  }),
  turns: port("turns", 5349, "tcp", {
    role: "core",
    from: "world",
    why: "TURN over TLS, for participants whose network lets no UDP out",
    needs: "turn",
  }),
  /**
   * What coturn sends from and receives at in the name of participants. Below the ports that Linux gives to outgoing connections
   * (32768 and up) and above every other port of this table.
   */
  turnRelay: port("turnRelay", 16_384, "udp", {
    lastPort: 32_767,
    role: "core",
    from: "bridges",
    why: "media between coturn and the bridges",
    needs: "turn",
  }),
  httpsBehindSni: port("httpsBehindSni", 8443, "tcp", {
    role: "core",
    from: "loopback",
    why: "the page, where 443 is shared with TURN",
    needs: "sharedHttps",
  }),
  turnsBehindSni: port("turnsBehindSni", 8444, "tcp", {
    role: "core",
    from: "loopback",
    why: "TURN over TLS on its way from 443 to coturn",
    needs: "sharedHttps",
  }),
  /** The one door to all metrics: every other port of an exporter is loopback's. */
  metrics: port("metrics", 9998, "tcp", {
    role: "every",
    from: "monitoring",
    why: "metrics of the host, read-only, over TLS; with `jitsi:monitoring` only",
    needs: "monitoring",
  }),
  nodeExporter: port("nodeExporter", 9100, "tcp", {
    role: "every",
    from: "loopback",
    why: "figures of the machine",
    needs: "monitoring",
  }),
  processExporter: port("processExporter", 9256, "tcp", {
    role: "every",
    from: "loopback",
    why: "processor time and memory of each daemon",
    needs: "monitoring",
  }),
  nginxExporter: port("nginxExporter", 9113, "tcp", {
    role: "core",
    from: "loopback",
    why: "figures of nginx",
    needs: "monitoring",
  }),
  nginxStatus: port("nginxStatus", 8090, "tcp", {
    role: "core",
    from: "loopback",
    why: "nginx's own counters, for its exporter",
    needs: "monitoring",
  }),
  /** No login: whoever may log in to the machine reaches it through SSH. */
  prometheus: port("prometheus", 9090, "tcp", {
    role: "monitoring",
    from: "loopback",
    why: "Prometheus, through `ssh -L`",
  }),
  alertmanager: port("alertmanager", 9093, "tcp", {
    role: "monitoring",
    from: "loopback",
    why: "Alertmanager, through `ssh -L`",
  }),
} as const satisfies Record<string, Port>;
