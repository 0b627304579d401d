import type { Logo } from "../../config/logo";

/** What coturn gives away at most. Sizes of coturn are bytes a second, each direction by itself. */
export interface TurnQuotas {
  /** Allocations at once. */
  total: number;
  /** Of one address; coturn does not count them, the firewall does. */
  perAddress: number;
  /** Of one session of Prosody. */
  perUser: number;
  /** Of one allocation. */
  bytesPerSecond: number;
  totalBytesPerSecond: number;
}

/** TURN on the core. */
export interface TurnPlan {
  /** Its name in URLs and in the certificate. */
  host: string;
  /** Whether TURN over TLS is found at 443, beside the page. */
  sharesHttps: boolean;
  /** The core's address that participants reach. */
  publicAddress: string;
  /** Addresses that the core itself may have, best first: the first that it has is the one to relay from. */
  ownAddresses: string[];
  /** Addresses of bridges, to which alone it relays; sorted. */
  peers: string[];
  quotas: TurnQuotas;
}

/** Who may open a room. */
export type AccessPlan =
  | { kind: "open" }
  /** Guests log in at guest.D and wait until a moderator, who logs in at D, has opened the room. */
  | { kind: "moderated"; moderators: ModeratorPlan[] }
  /** Everybody shows a signed token at login. */
  | TokenAccessPlan;

/** What a token must be like. */
export interface TokenAccessPlan {
  kind: "token";
  keys: TokenKeysPlan;
  issuers: string[];
  audiences: string[];
  claims: TokenClaimsPlan;
}

/** What verifies tokens: the secret `jitsi:tokenSecret`, or public keys at a URL. `caBundle`: PEM, who may have signed its certificate beside the system's authorities. */
export type TokenKeysPlan =
  { from: "secret" } | { from: "jwks" | "keyServer"; url: string; caBundle?: string };

/** What is in a token, and where; a place is the name of a claim, or a path of names with dots. */
export interface TokenClaimsPlan {
  subject: "domain" | "user";
  room: "required" | "optional";
  moderator: string;
  /** Absent: the claim is `true`. */
  moderatorValue?: string;
  name: string;
}

/** Somebody who may open rooms. */
export interface ModeratorPlan {
  name: string;
  /** name@D */
  jid: string;
  /** Rotation counter of the password. */
  rotation: number;
}

/** What the page says. */
export interface WebPlan {
  /** Language of the interface, e.g. "en" or "ptBR". */
  language: string;
  /** Shown to everybody in a conference; empty: nothing is. */
  notice: string;
  /** Name of the service in the page and in the browser's tab. */
  title: string;
  /** Origins whose pages may show the page in a frame. */
  embedIn: string[];
  /** Absent: Jitsi's. */
  logo?: Logo;
  /** URLs of pages of the operator. */
  links: { privacy?: string; imprint?: string; terms?: string; help?: string };
}

/** Switches of what participants find, decided: what Jitsi's modules do is off where they are. */
export interface FeaturesPlan {
  prejoinPage: boolean;
  displayNameRequired: boolean;
  chat: boolean;
  reactions: boolean;
  /** Acknowledged stanzas and resumption (XEP-0198) on the participants' host. */
  streamManagement: boolean;
  /** What goes to everybody in a room is written once. */
  broadcastOnce: boolean;
  /** What no page reads of others is left out of what pages receive; a part of the above. */
  slimPresences: boolean;
  /** The modules of Jitsi's plugin package that every conference uses; all that follow need it. */
  jitsiModules: boolean;
  avModeration: boolean;
  endConference: boolean;
  lobby: boolean;
  breakoutRooms: boolean;
  polls: boolean;
  speakerStats: boolean;
  /** Participants that a room lets in in a second; undefined: as many as come. */
  joinRateLimit?: number;
  /** Participants that a room holds; undefined: as many as come. */
  maxRoomParticipants?: number;
}

/** The certificate that participants see. */
export type CertificatePlan =
  /** Our own authority signs it. */
  | { kind: "internal" }
  /** The operator has it. `chain`: PEM, the domain's own first. */
  | { kind: "provided"; chain: string; caBundle?: string }
  | AcmePlan;

/** An ACME server issues it to the core, and again before it ends. */
export interface AcmePlan {
  kind: "acme";
  /** Directory URL. */
  server: string;
  /** Directory URL of a test server that is asked before the first certificate. */
  rehearsalServer?: string;
  /** PEM: who signed the server's own certificate, and who signs what it issues; absent: the system's authorities. */
  caBundle?: string;
  /** Key id of the external account; its HMAC key is a secret. */
  eabKeyId?: string;
  /** Browsers refuse what this server issues. */
  isTrial: boolean;
}

/** By what a participant gets a bridge near by; without an entry jicofo chooses by load alone. */
export interface NearnessPlan {
  networks: { network: string; region: string }[];
  /** Header of a proxy in front of the page, with what its values mean. */
  header?: { name: string; values: { value: string; region: string }[] };
}
