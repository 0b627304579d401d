/**
 * The deployment plan: every decision made, nothing rendered, no Pulumi value in it.
 * `config/` produces a Settings, `plan/deployment.ts` turns it into a DeploymentPlan, `services/` and `components/` read that.
 */

/** How a machine is reached and where it comes from. */
export type MachinePlan = AwsMachinePlan | LabMachinePlan | ExistingMachinePlan;

/** An EC2 instance that this program creates. Its addresses are known once it was created (plan/addressBook.ts). */
export interface AwsMachinePlan {
  provider: "aws";
  /** Where SSH connects: the elastic address. */
  address: string;
  instanceType: string;
  /** A new number makes a new instance with a new address beside the old one. */
  generation: number;
}

/** One AWS region's share of the deployment. */
export interface AwsRegionPlan {
  /** Name of the region in the config; resource names come from it. */
  name: string;
  /** AWS's own name, e.g. "eu-central-1". */
  awsRegion: string;
  /** From where port 22 opens, CIDR. */
  adminCidrs: string[];
  ubuntu: "22.04" | "24.04";
  /** Image to take instead of the newest of that release. */
  image?: string;
  volumeGigabytes: number;
  terminationProtection: boolean;
  ipv6: boolean;
  /** Availability zone of our own subnet, e.g. "eu-central-1a"; absent: AWS chooses one. */
  zone?: string;
  /** A network to adopt; absent: a VPC of our own. */
  network?: { vpc: string; subnet: string };
}

/** A guest on the machine that runs `pulumi`. Address, name and folder follow from domain, id and generation. */
export interface LabMachinePlan {
  provider: "lab";
  /** Name of the guest, e.g. "am-3f9a1c-fra-1-g1". */
  name: string;
  /** Address on the lab's bridge, known before the guest exists. */
  address: string;
  suite: string;
  mirror?: string;
  memoryMegabytes?: number;
  generation: number;
}

/** A server that already exists and that we log in to. */
export interface ExistingMachinePlan {
  provider: "existing";
  /** Where SSH connects. */
  address: string;
  user: string;
  port: number;
  /** One authorized_keys-style line. */
  hostKey: string;
  jumpHost?: JumpHost;
}

/** A host between us and the machine. */
export interface JumpHost {
  address: string;
  user: string;
  port: number;
  hostKey: string;
}

/** What the machine is made of; where a host has none, cores and memory are read on the host. */
export interface MachineSize {
  cores: number;
  memoryMegabytes: number;
  /** Not known unless it is stated: nothing on a host tells what its network carries. */
  networkMbps?: number;
}

/** One machine and who lives on it. */
export interface HostPlan {
  /** "core" for the core, "monitoring" for the machine with Prometheus, else the id of the bridge or recorder. */
  id: string;
  region: string;
  machine: MachinePlan;
  /** Reachable from participants. */
  publicAddress: string;
  /** Reachable from the other hosts of the same region. */
  privateAddress?: string;
  /** Reachable from participants, beside an IPv4 `publicAddress`. */
  ipv6Address?: string;
  size?: MachineSize;
  roles: ("core" | "videobridge" | "recorder" | "monitoring")[];
}

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
  /** User name of the account that all bridges share. */
  videobridgeUser: string;
  /** recorder.D: as whom recorders enter a conference; the page shows nobody of this domain. */
  recorder: string;
  /** jibribrewery@internal.auth.D, where recorders announce themselves to jicofo. */
  recorderBrewery: string;
  /** User name, at auth.D, of the account with which all recorders take orders. */
  recorderControlUser: string;
  /** User name, at recorder.D, of the account with which all recorders enter a conference. */
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

/** What a bucket of the program's own is like, beside being private, encrypted and versioned. */
export interface OwnBucketPlan {
  /** Recordings are deleted when they are so old; absent: never. */
  expireDays?: number;
  /** It goes with the stack, and everything in it; otherwise it stays. */
  deleteWithStack: boolean;
}

/** A bucket that speaks S3's protocol. */
export interface StoragePlan {
  bucket: string;
  region: string;
  /** Absent: Amazon S3. */
  endpoint?: string;
  /** Folder in the bucket, without slashes at its ends; empty: none. */
  prefix: string;
  /** The program makes it; absent: it exists. */
  create?: OwnBucketPlan;
  /** PEM: who signed the endpoint's certificate, where systems do not know them. */
  caBundle?: string;
}

/** What recorders make and where it goes. */
export interface RecordingPlan {
  format: "audio" | "video";
  storage: StoragePlan;
  /** How a recorder is let into the bucket: by two secret keys, or by the role of its EC2 instance. */
  login: "keys" | "instanceRole";
  /** Days of failures after which a recorder says that it gives up. */
  retryDays: number;
  /** Days for which a recorder keeps its copy of what has arrived. */
  keepDays: number;
  receivers: AlertReceivers;
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

/** Versions to install, apt pin patterns. */
export interface ReleasePlan {
  prosody: string;
  jicofo: string;
  videobridge: string;
  meetProsody: string;
  meetWeb: string;
  jibri: string;
}

/** Package sources; a key is an https URL or the path of a file that the hosts already have. */
export interface PackageSources {
  jitsiRepository: string;
  jitsiKey: string;
  prosodyRepository: string;
  prosodyKey: string;
}

/** Rotation counters: a new number makes a new secret. */
export interface SecretCounters {
  focusClient: number;
  focusService: number;
  videobridge: number;
  turn: number;
  recorderControl: number;
  recorderCall: number;
}

/** What coturn gives away at most. Sizes of coturn are bytes a second, each direction by itself. */
export interface TurnQuotas {
  /** Allocations at once. */
  total: number;
  /** Allocations with the credentials of one second. */
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
  appId: string;
  /** Absent: tokens are signed with the secret `jitsi:tokenSecret`. */
  keyServer?: string;
  issuers: string[];
  audiences: string[];
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
}

/** Switches of what participants find, decided: what Jitsi's modules do is off where they are. */
export interface FeaturesPlan {
  prejoinPage: boolean;
  displayNameRequired: boolean;
  chat: boolean;
  reactions: boolean;
  /** Acknowledged stanzas and resumption (XEP-0198) on the participants' host. */
  streamManagement: boolean;
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

/** How bridges announce themselves. */
export interface BreweryPlan {
  /** Each bridge hears only itself. */
  presenceFilter: boolean;
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

/** Where alerts go, besides the pages of Prometheus and Alertmanager. */
export interface AlertReceivers {
  webhook?: string;
  /** `server` is "name:port". */
  mail?: { server: string; from: string; to: string };
}

/** Who reads metrics. Without it no host measures anything. */
export interface MonitoringPlan {
  /** Networks of others (CIDR) from which the metrics of every host may be read. */
  networks: string[];
  /** These networks, and the addresses of our own Prometheus as networks. */
  sources: string[];
  /** Our own Prometheus: at which address it reaches each host, by host id. */
  prometheus?: { hostId: string; targets: Record<string, string>; receivers: AlertReceivers };
}

/** Everything that the rest of the program needs to know. */
export interface DeploymentPlan {
  names: XmppNames;
  contact: string;
  /** The core first, then the bridges' own machines in the order of the config, then the recorders. */
  hosts: HostPlan[];
  core: CorePlan;
  videobridges: VideobridgePlan[];
  recorders: RecorderPlan[];
  /** There as soon as there is a recorder. */
  recording?: RecordingPlan;
  regions: string[];
  /** Regions of EC2 instances. */
  awsRegions: AwsRegionPlan[];
  /** Hosts whose addresses stand for ones that only exist once the machine does. */
  provisionalHosts: string[];
  audienceParticipants: number;
  /** Hours a month in which the whole audience listens, for the cost. */
  conferenceHoursPerMonth: number;
  maxBridgeParticipants: number;
  release: ReleasePlan;
  packages: PackageSources;
  secrets: SecretCounters;
  access: AccessPlan;
  drainDeadlineMinutes: number;
  brewery: BreweryPlan;
  web: WebPlan;
  features: FeaturesPlan;
  /** Absent where it is switched off. */
  turn?: TurnPlan;
  certificate: CertificatePlan;
  /** Who keeps the records that lead to the core; absent: the operator. */
  dns?: { route53Zone: string };
  monitoring?: MonitoringPlan;
}
