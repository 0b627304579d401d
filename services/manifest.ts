/**
 * What travels to the helper on a host (folder `host/`), one JSON document on stdin per step.
 * The helper's side of the same contract is `host/audio_meet/`; the words are the same on both sides.
 */

/** What happens to a unit when a file that it owns has changed. */
export type UnitAction = "restart" | "reload";

/** One managed file on a host. `content` is text; nothing secret in the `files` step, only in `secrets`. */
export interface FileSpec {
  /** Octal, four digits, e.g. "0640". */
  mode: string;
  /** User name that owns the file. */
  owner: string;
  /** Group name that owns the file. */
  group: string;
  content: string;
  /** "base64" for content that is not text (a truststore); absent means text. */
  encoding?: "base64";
  /** Units that read this file, and what each needs when it changes. */
  units: Record<string, UnitAction>;
  /** Only the first content: once the file is there, another program on the host writes it (renewed certificates). */
  seed?: true;
  /** The daemon's own checker that must accept the candidate before it goes live. */
  check?: Checker;
}

/** Checkers that the helper knows: `prometheus` and `rules` (promtool), `alertmanager` (amtool), `prosody` (luac, check config, dry start), `nft` (nft -c), `unit` (systemd-analyze verify), `sysctl`, `nginx` (nginx -t on a copy of /etc/nginx with the candidates in it). */
export type Checker =
  "prosody" | "nft" | "unit" | "sysctl" | "nginx" | "prometheus" | "rules" | "alertmanager";

/** Absolute path → file. */
export type Files = Record<string, FileSpec>;

/** A file whose one line the helper computes from the memory of the host: `VARIABLE=<megabytes>m`. */
export interface HeapSpec {
  variable: string;
  /** Part of the machine's memory, 0..1. */
  share: number;
  minimumMegabytes: number;
  maximumMegabytes: number;
  units: Record<string, UnitAction>;
}

/** An XMPP account of one Prosody instance; the password is read from a root-only file on the host. */
export interface AccountSpec {
  /** Absolute path of the instance's configuration file; selects the instance. */
  config: string;
  /** Absolute path of the instance's data folder. */
  dataPath: string;
  /** Bare JID, e.g. "focus@auth.meet.example.org". */
  jid: string;
  /** Absolute path of a file that holds the password and nothing else. */
  passwordFile: string;
  /** A new password ends the sessions that the old one began. Not for daemons, which restart in their turn. */
  endSessions?: boolean;
}

/** A roster subscription in both directions between an account and a component (Prosody's `roster subscribe_both`). */
export interface SubscriptionSpec {
  config: string;
  dataPath: string;
  account: string;
  component: string;
}

/** One group of files of a host; the `files` and `secrets` steps each take one. A group owns its files alone. */
export interface FileGroup {
  /** Unique on the host, e.g. "core", "videobridge", "firewall", "secrets". */
  group: string;
  files: Files;
  /** Absolute path → heap line computed on the host. */
  heaps?: Record<string, HeapSpec>;
  /** Units that are enabled and running once the group is settled, in the order in which they start. */
  run: string[];
  /**
   * Package → version: what rewrites or disowns these files when it is installed (jicofo's postinst does at every upgrade).
   * A new version applies the group again.
   */
  packages?: Record<string, string>;
  accounts?: AccountSpec[];
  subscriptions?: SubscriptionSpec[];
  /** TCP ports that a new connection from outside must reach as before; if one is cut off, the previous files come back. */
  keepReachable?: number[];
}

/** Where packages come from. */
export interface RepositorySpec {
  /** File name in /etc/apt/sources.list.d, without ending. */
  name: string;
  uri: string;
  /** Suite; "@CODENAME" is replaced by the host's own code name; a flat repository ends with "/". */
  suite: string;
  components: string[];
  /** The signing key: fetched over HTTPS, or a file that the host already has. */
  key: { url: string } | { path: string };
}

/** Packages of one release of one distribution. */
export interface PackageSet {
  repositories: RepositorySpec[];
  /** Package → exact version or a pattern with "*" as apt pins know it; "*" alone means whatever the repositories hold. */
  packages: Record<string, string>;
  /** Packages of which only files are wanted. */
  unpack?: Record<string, UnpackSpec>;
}

/**
 * A package that is downloaded from the repositories (apt's signature check included) and unpacked, never configured: no
 * maintainer script runs, dpkg does not list it, its dependencies are not installed. A version that is already unpacked is
 * left alone.
 */
export interface UnpackSpec {
  /** Exact version or pattern, as in `packages`. */
  version: string;
  /**
   * Absolute folder, the same inside the package and on the host. What the package ships below it replaces the folder as a
   * whole, so that no file of an older version stays behind; everything else in the package is left out.
   */
  folder: string;
}

/** The `preflight` step: what a host has to be like before anything is changed there. It changes nothing itself. */
export interface PreflightManifest {
  /** "<ID>-<VERSION_ID>" of /etc/os-release that are known. */
  releases: string[];
  memoryMegabytes: number;
  /** Absolute path → free megabytes that are needed there. */
  diskMegabytes: Record<string, number>;
  /** Whose HTTP dates the clock is compared with, in this order, before the host's own package sources. */
  clockUrls: string[];
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

/** The `packages` step. Daemons stay stopped while packages install. */
export interface PackagesManifest {
  /** "<ID>-<VERSION_ID>" of /etc/os-release, e.g. "ubuntu-22.04", "debian-13" → what it gets. */
  releases: Record<string, PackageSet>;
  /** debconf answers: package, question, type, value. */
  preseed: [string, string, string, string][];
}

/** One thing that must be true on the host; each kind is one function of the helper. */
export type Check =
  /** The unit is active and its main process may open at least so many files. */
  | { kind: "unit"; name: string; minimumOpenFiles?: number }
  /** Exactly these addresses listen on the port ("*" for all); nothing else does. */
  | { kind: "listening"; protocol: "tcp" | "udp"; port: number; addresses: string[] }
  /**
   * STARTTLS at address:port for the XMPP domain is verified with the CA and the name. `login`: the domain then lets clients in
   * by password and in no other way, or without an account of their own (a token is checked on that way, too).
   */
  | {
      kind: "xmppTls";
      address: string;
      port: number;
      domain: string;
      caFile: string;
      login?: "password" | "anonymous";
    }
  /**
   * nginx on this host answers `https://<domain><path>` with the status, verified by the CA (absent: the system's authorities),
   * and with the text in the body. `websocket`: the request asks for a websocket of XMPP.
   */
  | {
      kind: "https";
      domain: string;
      path: string;
      status: number;
      caFile?: string;
      contains?: string;
      websocket?: boolean;
      /** The certificate ends no earlier than so many days from now. */
      minimumDays?: number;
      /** Browsers refuse this certificate: it is a trial one, and is held against the very file that nginx serves. */
      trial?: boolean;
    }
  /** The certificate from an authority is not overdue for its renewal, and names what it must. */
  | { kind: "certificate"; path: string; names: string[] }
  /** Each bare JID has at least one session at the Prosody with that configuration. */
  | { kind: "prosodySessions"; config: string; jids: string[] }
  /** No component of this kind of account is logged in at that Prosody. */
  | { kind: "prosodyNoSessions"; config: string; jids: string[] }
  /** Prosody has loaded these modules on these hosts: an unknown one is skipped by it with a word in the log. */
  | { kind: "prosodyModules"; config: string; modules: Record<string, string[]> }
  /** The bridge reports one connected XMPP client and one joined brewery. */
  | { kind: "videobridge"; url: string; relayId: string; region: string }
  /** jicofo counts at least these bridges (nicknames in the brewery) as operational. */
  | { kind: "jicofo"; url: string; bridges: string[] }
  /** jicofo knows at least so many recorders that are free or at work. */
  | { kind: "jicofoRecorders"; url: string; recorders: number }
  /**
   * The user logs in to the XMPP domain at address:port, verified by the CA and the domain, with the password that the file
   * holds.
   */
  | {
      kind: "xmppLogin";
      address: string;
      port: number;
      domain: string;
      user: string;
      passwordFile: string;
      caFile: string;
    }
  /** jibri at the URL says that it is well, and free or at work. */
  | { kind: "recorder"; url: string }
  /** As this user, a browser of the host opens a session by its driver, both of one version; in the folder a driver may lie. */
  | { kind: "browser"; user: string; driver: string }
  /** The sound server at that socket has the sink, and the user reaches it. */
  | { kind: "sound"; socket: string; sink: string; user: string }
  /** By the document at `config`: an object arrives in the bucket, is read back, and deleted; there is room for recordings. */
  | { kind: "storage"; config: string }
  /** The nft table of the host firewall is loaded, and its chain does this with what no rule names. */
  | { kind: "firewall"; table: string; chainPolicy: "accept" | "drop" }
  /**
   * coturn on this host, asked over the transport (`tls`: verified for `host`) with credentials made from the secret in the
   * file, relays from `relayAddress` and a port of the range to each of `peers`, refuses `stranger`, and refuses another secret.
   * `addresses`: of this host, the first that it has is connected to.
   */
  | {
      kind: "turn";
      transport: "udp" | "tcp" | "tls";
      port: number;
      host: string;
      addresses: string[];
      secretFile: string;
      caFile?: string;
      relayAddress: string;
      firstRelayPort: number;
      lastRelayPort: number;
      peers: string[];
      stranger: string;
    }
  /** The door to metrics at address:port, verified by the CA and the name, shows in each module the text given. */
  | {
      kind: "metrics";
      address: string;
      port: number;
      domain: string;
      caFile: string;
      modules: Record<string, string>;
    }
  /** Prometheus at the URL reads so many targets, all of them with success. */
  | { kind: "prometheus"; url: string; targets: number }
  /** Limits of the kernel are at least these (key of sysctl → number); what it refuses is told, not failed. */
  | { kind: "kernel"; values: Record<string, number> }
  /** Something keeps the clock right; told, not failed. */
  | { kind: "clock" }
  /** An interface of the host has the address. */
  | { kind: "localAddress"; address: string }
  /** No line of priority error since the unit's start, in its journal and in the log files. */
  | { kind: "errors"; unit: string; logs: string[] };

/** The `verify` step. Prints a HealthSummary; fails with one line per check that does not hold. */
export interface VerifyManifest {
  checks: Check[];
  /** How long the host may take to become right. */
  timeoutSeconds: number;
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

/** What `verify` prints on stdout. */
export interface HealthSummary {
  host: string;
  healthy: boolean;
  checks: { check: string; ok: boolean; detail: string }[];
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

/** Recordings and their way into the bucket; in a file on the host, since jibri, timers and no step use it. */
export interface UploadManifest {
  /** The public domain. */
  deployment: string;
  /** Id of the recorder. */
  recorder: string;
  /** Absolute folder with everything that is recorded. */
  folder: string;
  storage: {
    bucket: string;
    region: string;
    /** URL; absent: Amazon S3. */
    endpoint?: string;
    /** Folder in the bucket; empty: none. */
    prefix: string;
    /** Name, in the folder, of the one object that a recorder may delete: by it the check proves that it may write. */
    probe: string;
    /** Absolute path of the keys; absent: the role of the instance. */
    keyFile?: string;
    /** Absolute path of the authorities that may sign the endpoint's certificate; absent: the system's. */
    authorities?: string;
  };
  retryDays: number;
  keepDays: number;
  /** Who hears of each outcome; `server` is "name:port". */
  receivers: { webhook?: string; mail?: { server: string; from: string; to: string } };
  /** jibri's unit, the URLs of its two interfaces, and the absolute path of the script that hands over. */
  jibri: { unit: string; health: string; internal: string; finalize: string };
  /** Free parts of the disk: no new recording below the first, again above the second, none at all below the third. */
  disk: { stopBelowPercent: number; resumeAbovePercent: number; endBelowPercent: number };
}

/** The `drain` step of a bridge (runs only when the bridge goes away). */
export interface DrainManifest {
  url: string;
  unit: string;
  /** Minutes until the participants who are still there are moved by a shutdown. */
  deadlineMinutes: number;
}

/** The `drain-recorder` step (runs only when the recorder goes away). */
export interface RecorderDrainManifest extends UploadManifest {
  /** Minutes for a recording to end by itself, and for everything to arrive. */
  deadlineMinutes: number;
}

/** What `size` prints. */
export interface SizeReport {
  cores: number;
  memoryMegabytes: number;
}
