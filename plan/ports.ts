/** One port of the deployment: firewall, security groups and documentation read this table and nothing else. */
export interface Port {
  name: string;
  port: number;
  protocol: "tcp" | "udp";
  /** On which hosts something listens there. */
  role: "core" | "videobridge" | "every";
  /** Who may connect. `admin`: whoever logs in to the hosts; `bridges`: hosts of bridges; `loopback`: the host itself. */
  from: "world" | "bridges" | "loopback" | "admin" | "monitoring";
  why: string;
}

function port(
  name: string,
  number: number,
  protocol: Port["protocol"],
  rest: Pick<Port, "role" | "from" | "why">,
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
    why: "the page, websockets, BOSH and conference requests of participants",
  }),
  /** XMPP for jicofo's client connection; participants come over HTTP. */
  prosodyClients: port("prosodyClients", 5222, "tcp", {
    role: "core",
    from: "loopback",
    why: "jicofo's client connection to the main Prosody",
  }),
  prosodyHttp: port("prosodyHttp", 5280, "tcp", {
    role: "core",
    from: "loopback",
    why: "BOSH, websockets and metrics of the main Prosody",
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
  media: port("media", 10000, "udp", {
    role: "videobridge",
    from: "world",
    why: "media of participants, and relays between bridges",
  }),
} as const satisfies Record<string, Port>;
