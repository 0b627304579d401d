import { PORTS, type Port } from "../../facts/ports";
import type { VisitorNode } from "../../plan/types";

/** One of the Prosodys of a core, as jicofo, bridges, recorders and the helper know it. */
export interface Instance {
  unit: string;
  /** Absolute paths: its configuration, its data with the accounts, our modules, certificate and key. */
  config: string;
  data: string;
  plugins: string;
  certificate: string;
  key: string;
  /** Where XMPP clients log in. */
  clients: Port;
  /** Where it answers HTTP, on loopback. */
  http: Port;
}

/** Participants, conferences, jicofo's client side, recorders. */
export const MAIN: Instance = {
  unit: "prosody.service",
  config: "/etc/prosody/prosody.cfg.lua",
  data: "/var/lib/prosody",
  plugins: "/etc/audio-meet/prosody-plugins",
  certificate: "/etc/prosody/certs/audio-meet/main.crt",
  key: "/etc/prosody/certs/audio-meet/main.key",
  clients: PORTS.prosodyClients,
  http: PORTS.prosodyHttp,
};

/** Bridges and jicofo's service side. */
export const JVB: Instance = {
  unit: "prosody-jvb.service",
  config: "/etc/prosody-jvb/prosody.cfg.lua",
  data: "/var/lib/prosody-jvb",
  plugins: "/etc/audio-meet/prosody-jvb-plugins",
  certificate: "/etc/prosody-jvb/certs/tech.crt",
  key: "/etc/prosody-jvb/certs/tech.key",
  clients: PORTS.prosodyJvb,
  http: PORTS.prosodyJvbHttp,
};

/** The main Prosody writes it when jicofo does not hear the recorders; a unit beside jicofo waits for it. */
export const RECORDERS_UNHEARD = `${MAIN.data}/recorders-unheard`;

/** What all nodes share: modules of ours and Lua libraries, and one certificate that names each of them. */
export const NODES = {
  plugins: "/etc/audio-meet/prosody-visitors-plugins",
  libraries: "/etc/audio-meet/prosody-visitors-libraries",
  certificates: "/etc/prosody-visitors",
  certificate: "/etc/prosody-visitors/nodes.crt",
  key: "/etc/prosody-visitors/nodes.key",
};

/** A node, for visitors and jicofo. */
export function nodeInstance({ id, clientPort, httpPort }: VisitorNode): Instance {
  const name = `prosody-${id}`;
  const at = (range: Port, port: number): Port => ({ ...range, port, lastPort: port });
  return {
    unit: `${name}.service`,
    config: `/etc/${name}/prosody.cfg.lua`,
    data: `/var/lib/${name}`,
    plugins: NODES.plugins,
    certificate: NODES.certificate,
    key: NODES.key,
    clients: at(PORTS.visitorClients, clientPort),
    http: at(PORTS.visitorHttp, httpPort),
  };
}
