/** XMPP names of the deployment (design §3, jitsi.md §12). */
export interface XmppNames {
  /** D, the public domain. */
  domain: string;
  /** auth.D: focus logs in here as an XMPP client. */
  auth: string;
  /** guest.D: where participants without an account log in, if moderators have one. */
  guest: string;
  conference: string;
  focus: string;
  internalAuth: string;
  /** tech.D: the XMPP domain of the second Prosody. */
  tech: string;
  /** muc.tech.D: the MUC component that holds the brewery. */
  techMuc: string;
  /** jvbbrewery@muc.tech.D */
  brewery: string;
  /** User name of jicofo's accounts on both Prosodys. */
  focusUser: string;
  /** How the user name of each bridge's account begins. */
  videobridgeUser: string;
  /** recorder.D: as whom recorders enter a conference; the page shows nobody of this domain. */
  recorder: string;
  /** jibribrewery@internal.auth.D, where recorders announce themselves to jicofo. */
  recorderBrewery: string;
  /** How the user name, at auth.D, of the account begins with which each recorder takes orders. */
  recorderControlUser: string;
  /** How the user name, at recorder.D, of the account begins with which each recorder enters a conference. */
  recorderCallUser: string;
  /** Lobbies of rooms. Here and below: components of Jitsi's plugins, named whether or not a feature switches them on. */
  lobby: string;
  breakout: string;
  avModeration: string;
  endConference: string;
  roomMetadata: string;
  speakerStats: string;
  polls: string;
}

/** One bridge. */
export interface VideobridgePlan {
  id: string;
  /** Host that it lives on: its own id, or "core". */
  hostId: string;
  region: string;
  /** Unique and stable; also the nickname in the brewery. */
  relayId: string;
  publicAddress: string;
  privateAddress?: string;
  /** Where it takes media as well. */
  ipv6Address?: string;
  /** Address at which this bridge reaches the core's prosody-jvb. */
  coreAddress: string;
  /** Address from which the core sees this bridge connect; undefined on the core itself (loopback). */
  sourceAddress?: string;
  /** Out of service (`true`), or one that may be taken out of it; absent: it always serves. */
  parked?: boolean;
}

/** One recorder, on a machine of its own. */
export interface RecorderPlan {
  /** Also the nickname in the brewery. */
  id: string;
  hostId: string;
  region: string;
  /** Address at which it reaches the core's main Prosody. */
  coreAddress: string;
  /** Address from which the core sees it connect. */
  sourceAddress: string;
}

/** The core's own decisions. */
export interface CorePlan {
  hostId: "core";
  region: string;
  /** Addresses at which prosody-jvb listens. "*" where a bridge comes over the public address. */
  prosodyJvbInterfaces: string[];
  /** Addresses that may connect to prosody-jvb, sorted, without loopback. */
  bridgeSources: string[];
  /** Addresses at which the main Prosody listens for clients: loopback, and what recorders connect to. */
  prosodyInterfaces: string[];
  /** Addresses of recorders, which may connect to the main Prosody; sorted. */
  recorderSources: string[];
}

/** How bridges announce themselves. */
export interface BreweryPlan {
  /** Each bridge hears only itself. */
  presenceFilter: boolean;
}
