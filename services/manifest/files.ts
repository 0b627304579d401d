import type { Window } from "../../config/restarts";
import type { DrainManifest } from "./index";

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
  /** Key of the config whose own settings stand in the file; told where the daemon refuses it. */
  origin?: string;
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

/** What a restart costs people: who they are, what happens to them, and where the host counts them. */
export interface PriceSpec {
  who: string;
  what: string;
  /** `core`: everybody, by jicofo; `bridge`: those on the bridge of this host. Absent: nobody is counted. */
  count?: "core" | "bridge";
}

/** Restarts that wait: until nobody is in a conference, or for a window. */
export interface RestartsSpec {
  /** Their units. */
  units: string[];
  window?: Window & { text: string };
  /** Absolute path of a file whose change does not wait → why. */
  atOnce?: Record<string, string>;
}

/** One group of files of a host; the `files` and `secrets` steps each take one. A group owns its files alone. */
export interface FileGroup {
  /**
   * Groups of an earlier program that are a part of this one now: what they brought is not written again, and when their own steps are
   * undone, which comes later, there is nothing to undo.
   */
  formerGroups?: string[];
  /** Unique on the host, e.g. "core", "videobridge", "firewall", "secrets". */
  group: string;
  /** Its name in `jitsi:repair`, where that is another one. */
  step?: string;
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
  /**
   * Bare JID of one of these accounts, with which their daemon stays logged in. Accounts that the group had before are not deleted
   * earlier: what it does with those may have to come to its end first, as a recording.
   */
  successor?: string;
  subscriptions?: SubscriptionSpec[];
  /** Another bridge can take who is on the one of this group: they are moved there before it restarts. */
  handOver?: true;
  /** The bridge of this group is emptied and stopped before anything else, and none of `run` is its unit. */
  parks?: DrainManifest;
  /** Unit → what people notice when a change of this group restarts it, as a sentence for previews. */
  whoNotices?: Record<string, string>;
  /** The same in parts, for the step's output. */
  prices?: Record<string, PriceSpec>;
  /** Restarts of this group that wait. Absent: none does. */
  restarts?: RestartsSpec;
  /** TCP ports that a new connection from outside must reach as before; if one is cut off, the previous files come back. */
  keepReachable?: number[];
}
