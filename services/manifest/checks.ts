import type { MailManifest } from "./mail";

/** One thing that must be true on the host; each kind is one function of the helper. */
export type Check =
  /** The unit is active and its main process may open at least so many files. */
  | { kind: "unit"; name: string; minimumOpenFiles?: number }
  /** Nothing of the unit runs, and it does not start with the machine. */
  | { kind: "down"; name: string }
  /** What a timer starts ended well the last time, or has not come to its turn yet. */
  | { kind: "lastRun"; name: string }
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
      /** Absent: this host itself. */
      address?: string;
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
  /**
   * The certificate from an authority is not overdue for its renewal, and names what it must; the unit that renews it may write
   * where it has to, and reaches the authority wherever root does.
   */
  | { kind: "certificate"; path: string; names: string[]; unit: string }
  /** Each bare JID has at least one session at the Prosody with that configuration. */
  | { kind: "prosodySessions"; config: string; jids: string[] }
  /** No component of this kind of account is logged in at that Prosody. */
  | { kind: "prosodyNoSessions"; config: string; jids: string[] }
  /** Prosody has loaded these modules on these hosts: an unknown one is skipped by it with a word in the log. */
  | { kind: "prosodyModules"; config: string; modules: Record<string, string[]> }
  /** The own health check of the daemon at the URL (jicofo, bridge) holds, asked now. */
  | { kind: "health"; unit: string; url: string }
  /**
   * A JWKS over TLS, verified by the system's authorities and those in the file, has a key for signatures; a key server answers.
   * Asked as the unit (Prosody's), without a proxy and without following where it leads.
   */
  | { kind: "tokenKeys"; from: "jwks" | "keyServer"; url: string; unit: string; caFile?: string }
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
  /**
   * By the document at `config`, as the unit (the uploader's): an object arrives in the bucket, is read back, and deleted. There is
   * room for recordings.
   */
  | { kind: "storage"; config: string; unit: string }
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
  /** The SMTP server, verified by the system's authorities, lets the user in and takes mail from there to there; none is sent. */
  | ({ kind: "mail" } & MailManifest)
  /**
   * nginx on this host (or what is at `address`) shows a certificate for the domain on port 443, verified by the CA (absent: the
   * system's authorities), that is good for so many days yet. `trial` as in `https`.
   */
  | {
      kind: "pageCertificate";
      domain: string;
      address?: string;
      caFile?: string;
      minimumDays?: number;
      trial?: boolean;
    }
  /** The name resolves to these addresses and no other: by the DNS, or `asPrograms` of this machine resolve it, /etc/hosts included. */
  | { kind: "name"; name: string; addresses: string[]; asPrograms?: boolean }
  /** Somebody accepts connections at address:port over TCP. */
  | { kind: "connects"; address: string; port: number }
  /**
   * jicofo answers when a participant without an account, who came over the page's websocket, asks for a room. `host`: the XMPP domain
   * at which such a participant logs in. `mayRefuse`: a room begins with a moderator alone, and jicofo's refusal is an answer.
   */
  | ({ kind: "conferenceRequest"; mayRefuse?: boolean } & Participant)
  /**
   * Two participants in a room of a random name are invited: jicofo has picked a bridge. They leave, and the room ends. `moderator`: logs
   * in at `domain` and opens the room, the other one is a guest. `regions`: a room for each, whose participants say that they are there.
   */
  | ({
      kind: "invitation";
      moderator?: { user: string; passwordFile: string };
      regions?: string[];
    } & Participant)
  /** A visitor logs in over the websocket of the page at the node that the page names; `host`: the node's XMPP domain. */
  | {
      kind: "visitorLogin";
      domain: string;
      node: string;
      host: string;
      address?: string;
      caFile?: string;
      trial?: boolean;
    }
  /** The Prosody with that configuration speaks from its `host` to the host `to` of another one, and is answered. */
  | { kind: "nodeLink"; config: string; host: string; to: string }
  /** The bridge answers at its media port; `fragment` and `password` are of an opening that it made for this. Not in a verification. */
  | { kind: "media"; address: string; port: number; fragment: string; password: string }
  /** The file system of the path has so many megabytes free. */
  | { kind: "disk"; path: string; minimumMegabytes: number }
  /** Prometheus at the URL reads so many targets, all of them with success. */
  | { kind: "prometheus"; url: string; targets: number }
  /** Limits of the kernel are at least these (key of sysctl → number); what it refuses is told, not failed. */
  | { kind: "kernel"; values: Record<string, number> }
  /** Something keeps the clock right; told, not failed. */
  | { kind: "clock" }
  /** An interface of the host has the address. */
  | { kind: "localAddress"; address: string }
  /**
   * No line of priority error in the first minute of the unit, in its journal and in the log files. Lines whose trouble may be over
   * (links to others, verdicts of a health check, participants) do not count: other kinds ask for that now.
   */
  | { kind: "errors"; unit: string; logs: string[] };

/** How a check comes in as a participant: over the websocket of the page at this host, or at `address`. */
export interface Participant {
  domain: string;
  /** The XMPP domain that lets people in without an account. */
  host: string;
  /** Where access is by token: one for the room of the check alone is signed with the secret in the file, and holds for a minute. */
  token?: { secretFile: string; issuer: string; audience: string; subject: string };
  /** Domain of jicofo's component, and of the rooms. */
  focus: string;
  conference: string;
  address?: string;
  caFile?: string;
  trial?: boolean;
}

/** The `verify` step. Prints a HealthSummary; fails with one line per check that does not hold. */
export interface VerifyManifest {
  checks: Check[];
  /** What `audio-meet doctor` asks, by link of a call's way; verified are `checks` alone. */
  way?: Record<string, Check[]>;
  /** How long the host may take to become right. */
  timeoutSeconds: number;
}

/** What `verify` and `health` print on stdout. */
export interface HealthSummary {
  host: string;
  /** When the checks were asked, by the host's clock: UTC in ISO 8601, seconds. */
  asOf: string;
  healthy: boolean;
  checks: { check: string; ok: boolean; detail: string }[];
  /** Paths of files that somebody changed since they were applied. */
  edited?: string[];
  /** What the watchdog did within the last day, and what it could not help, in words. */
  watchdog?: string[];
  /** Restarts that wait, one line each; absent where nothing is owed. */
  owed?: string[];
}
