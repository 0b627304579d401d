/**
 * What travels to the helper on a host (folder `host/`), one JSON document on stdin per step.
 * The helper's side of the same contract is `host/audio_meet/`; the words are the same on both sides.
 */

export type * from "./checks";
export type * from "./files";
export type * from "./mail";
export type * from "./packages";
export type * from "./recordings";
export type * from "./watchdog";
export type * from "./wayOut";

import type { DestinationSpec, ProxySpec } from "./wayOut";

/** The `preflight` step: what a host has to be like before anything is changed there. It changes nothing itself. */
export interface PreflightManifest {
  /** "<ID>-<VERSION_ID>" of /etc/os-release that are known. */
  releases: string[];
  memoryMegabytes: number;
  /** Absolute path → free megabytes that are needed there. */
  diskMegabytes: Record<string, number>;
  /** Whose HTTP dates the clock is compared with, in this order, before the host's own package sources. */
  clockUrls: string[];
  /** What is asked on the Internet. */
  wayOut: DestinationSpec[];
  /** Absent: the host's own settings count. */
  proxy?: ProxySpec;
  /** Packages that have to come in versions of ours. */
  packages: string[];
  /** Ports on which this deployment listens there; `open`: to everybody. */
  ports: { name: string; protocol: "tcp" | "udp"; port: number; lastPort: number; open: boolean }[];
  /** Names that no other site may serve. */
  names: string[];
  /** XMPP hosts of the main Prosody; none where no Prosody comes. */
  xmppHosts: string[];
  /** Whether the page's port is shared with TURN, so that no site can have it. */
  sharesHttps: boolean;
  /** Our own table of nft. */
  table: string;
}

/** The `certificate` step: what an ACME server is asked for, and where it goes. */
export interface CertificateManifest {
  /** DNS names, the domain first. */
  names: string[];
  contact: string;
  /** Directory URL. */
  server: string;
  /** Directory URL of a test server that is asked before the first certificate. */
  rehearsalServer?: string;
  /** Absolute path of the authorities that may sign the server's own certificate; absent: the system's. */
  authorities?: string;
  /** The account at the authority that ours is bound to; `keyFile`: absolute path of a certbot settings file. */
  externalAccount?: { keyId: string; keyFile: string };
  /** Addresses to which the names may lead. */
  addresses: string[];
  /** Absolute path at which daemons read the certificate, and what may be signed before it. */
  certificate: string;
  /** Absolute path of its key, for root alone. */
  key: string;
  /** Units that read both, and reload when they change. */
  units: string[];
}

/** What `audio-meet metrics` measures on a host; in a file there, since a timer and no step runs it. */
export interface TextfileManifest {
  /** Absolute paths of PEM files. */
  certificates: string[];
  packages: string[];
  /** Units whose main process's open files are counted. */
  units: string[];
  /** Figures of the plan, by the name of the metric. */
  gauges: Record<string, number>;
  /** On a recorder, the absolute path of its `UploadManifest`: how many recordings wait, and since when. */
  recordings?: string;
}

/** How a bridge is emptied and stopped: by the `drain` step before it goes away, and where it is parked. */
export interface DrainManifest {
  url: string;
  unit: string;
  /** Minutes until the participants who are still there are moved by a shutdown. */
  deadlineMinutes: number;
}

/** What `size` prints. */
export interface SizeReport {
  cores: number;
  memoryMegabytes: number;
}
