// Generated from the schema in config/: npx tsx tools/argumentTypes.ts
import type * as pulumi from "@pulumi/pulumi";

/** A whole deployment of Audio Meet. */
export interface AudioMeetArgs {
  /**
   * Public name of the deployment.
   * @example meet.example.org
   */
  domain: string;
  /**
   * Address for certificates and alerts.
   * @example ops@example.org
   */
  contact: string;
  /**
   * The places of the deployment and their machines.
   * @example [{ name: eu, machines: { provider: existing, user: ubuntu }, core: { address: 203.0.113.10, hostKey: ssh-ed25519 AAAA… }, videobridges: [{ id: fra-1, on: core }] }]
   */
  regions: RegionArgs[];
  /**
   * Key that logs in to existing servers (secret).
   * @default the SSH agent
   * @example config.requireSecret("sshPrivateKey")
   */
  sshPrivateKey?: pulumi.Input<string>;
  /**
   * Who may open a room: `open`, anybody who has its name; `moderated`, the moderators that are named, for whom guests wait; `token`, nobody comes in without a JWT (docs/ACCESS.md).
   * @default {"kind":"open"}
   * @example { kind: moderated, moderators: [anna, ben] }
   */
  access?: AccessArgs;
  /**
   * Secret that tokens are signed with (HS256); only with `kind: token` (secret).
   * @default the keys of `jwks` or `keyServer`
   * @example config.requireSecret("tokenSecret")
   */
  tokenSecret?: pulumi.Input<string>;
  /**
   * Package sources.
   * @example { jitsiRepository: https://mirror.example.org/jitsi }
   */
  packages?: PackagesArgs;
  /**
   * Package versions.
   * @example { prosody: "13.0.*" }
   */
  release?: ReleaseArgs;
  /**
   * Rotation counters of the generated passwords.
   * @example { videobridge: 2 }
   */
  secrets?: RotationCountersArgs;
  /**
   * Sizing target.
   * @example { participants: 300 }
   */
  audience?: AudienceArgs;
  /**
   * Most participants of one room that jicofo puts on one bridge.
   * Unit: participants.
   * @default 220
   * @example 200
   */
  maxBridgeParticipants?: number;
  /**
   * The certificate that participants see.
   * @default `{ issuer: letsencrypt }`; `{ issuer: internal }` where the core is a lab host
   * @example { issuer: letsencrypt }
   */
  certificate?: CertificateArgs;
  /**
   * Key of a provided certificate (secret).
   * @default none
   * @example config.requireSecret("certificateKey")
   */
  certificateKey?: pulumi.Input<string>;
  /**
   * HMAC key of the external account at the authority (secret).
   * @default none
   * @example config.requireSecret("acmeEabKey")
   */
  acmeEabKey?: pulumi.Input<string>;
  /**
   * How a bridge is emptied before it goes.
   * @example { deadlineMinutes: 30 }
   */
  drain?: DrainArgs;
  /**
   * The room in which bridges announce themselves to jicofo.
   * @example { presenceFilter: false }
   */
  brewery?: BreweryArgs;
  /**
   * What the page says, and where it is shown.
   * @example { language: de }
   */
  web?: WebArgs;
  /**
   * Switches for participants.
   * @example { chat: false }
   */
  features?: FeaturesArgs;
  /**
   * TURN, for networks that let no UDP out.
   * @example { tls443: true }
   */
  turn?: TurnArgs;
  /**
   * What is known of participants when they come.
   * @example { regionHeader: CF-IPCountry }
   */
  participants?: ParticipantsArgs;
  /**
   * Who keeps the DNS records that lead to the core; without it the outputs say which to set.
   * @default you do
   * @example { route53Zone: Z0123456789ABCDEFGHIJ }
   */
  dns?: DnsArgs;
  /**
   * Who may read metrics, and where alerts go; left out, no host measures or answers.
   * @default no metrics
   * @example { networks: [198.51.100.0/24] }
   */
  monitoring?: MonitoringArgs;
  /**
   * Password with which the `user` of a `mail` logs in at the SMTP server (secret).
   * @default no login
   * @example config.requireSecret("mailPassword")
   */
  mailPassword?: pulumi.Input<string>;
  /**
   * What recorders make, and where it goes; needed as soon as a region has a recorder. To set it or to take it out restarts Prosody and jicofo: everybody has to join again. To add or remove recorders beside it restarts neither.
   * @default none, and no recorders
   * @example { storage: { bucket: meet-recordings, region: eu-central-1 } }
   */
  recording?: RecordingArgs;
  /**
   * Access key id with which recorders write into the bucket (secret).
   * @default the role of the EC2 instance
   * @example config.requireSecret("recordingAccessKey")
   */
  recordingAccessKey?: pulumi.Input<string>;
  /**
   * Secret access key that belongs to it (secret).
   * @default the role of the EC2 instance
   * @example config.requireSecret("recordingSecretKey")
   */
  recordingSecretKey?: pulumi.Input<string>;
}

/** What recorders make, and where it goes; needed as soon as a region has a recorder. To set it or to take it out restarts Prosody and jicofo: everybody has to join again. To add or remove recorders beside it restarts neither. */
export interface RecordingArgs {
  /**
   * `audio`: sound alone (Opus in Ogg, about 22 MB an hour). `video`: with a small picture of the page (MP4). One of audio, video.
   * @default "audio"
   * @example video
   */
  format?: string;
  /**
   * Where recordings go: a bucket at Amazon S3, or at anything that speaks its protocol.
   * @example { bucket: meet-recordings, region: eu-central-1 }
   */
  storage: StorageArgs;
  /**
   * After so many days without success a recorder says that it gives up on a recording. It keeps the file, and still tries a few times a day.
   * Unit: days.
   * @default 7
   * @example 3
   */
  retryDays?: number;
  /**
   * How long a recorder keeps its own copy of what has arrived and was read back; a disk that gets full ends it earlier.
   * Unit: days.
   * @default 0
   * @example 3
   */
  keepDays?: number;
  /**
   * Who hears that a recording has arrived, or that it could not be uploaded.
   * @default nobody; it stands in the journal
   * @example { webhook: https://hooks.example.org/recordings }
   */
  notify?: NotifyArgs;
}

/** Who hears that a recording has arrived, or that it could not be uploaded. */
export interface NotifyArgs {
  /**
   * Where each outcome is posted as JSON; it shows in previews, so it holds no secret.
   * @default nothing is posted
   * @example https://alerts.example.org/hook
   */
  webhook?: string;
  /**
   * How each outcome is sent by e-mail.
   * @default no mail is sent
   * @example { server: smtp.example.org:587, from: audio-meet@example.org, user: audio-meet@example.org }
   */
  mail?: MailArgs;
}

/** Where recordings go: a bucket at Amazon S3, or at anything that speaks its protocol. */
export interface StorageArgs {
  /**
   * Name of the bucket, which exists unless `create` is there.
   * @example meet-recordings
   */
  bucket: string;
  /**
   * Where the storage answers, if it is not Amazon's.
   * @default Amazon S3
   * @example https://s3.example.org
   */
  endpoint?: string;
  /**
   * Region of the bucket, as the storage calls it.
   * @default "us-east-1"
   * @example eu-central-1
   */
  region?: string;
  /**
   * Folder in the bucket.
   * @default none
   * @example meet
   */
  prefix?: string;
  /**
   * Has the program make the bucket at Amazon S3: private, encrypted, versioned, over TLS alone.
   * @default the bucket exists
   * @example { expireDays: 365 }
   */
  create?: OwnBucketArgs;
  /**
   * Who signed the certificate of the endpoint (PEM), where systems do not know them.
   * @default the system's authorities
   * @example |
   */
  caBundle?: string;
}

/** Has the program make the bucket at Amazon S3: private, encrypted, versioned, over TLS alone. */
export interface OwnBucketArgs {
  /**
   * Age at which recordings are deleted; they can be brought back for 30 days more.
   * Unit: days.
   * @default never
   * @example 365
   */
  expireDays?: number;
  /**
   * Whether `pulumi destroy` deletes the bucket and every recording in it; an `up` with it has to come before.
   * @default false
   * @example false
   */
  deleteWithStack?: boolean;
}

/** Who may read metrics, and where alerts go; left out, no host measures or answers. */
export interface MonitoringArgs {
  /**
   * Networks that may read the metrics of all hosts, besides the monitoring machine; never the world.
   * @default []
   * @example [198.51.100.0/24]
   */
  networks?: string[];
  /**
   * Where Alertmanager posts alerts (its JSON); it shows in previews, so it holds no secret.
   * @default nothing is posted
   * @example https://alerts.example.org/hook
   */
  webhook?: string;
  /**
   * How alerts are sent by e-mail.
   * @default no mail is sent
   * @example { server: smtp.example.org:587, from: audio-meet@example.org, user: audio-meet@example.org }
   */
  mail?: MailArgs;
}

/** How alerts are sent by e-mail. */
export interface MailArgs {
  /**
   * SMTP server that takes mail from the monitoring machine: over STARTTLS, or TLS from the first byte at port 465; its certificate is one that systems believe.
   * @example smtp.example.org:587
   */
  server: string;
  /**
   * Sender of the mail.
   * @example audio-meet@example.org
   */
  from: string;
  /**
   * Who gets the mail.
   * @default `contact`
   * @example oncall@example.org
   */
  to?: string;
  /**
   * Who logs in at the SMTP server; the password is `mailPassword`.
   * @default no login
   * @example alerts@example.org
   */
  user?: string;
}

/** Who keeps the DNS records that lead to the core; without it the outputs say which to set. */
export interface DnsArgs {
  /**
   * Id of the public hosted zone at Route 53 in which the domain lies; the records of the domain and of TURN are kept there.
   * @example Z0123456789ABCDEFGHIJ
   */
  route53Zone: string;
}

/** What is known of participants when they come. */
export interface ParticipantsArgs {
  /**
   * Header in which a proxy or CDN in front of the page says where a participant is; `headerValues` of the regions say what it means.
   * @default none
   * @example CF-IPCountry
   */
  regionHeader?: string;
}

/** TURN, for networks that let no UDP out. */
export interface TurnArgs {
  /**
   * coturn runs on the core; without it whoever cannot send UDP joins and neither hears nor is heard.
   * @default true
   * @example false
   */
  enabled?: boolean;
  /**
   * TURN over TLS shares port 443 with the page, for networks that let nothing else out; it then has a name of its own, by which the two are told apart. Otherwise 5349.
   * @default false
   * @example false
   */
  tls443?: boolean;
  /**
   * Name of the TURN server; it leads to the core and stands in the certificate.
   * @default `domain`, with `tls443` `turn.` before it
   * @example turn.example.org
   */
  name?: string;
}

/** Switches for participants. */
export interface FeaturesArgs {
  /**
   * A page before the conference asks for name and microphone; it also spreads the rush when everybody comes at once.
   * @default true
   * @example false
   */
  prejoinPage?: boolean;
  /**
   * Nobody joins without a name.
   * @default true
   * @example false
   */
  displayNameRequired?: boolean;
  /**
   * The page has a chat; each message goes to everybody once.
   * @default true
   * @example false
   */
  chat?: boolean;
  /**
   * The page has reactions (clapping and the like), each of which goes to everybody.
   * @default false
   * @example false
   */
  reactions?: boolean;
  /**
   * Prosody keeps what a participant has not confirmed and lets a broken connection resume, which anonymous logins cannot; it costs half as much CPU again (docs/SCALING.md).
   * @default false
   * @example false
   */
  streamManagement?: boolean;
  /**
   * Jitsi's own modules around every conference: meeting id, nobody in before jicofo, hidden rooms, room metadata, duration, one message instead of four questions at login. Off only where the plugin package has none of them; the features below and `joinRateLimit` go with it.
   * @default true
   * @example false
   */
  jitsiModules?: boolean;
  /**
   * Moderators decide who may unmute; without it 500 people need discipline. Costs messages only when somebody decides.
   * @default true
   * @example false
   */
  avModeration?: boolean;
  /**
   * Moderators can end the conference for everybody; costs nothing until then.
   * @default true
   * @example false
   */
  endConference?: boolean;
  /**
   * Moderators can let people knock; costs a look at each stanza, and a second room once one switches it on.
   * @default true
   * @example false
   */
  lobby?: boolean;
  /**
   * Moderators can send people into side rooms. Off: while there are any, each who moves makes Prosody send the list of all 500 to all 500.
   * @default false
   * @example false
   */
  breakoutRooms?: boolean;
  /**
   * Participants can ask for votes. Off: each vote goes to everybody, so 500 votes are 250,000 messages within a minute.
   * @default false
   * @example false
   */
  polls?: boolean;
  /**
   * The page shows who spoke for how long. Off: each change of speaker is a message to Prosody, and each who joins gets the whole list.
   * @default false
   * @example false
   */
  speakerStats?: boolean;
  /**
   * Participants that a room lets in in a second, the rest waits in a queue (mod_muc_rate_limit); for 500 who come at once that is 500 divided by this number in seconds, and it saves no CPU. `check` prints the price.
   * Unit: participants per second.
   * @default no limit
   * @example 30
   */
  joinRateLimit?: number;
  /**
   * Participants that a room holds; who comes later is refused. Each join counts everybody who is there, which is cheap beside telling them.
   * Unit: participants.
   * @default no limit
   * @example 600
   */
  maxRoomParticipants?: number;
}

/** What the page says, and where it is shown. */
export interface WebArgs {
  /**
   * Language of the page where the browser's own is not among its languages.
   * @default "en"
   * @example de
   */
  language?: string;
  /**
   * Name of the service in the page and in the browser's tab.
   * @default "Audio Meet"
   * @example Town hall
   */
  title?: string;
  /**
   * Shown to everybody in a conference; empty: nothing is shown.
   * @default ""
   * @example "This conference is recorded."
   */
  notice?: string;
  /**
   * Sites that may show the page in a frame (Moodle, Nextcloud, a portal with external_api.js); their frame needs allow="microphone".
   * @default []
   * @example [https://portal.example.org]
   */
  embedIn?: string[];
  /**
   * Logo of the page: an svg or png file of at most 100 kB beside the stack file, or an https address, which the participants' browsers then ask.
   * @default Jitsi's
   * @example ./logo.svg
   */
  logo?: string;
  /**
   * Pages of yours that the start page links to; the logo in a conference leads there.
   * @example { privacy: https://www.example.org/privacy, imprint: https://www.example.org/imprint }
   */
  links?: LinksArgs;
}

/** Pages of yours that the start page links to; the logo in a conference leads there. */
export interface LinksArgs {
  /**
   * What becomes of people's data; in the settings of Jitsi's apps as well.
   * @default no link
   * @example https://www.example.org/privacy
   */
  privacy?: string;
  /**
   * Who offers the service.
   * @default no link
   * @example https://www.example.org/imprint
   */
  imprint?: string;
  /**
   * Terms of use; in the settings of Jitsi's apps as well.
   * @default no link
   * @example https://www.example.org/terms
   */
  terms?: string;
  /**
   * Help, which also gets a button in a conference and a place in Jitsi's apps.
   * @default no link
   * @example https://www.example.org/help
   */
  help?: string;
}

/** The room in which bridges announce themselves to jicofo. */
export interface BreweryArgs {
  /**
   * A bridge is not told what other bridges announce; without it N bridges get N² presences every 5 seconds.
   * @default true
   * @example false
   */
  presenceFilter?: boolean;
}

/** How a bridge is emptied before it goes. */
export interface DrainArgs {
  /**
   * How long a bridge may take until the participants who are still there are moved.
   * Unit: minutes.
   * @default 10
   * @example 30
   */
  deadlineMinutes?: number;
}

/** The certificate that participants see. */
export interface CertificateArgs {
  /**
   * Who issues it: `letsencrypt`; `acme`, any other authority with an ACME server; `provided`, a certificate that you have; `internal`, our own authority, for a closed network. Stating one of the last three allows private addresses as public ones. One of letsencrypt, acme, provided, internal.
   * @example letsencrypt
   */
  issuer: string;
  /**
   * The certificate itself comes from Let's Encrypt's staging, which browsers refuse and whose limits are high: for trying out.
   * Only with `letsencrypt`.
   * @default false
   * @example false
   */
  staging?: boolean;
  /**
   * Before the first certificate a test run asks staging, so that failed tries never meet the weekly limits.
   * Only with `letsencrypt`.
   * @default true
   * @example false
   */
  rehearsal?: boolean;
  /**
   * Directory of the authority's ACME server.
   * Only with `acme`.
   * @example https://ca.example.org/acme/directory
   */
  server?: string;
  /**
   * Directory of the authority's test server, asked before the first certificate.
   * Only with `acme`.
   * @default no test run
   * @example https://test.ca.example.org/acme/directory
   */
  rehearsalServer?: string;
  /**
   * Authorities that signed the ACME server's own certificate and that sign its certificates, PEM.
   * Only with `acme`, `provided`.
   * @default the authorities that the core's system knows
   * @example |
   */
  caBundle?: string;
  /**
   * Key id of the account at the authority to which ours is bound; its HMAC key is `acmeEabKey`.
   * Only with `acme`.
   * @default no account at the authority
   * @example kid-1
   */
  externalAccount?: string;
  /**
   * The certificate of the domain, then each certificate that signed the one before it, PEM; its key is `certificateKey`.
   * Only with `provided`.
   * @example |
   */
  chain?: string;
}

/** Sizing target. */
export interface AudienceArgs {
  /**
   * People in one room that the deployment is meant for; the plan warns when the bridges carry fewer.
   * Unit: participants.
   * @default 500
   * @example 300
   */
  participants?: number;
  /**
   * Hours a month in which they all listen; the estimated cost at AWS counts their traffic.
   * Unit: hours a month.
   * @default 20
   * @example 8
   */
  hoursPerMonth?: number;
}

/** Rotation counters of the generated passwords. */
export interface RotationCountersArgs {
  /**
   * Counts the passwords of jicofo at the clients' Prosody: a new number makes a new password.
   * @default 1
   * @example 2
   */
  focusClient?: number;
  /**
   * Counts the passwords of jicofo at the bridges' Prosody: a new number makes a new password.
   * @default 1
   * @example 2
   */
  focusService?: number;
  /**
   * Counts the passwords of the bridges: a new number makes a new password.
   * @default 1
   * @example 2
   */
  videobridge?: number;
  /**
   * Counts the passwords of TURN, from which those of the participants are made: a new number makes a new password.
   * @default 1
   * @example 2
   */
  turn?: number;
  /**
   * Counts the passwords of the recorders towards jicofo: a new number makes a new password.
   * @default 1
   * @example 2
   */
  recorderControl?: number;
  /**
   * Counts the passwords of the recorders in a conference: a new number makes a new password.
   * @default 1
   * @example 2
   */
  recorderCall?: number;
  /**
   * Counts the passwords of each moderator: a new number makes a new password.
   * @example { anna: 2 }
   */
  moderators?: { [name: string]: number };
}

/** Package versions. */
export interface ReleaseArgs {
  /**
   * Prosody.
   * @default "13.*"
   * @example "13.0.*"
   */
  prosody?: string;
  /**
   * Package jicofo.
   * @default "1.0-1189-1"
   * @example 1.0-1189-1
   */
  jicofo?: string;
  /**
   * Package jitsi-videobridge2; the same on all bridges, else a room does not span them.
   * @default "2.3-307-g4bb0aead1-1"
   * @example 2.3-307-g4bb0aead1-1
   */
  videobridge?: string;
  /**
   * Package jitsi-meet-prosody, of which only the Prosody plugins are used.
   * @default "1.0.9365-1"
   * @example 1.0.9365-1
   */
  meetProsody?: string;
  /**
   * Package jitsi-meet-web, the page; from the same release as `meetProsody`.
   * @default "1.0.9365-1"
   * @example 1.0.9365-1
   */
  meetWeb?: string;
  /**
   * Package jibri.
   * @default "8.0-*"
   * @example "8.0-*"
   */
  jibri?: string;
}

/** Package sources. */
export interface PackagesArgs {
  /**
   * Repository of Jitsi's packages; the suite is `stable/`.
   * @default "https://download.jitsi.org"
   * @example https://mirror.example.org/jitsi
   */
  jitsiRepository?: string;
  /**
   * Key that signs it.
   * @default "https://download.jitsi.org/jitsi-key.gpg.key"
   * @example /usr/share/keyrings/jitsi.gpg
   */
  jitsiKey?: string;
  /**
   * Repository of Prosody's packages; used on Ubuntu and Debian 12, Debian 13 has its own.
   * @default "http://packages.prosody.im/debian"
   * @example https://mirror.example.org/prosody
   */
  prosodyRepository?: string;
  /**
   * Key that signs it.
   * @default "https://prosody.im/files/prosody-debian-packages.key"
   * @example /usr/share/keyrings/prosody.gpg
   */
  prosodyKey?: string;
}

/** Who may open a room: `open`, anybody who has its name; `moderated`, the moderators that are named, for whom guests wait; `token`, nobody comes in without a JWT (docs/ACCESS.md). */
export interface AccessArgs {
  /** Kind: open, moderated, token. */
  kind: string;
  /**
   * Names of those who may open rooms; each gets a password, in the output `moderators`.
   * Only with `moderated`.
   * @example [anna, ben]
   */
  moderators?: string[];
  /**
   * Name of the application that issues tokens: issuer and audience where those are not named.
   * Only with `token`.
   * @example town-hall
   */
  appId?: string;
  /**
   * Where an identity provider publishes its keys (JWKS); tokens are then signed with RS256, PS256 or ES256.
   * Only with `token`.
   * @default none
   * @example https://id.example.org/realms/meet/protocol/openid-connect/certs
   */
  jwks?: string;
  /**
   * Where public keys of token issuers are fetched, as `<url>/<sha256 of the key's id>.pem`; without it and `jwks`: tokens are signed with `tokenSecret`.
   * Only with `token`.
   * @default none
   * @example https://keys.example.org/jwt
   */
  keyServer?: string;
  /**
   * Authorities that may have signed the certificate of `jwks` or `keyServer`, PEM, beside the system's.
   * Only with `token`.
   * @default the system's authorities
   * @example |
   */
  caBundle?: string;
  /**
   * Accepted issuers, the claim `iss`.
   * Only with `token`.
   * @default the `appId` alone
   * @example [town-hall]
   */
  issuers?: string[];
  /**
   * Accepted audiences, the claim `aud`.
   * Only with `token`.
   * @default the `appId` alone
   * @example [town-hall]
   */
  audiences?: string[];
  /**
   * What is in a token, and where.
   * Only with `token`.
   * @example { moderator: realm_access.roles, moderatorValue: host }
   */
  claims?: ClaimsArgs;
}

/** What is in a token, and where. */
export interface ClaimsArgs {
  /**
   * What the claim `sub` is: `domain`, the domain of the deployment, or `*`, as in tokens that are made for Jitsi; `user`, the id of a user, as identity providers have it. One of domain, user.
   * @default `domain`; `user` with `jwks`
   * @example user
   */
  subject?: string;
  /**
   * Whether a token needs the claim `room`: `required`, or `optional`, where one without it opens every room. The room of a token that has one is always the only one that it opens. One of required, optional.
   * @default `required`; `optional` with `jwks`
   * @example optional
   */
  room?: string;
  /**
   * Where a token says that somebody moderates.
   * @default "context.user.moderator"
   * @example realm_access.roles
   */
  moderator?: string;
  /**
   * The text that makes a moderator, alone or in a list; without it the claim has to be `true`.
   * @example host
   */
  moderatorValue?: string;
  /**
   * Where a token says how somebody is called.
   * @default "context.user.name"
   * @example name
   */
  name?: string;
}

/** One place with machines of one kind. */
export interface RegionArgs {
  /**
   * Name of the region; bridges of one region prefer each other.
   * @example eu
   */
  name: string;
  /**
   * Where the machines of the region come from.
   * @example { provider: aws, region: eu-central-1, adminCidrs: [198.51.100.0/24] }
   */
  machines: MachinesArgs;
  /**
   * The machine with both Prosodys and jicofo; exactly one region has it.
   * @default no core in this region
   * @example {}
   */
  core?: CoreArgs;
  /**
   * A machine of its own with Prometheus and Alertmanager; at most one region has it.
   * @default no such machine in this region
   * @example {}
   */
  monitoring?: MonitorArgs;
  /**
   * The bridges of the region.
   * @default []
   * @example [{ id: fra-1 }]
   */
  videobridges?: VideobridgeArgs[];
  /**
   * The recorders of the region; one of them makes one recording at a time.
   * @default []
   * @example [{ id: rec-1 }]
   */
  recorders?: RecorderArgs[];
  /**
   * Who is near to the bridges of this region.
   * @default nobody in particular
   * @example { networks: [198.51.100.0/24] }
   */
  participants?: NearParticipantsArgs;
}

/** Who is near to the bridges of this region. */
export interface NearParticipantsArgs {
  /**
   * Networks whose participants get a bridge of this region; the smallest network that fits counts.
   * @default []
   * @example [198.51.100.0/24]
   */
  networks?: string[];
  /**
   * Values of `participants.regionHeader` whose participants get a bridge of this region, in any case of letters.
   * @default []
   * @example [DE, FR]
   */
  headerValues?: string[];
}

/** A recorder, on a machine of its own: it takes four cores and 8 GB while it records. */
export interface RecorderArgs {
  /**
   * Name of the recorder, for ever: its resources, its host name and what jicofo calls it come from it.
   * @example rec-1
   */
  id: string;
  /**
   * EC2 instance type; its cores, memory and sustained network make the capacity in the outputs.
   * Only with `aws`.
   * @default the region's
   * @example c7i.xlarge
   */
  instanceType?: string;
  /**
   * Counts the machines that this node has had: a new number replaces the machine.
   * Only with `aws`, `lab`.
   * @default 1
   * @example 2
   */
  generation?: number;
  /**
   * IP address at which SSH connects; the public one as well unless `publicAddress` is given.
   * Only with `existing`.
   * @example 203.0.113.7
   */
  address?: string;
  /**
   * IP address within the region; bridges and core of one region talk over it if both have one.
   * Only with `existing`.
   * @default none
   * @example 10.0.0.7
   */
  privateAddress?: string;
  /**
   * IP address that participants reach, if it is not `address`.
   * Only with `existing`.
   * @default `address`
   * @example 203.0.113.7
   */
  publicAddress?: string;
  /**
   * The machine's own SSH host key.
   * Only with `existing`.
   * @example "ssh-ed25519 AAAA…"
   */
  hostKey?: string;
  /**
   * Who logs in to this machine.
   * Only with `existing`.
   * @default the region's
   * @example debian
   */
  user?: string;
  /**
   * Port of the SSH server.
   * Only with `existing`.
   * @default the region's
   * @example 2222
   */
  port?: number;
  /**
   * What the machine is made of; where it is left out, cores and memory are read on the machine.
   * Only with `existing`.
   * @default read on the machine
   * @example { cores: 4, memoryMegabytes: 8192, networkMbps: 1000 }
   */
  size?: SizeArgs;
}

/** A bridge. */
export interface VideobridgeArgs {
  /**
   * Name of the bridge, for ever: its resources, its host name and its relay id come from it.
   * @example fra-1
   */
  id: string;
  /**
   * EC2 instance type; its cores, memory and sustained network make the capacity in the outputs.
   * Only with `aws`.
   * @default the region's
   * @example c7i.xlarge
   */
  instanceType?: string;
  /**
   * Counts the machines that this node has had: a new number replaces the machine.
   * Only with `aws`, `lab`.
   * @default 1
   * @example 2
   */
  generation?: number;
  /**
   * IP address at which SSH connects; the public one as well unless `publicAddress` is given.
   * Only with `existing`.
   * @example 203.0.113.7
   */
  address?: string;
  /**
   * IP address within the region; bridges and core of one region talk over it if both have one.
   * Only with `existing`.
   * @default none
   * @example 10.0.0.7
   */
  privateAddress?: string;
  /**
   * IP address that participants reach, if it is not `address`.
   * Only with `existing`.
   * @default `address`
   * @example 203.0.113.7
   */
  publicAddress?: string;
  /**
   * The machine's own SSH host key.
   * Only with `existing`.
   * @example "ssh-ed25519 AAAA…"
   */
  hostKey?: string;
  /**
   * Who logs in to this machine.
   * Only with `existing`.
   * @default the region's
   * @example debian
   */
  user?: string;
  /**
   * Port of the SSH server.
   * Only with `existing`.
   * @default the region's
   * @example 2222
   */
  port?: number;
  /**
   * What the machine is made of; where it is left out, cores and memory are read on the machine.
   * Only with `existing`.
   * @default read on the machine
   * @example { cores: 4, memoryMegabytes: 8192, networkMbps: 1000 }
   */
  size?: SizeArgs;
  /**
   * Puts the bridge on the core's machine instead of one of its own. One of core.
   * Only with on: core.
   * @default a machine of its own
   * @example core
   */
  on?: string;
}

/** A machine of its own with Prometheus and Alertmanager; at most one region has it. */
export interface MonitorArgs {
  /**
   * EC2 instance type; its cores, memory and sustained network make the capacity in the outputs.
   * Only with `aws`.
   * @default the region's
   * @example c7i.xlarge
   */
  instanceType?: string;
  /**
   * Counts the machines that this node has had: a new number replaces the machine.
   * Only with `aws`, `lab`.
   * @default 1
   * @example 2
   */
  generation?: number;
  /**
   * IP address at which SSH connects; the public one as well unless `publicAddress` is given.
   * Only with `existing`.
   * @example 203.0.113.7
   */
  address?: string;
  /**
   * IP address within the region; bridges and core of one region talk over it if both have one.
   * Only with `existing`.
   * @default none
   * @example 10.0.0.7
   */
  privateAddress?: string;
  /**
   * IP address that participants reach, if it is not `address`.
   * Only with `existing`.
   * @default `address`
   * @example 203.0.113.7
   */
  publicAddress?: string;
  /**
   * The machine's own SSH host key.
   * Only with `existing`.
   * @example "ssh-ed25519 AAAA…"
   */
  hostKey?: string;
  /**
   * Who logs in to this machine.
   * Only with `existing`.
   * @default the region's
   * @example debian
   */
  user?: string;
  /**
   * Port of the SSH server.
   * Only with `existing`.
   * @default the region's
   * @example 2222
   */
  port?: number;
  /**
   * What the machine is made of; where it is left out, cores and memory are read on the machine.
   * Only with `existing`.
   * @default read on the machine
   * @example { cores: 4, memoryMegabytes: 8192, networkMbps: 1000 }
   */
  size?: SizeArgs;
}

/** The machine with both Prosodys and jicofo; exactly one region has it. */
export interface CoreArgs {
  /**
   * EC2 instance type; its cores, memory and sustained network make the capacity in the outputs.
   * Only with `aws`.
   * @default the region's
   * @example c7i.xlarge
   */
  instanceType?: string;
  /**
   * Counts the machines that this node has had: a new number replaces the machine.
   * Only with `aws`, `lab`.
   * @default 1
   * @example 2
   */
  generation?: number;
  /**
   * IP address at which SSH connects; the public one as well unless `publicAddress` is given.
   * Only with `existing`.
   * @example 203.0.113.7
   */
  address?: string;
  /**
   * IP address within the region; bridges and core of one region talk over it if both have one.
   * Only with `existing`.
   * @default none
   * @example 10.0.0.7
   */
  privateAddress?: string;
  /**
   * IP address that participants reach, if it is not `address`.
   * Only with `existing`.
   * @default `address`
   * @example 203.0.113.7
   */
  publicAddress?: string;
  /**
   * The machine's own SSH host key.
   * Only with `existing`.
   * @example "ssh-ed25519 AAAA…"
   */
  hostKey?: string;
  /**
   * Who logs in to this machine.
   * Only with `existing`.
   * @default the region's
   * @example debian
   */
  user?: string;
  /**
   * Port of the SSH server.
   * Only with `existing`.
   * @default the region's
   * @example 2222
   */
  port?: number;
  /**
   * What the machine is made of; where it is left out, cores and memory are read on the machine.
   * Only with `existing`.
   * @default read on the machine
   * @example { cores: 4, memoryMegabytes: 8192, networkMbps: 1000 }
   */
  size?: SizeArgs;
}

/** What the machine is made of; where it is left out, cores and memory are read on the machine. */
export interface SizeArgs {
  /**
   * Number of processor cores.
   * Unit: cores.
   * @example 4
   */
  cores: number;
  /**
   * Memory of the machine.
   * Unit: megabytes.
   * @example 8192
   */
  memoryMegabytes: number;
  /**
   * What the machine's network carries in one direction.
   * Unit: megabits per second.
   * @default not known, bounds nothing
   * @example 1000
   */
  networkMbps?: number;
}

/** Where the machines of the region come from. */
export interface MachinesArgs {
  /**
   * Kind of the machines: `aws` (EC2 instances), `existing` (servers that we log in to) or `lab` (guests on this machine).
   * @example existing
   */
  provider: string;
  /**
   * AWS region.
   * Only with `aws`.
   * @example eu-central-1
   */
  region?: string;
  /**
   * EC2 instance type; its cores, memory and sustained network make the capacity in the outputs.
   * Only with `aws`.
   * @default "c7i.xlarge"
   * @example c7i.xlarge
   */
  instanceType?: string;
  /**
   * From where somebody logs in over SSH, the machine that runs `pulumi` included.
   * Only with `aws`.
   * @example [198.51.100.0/24]
   */
  adminCidrs?: string[];
  /**
   * Release of Ubuntu; the newest image of it is taken once, and a newer one never replaces a machine. One of 22.04, 24.04.
   * Only with `aws`.
   * @default "22.04"
   * @example "24.04"
   */
  ubuntu?: string;
  /**
   * Id of an image of Ubuntu 22.04 or 24.04.
   * Only with `aws`.
   * @example ami-0123456789abcdef0
   */
  image?: string;
  /**
   * Size of the encrypted volume.
   * Unit: gigabytes.
   * Only with `aws`.
   * @default 20
   * @example 50
   */
  volumeGigabytes?: number;
  /**
   * Whether the machines may not be ended: a destroy, a removal and a replacement are refused, and nothing is touched, until it is `false` and an `up` has said so.
   * Only with `aws`.
   * @default false
   * @example false
   */
  terminationProtection?: boolean;
  /**
   * Whether the machines have IPv6 addresses as well, for the page, TURN and media; an adopted subnet must have a range of them.
   * Only with `aws`.
   * @default false
   * @example false
   */
  ipv6?: boolean;
  /**
   * Letter of the availability zone of our own subnet, for a region in which not every zone has every instance type.
   * Only with `aws`.
   * @default AWS chooses
   * @example a
   */
  zone?: string;
  /**
   * A network that exists already and is adopted; nothing in it is changed but our security groups.
   * Only with `aws`.
   * @default a VPC of our own
   * @example { vpc: vpc-0123456789abcdef0, subnet: subnet-0123456789abcdef0 }
   */
  network?: NetworkArgs;
  /**
   * HTTP proxy through which the machines reach the Internet: packages, certificates, uploads, webhooks. Hosts of the deployment and addresses of closed networks are reached without it (docs/OPERATIONS.md#servers-behind-a-proxy).
   * @default what /etc/environment and apt on the machine itself say
   * @example http://proxy.example.org:3128
   */
  httpProxy?: string;
  /**
   * Who logs in: root, or somebody who may use sudo without a password.
   * Only with `existing`.
   * @example ubuntu
   */
  user?: string;
  /**
   * Port of the SSH server.
   * Only with `existing`.
   * @default 22
   * @example 2222
   */
  port?: number;
  /**
   * A machine between us and the machines: SSH goes through it.
   * Only with `existing`.
   * @default none
   * @example { address: 198.51.100.4, hostKey: "ssh-ed25519 AAAA…" }
   */
  jumpHost?: JumpHostArgs;
  /**
   * Release of Debian or Ubuntu that the guests run; near-jammy is Debian 12 made to behave as Ubuntu 22.04. One of trixie, bookworm, near-jammy, jammy, noble.
   * Only with `lab`.
   * @default "trixie"
   * @example bookworm
   */
  suite?: string;
  /**
   * Package mirror from which guests are built.
   * Only with `lab`.
   * @default the public mirror of the suite
   * @example http://deb.debian.org/debian
   */
  mirror?: string;
  /**
   * Most memory that a guest may use.
   * Unit: megabytes.
   * Only with `lab`.
   * @default no limit
   * @example 2048
   */
  memoryMegabytes?: number;
}

/** A machine between us and the machines: SSH goes through it. */
export interface JumpHostArgs {
  /**
   * IP address of the jump host.
   * @example 198.51.100.4
   */
  address: string;
  /**
   * The jump host's own SSH host key.
   * @example "ssh-ed25519 AAAA…"
   */
  hostKey: string;
  /**
   * Who logs in to the jump host.
   * @default the `user` of the machines
   * @example ubuntu
   */
  user?: string;
  /**
   * Port of the SSH server.
   * @default 22
   * @example 2222
   */
  port?: number;
}

/** A network that exists already and is adopted; nothing in it is changed but our security groups. */
export interface NetworkArgs {
  /**
   * Id of the VPC.
   * @example vpc-0123456789abcdef0
   */
  vpc: string;
  /**
   * Id of the public subnet.
   * @example subnet-0123456789abcdef0
   */
  subnet: string;
}
