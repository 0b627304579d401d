// Generated from the schema in config/: npx tsx tools/argumentTypes.ts
/* eslint-disable @typescript-eslint/no-explicit-any -- settings of the page are whatever JSON has, restarts a word or a structure */
import type * as pulumi from "@pulumi/pulumi";

/** A whole deployment of Audio Meet. */
export interface AudioMeetArgs {
  /**
   * Public name of the deployment.
   * @example meet.example.org
   */
  domain: string;
  /**
   * E-mail address for certificate notices and alerts.
   * @example ops@example.org
   */
  contact: string;
  /**
   * The regions of the deployment and their machines.
   * @example [{ name: eu, machines: { provider: existing, user: ubuntu }, core: { address: 203.0.113.10, hostKey: ssh-ed25519 AAAA… }, videobridges: [{ id: fra-1, on: core }] }]
   */
  regions: RegionArgs[];
  /**
   * SSH private key for existing servers (secret).
   * @default the SSH agent
   * @example config.requireSecret("sshPrivateKey")
   */
  sshPrivateKey?: pulumi.Input<string>;
  /**
   * Who may open a room. `open`: anyone who knows its name. `moderated`: the moderators named here; guests wait for them. `token`: only users with a JWT (docs/ACCESS.md).
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
   * Largest number of participants of one room that jicofo places on one bridge.
   * Unit: participants.
   * @default 220
   * @example 200
   */
  maxBridgeParticipants?: number;
  /**
   * Certificate of the page.
   * @default `{ issuer: letsencrypt }`; `{ issuer: internal }` where the core is a lab host
   * @example { issuer: letsencrypt }
   */
  certificate?: CertificateArgs;
  /**
   * Private key of a provided certificate (secret).
   * @default none
   * @example config.requireSecret("certificateKey")
   */
  certificateKey?: pulumi.Input<string>;
  /**
   * HMAC key for external account binding at the authority (secret).
   * @default none
   * @example config.requireSecret("acmeEabKey")
   */
  acmeEabKey?: pulumi.Input<string>;
  /**
   * How a bridge is drained before it is parked or removed.
   * @example { deadlineMinutes: 30 }
   */
  drain?: DrainArgs;
  /**
   * Conferences for which parked bridges are woken: `npm run events` says which bridges have to be in service now, and sets their `parked` (docs/OPERATIONS.md). `up` itself looks at no clock.
   * @default []
   * @example [{ at: "2026-12-06 10:00 Europe/Berlin", hours: 3, participants: 900 }]
   */
  events?: EventsArgs[];
  /**
   * Steps that run again, by `HOST/STEP`: the next `up` runs each whose number is new. `npm run drift -- --repair` writes them ([drift](OPERATIONS.md#drift)).
   * @example { core/prosody: 1 }
   */
  repair?: { [name: string]: number };
  /**
   * When restarts happen that would throw people out of conferences or end recordings: `now`, in the `up` that needs them; `whenEmpty`, as soon as nobody is in a conference; `{ window: "Sun 03:00-05:00 Europe/Berlin" }`, in that time of each week, whoever is there. Until then everything that belongs to such a restart waits on the core, and `up` says what is owed (docs/OPERATIONS.md).
   * @default "now"
   * @example { window: "Sun 03:00-05:00 Europe/Berlin" }
   */
  restarts?: any;
  /**
   * The brewery: the XMPP room (MUC) in which bridges announce themselves to jicofo.
   * @example { presenceFilter: false }
   */
  brewery?: BreweryArgs;
  /**
   * Looks on the core for what daemons do not notice themselves (a frozen bridge, one outside the brewery, a jicofo that lost count of bridges or does not answer), acts once within written rules (docs/OPERATIONS.md), and raises an alert.
   * @default true
   * @example false
   */
  watchdog?: boolean;
  /**
   * What `up` proves at its end, as participants do.
   * @example { ear: relayed }
   */
  verification?: VerificationArgs;
  /**
   * Texts of the page, and the sites that may embed it.
   * @example { language: de }
   */
  web?: WebArgs;
  /**
   * Settings of daemons that no other key has. What would undo a promise of this deployment is refused (docs/EXTRA.md).
   * @example { jicofo: "jicofo.conference.initial-timeout = 30 seconds" }
   */
  extra?: ExtraArgs;
  /**
   * Switches for participants.
   * @example { chat: false }
   */
  features?: FeaturesArgs;
  /**
   * TURN, for participants whose network blocks UDP.
   * @example { tls443: true }
   */
  turn?: TurnArgs;
  /**
   * How the region of a participant is found.
   * @example { regionHeader: CF-IPCountry }
   */
  participants?: ParticipantsArgs;
  /**
   * Creates the DNS records for the core. Without it, the outputs list the records that you have to set.
   * @default you set the records
   * @example { route53Zone: Z0123456789ABCDEFGHIJ }
   */
  dns?: DnsArgs;
  /**
   * Networks that may read metrics, and where alerts are sent. Without it, no host collects or serves metrics.
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
   * What recorders record, and where it is uploaded; required when a region has a recorder. Setting or removing it restarts Prosody and jicofo, and everybody has to join again. Adding or removing recorders later restarts neither.
   * @default no recordings, and no recorders allowed
   * @example { storage: { bucket: meet-recordings, region: eu-central-1 } }
   */
  recording?: RecordingArgs;
  /**
   * Access key id of the recorders for the bucket (secret).
   * @default the role of the EC2 instance
   * @example config.requireSecret("recordingAccessKey")
   */
  recordingAccessKey?: pulumi.Input<string>;
  /**
   * Secret access key of the recorders for the bucket (secret).
   * @default the role of the EC2 instance
   * @example config.requireSecret("recordingSecretKey")
   */
  recordingSecretKey?: pulumi.Input<string>;
}

/** What recorders record, and where it is uploaded; required when a region has a recorder. Setting or removing it restarts Prosody and jicofo, and everybody has to join again. Adding or removing recorders later restarts neither. */
export interface RecordingArgs {
  /**
   * `audio`: sound alone (Opus in Ogg, about 22 MB an hour). `video`: with a small picture of the page (MP4). One of audio, video.
   * @default "audio"
   * @example video
   */
  format?: string;
  /**
   * Where recordings are uploaded: a bucket of Amazon S3 or of another S3-compatible storage.
   * @example { bucket: meet-recordings, region: eu-central-1 }
   */
  storage: StorageArgs;
  /**
   * Days without success after which a recorder reports that a recording could not be uploaded. It keeps the file, and still tries a few times a day.
   * Unit: days.
   * @default 7
   * @example 3
   */
  retryDays?: number;
  /**
   * How long a recorder keeps its own copy after the upload was verified; a full disk shortens it.
   * Unit: days.
   * @default 0
   * @example 3
   */
  keepDays?: number;
  /**
   * Who is notified when a recording was uploaded, or could not be uploaded.
   * @default nobody; the result is in the systemd journal
   * @example { webhook: https://hooks.example.org/recordings }
   */
  notify?: NotifyArgs;
}

/** Who is notified when a recording was uploaded, or could not be uploaded. */
export interface NotifyArgs {
  /**
   * Address to which each result is posted as JSON. It is visible in previews, so it must not contain a secret.
   * @default no webhook
   * @example https://alerts.example.org/hook
   */
  webhook?: string;
  /**
   * E-mail settings for results.
   * @default no mail
   * @example { server: smtp.example.org:587, from: audio-meet@example.org, user: audio-meet@example.org }
   */
  mail?: MailArgs;
}

/** Where recordings are uploaded: a bucket of Amazon S3 or of another S3-compatible storage. */
export interface StorageArgs {
  /**
   * Name of the bucket; it must exist unless `create` is set.
   * @example meet-recordings
   */
  bucket: string;
  /**
   * Address of the storage, if it is not Amazon S3.
   * @default Amazon S3
   * @example https://s3.example.org
   */
  endpoint?: string;
  /**
   * Region of the bucket, by its name at the storage.
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
   * Creates the bucket at Amazon S3: private, encrypted, versioned, TLS only.
   * @default the bucket must exist
   * @example { expireDays: 365 }
   */
  create?: OwnBucketArgs;
  /**
   * CA certificates in PEM that signed the certificate of the endpoint, if systems do not trust them by default.
   * @default the CA certificates of the system
   * @example |
   */
  caBundle?: string;
}

/** Creates the bucket at Amazon S3: private, encrypted, versioned, TLS only. */
export interface OwnBucketArgs {
  /**
   * Age at which recordings are deleted; they can be restored for another 30 days.
   * Unit: days.
   * @default never
   * @example 365
   */
  expireDays?: number;
  /**
   * Whether `pulumi destroy` deletes the bucket and every recording in it; run `pulumi up` with it first.
   * @default false
   * @example false
   */
  deleteWithStack?: boolean;
}

/** Networks that may read metrics, and where alerts are sent. Without it, no host collects or serves metrics. */
export interface MonitoringArgs {
  /**
   * Networks that may read the metrics of all hosts, in addition to the monitoring machine; never the whole Internet.
   * @default []
   * @example [198.51.100.0/24]
   */
  networks?: string[];
  /**
   * Where Alertmanager posts alerts (its JSON); it is visible in previews, so it must not contain a secret.
   * @default no webhook
   * @example https://alerts.example.org/hook
   */
  webhook?: string;
  /**
   * E-mail settings for alerts.
   * @default no mail
   * @example { server: smtp.example.org:587, from: audio-meet@example.org, user: audio-meet@example.org }
   */
  mail?: MailArgs;
}

/** E-mail settings for alerts. */
export interface MailArgs {
  /**
   * SMTP server that accepts mail from the monitoring machine, over STARTTLS, or over TLS on port 465. Its certificate must be valid for the system's CA certificates.
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

/** Creates the DNS records for the core. Without it, the outputs list the records that you have to set. */
export interface DnsArgs {
  /**
   * Id of the public hosted zone at Route 53 that contains the domain; the program keeps the records of the domain and of TURN there.
   * @example Z0123456789ABCDEFGHIJ
   */
  route53Zone: string;
}

/** How the region of a participant is found. */
export interface ParticipantsArgs {
  /**
   * HTTP header in which a proxy or CDN in front of the page sends the participant's location; `headerValues` of the regions assign its values.
   * @default none
   * @example CF-IPCountry
   */
  regionHeader?: string;
}

/** TURN, for participants whose network blocks UDP. */
export interface TurnArgs {
  /**
   * Runs coturn (TURN) on the core. Without it, participants whose network blocks UDP can join, but cannot hear or be heard.
   * @default true
   * @example false
   */
  enabled?: boolean;
  /**
   * Serves TURN over TLS on port 443, together with the page, for networks that allow nothing else. TURN then has its own name, which tells the two apart (SNI). Otherwise it uses port 5349.
   * @default false
   * @example false
   */
  tls443?: boolean;
  /**
   * DNS name of the TURN server. It must resolve to the core, and the certificate contains it.
   * @default `domain`; with `tls443`: `turn.` and `domain`
   * @example turn.example.org
   */
  name?: string;
}

/** Switches for participants. */
export interface FeaturesArgs {
  /**
   * Shows a page before the conference that asks for name and microphone. It also spreads the load when everybody joins at once.
   * @default true
   * @example false
   */
  prejoinPage?: boolean;
  /**
   * Requires a name to join.
   * @default true
   * @example false
   */
  displayNameRequired?: boolean;
  /**
   * Shows a chat. Each message is sent once to every participant.
   * @default true
   * @example false
   */
  chat?: boolean;
  /**
   * Shows reactions (such as clapping). Off by default: each reaction is sent to every participant.
   * @default false
   * @example false
   */
  reactions?: boolean;
  /**
   * Enables XMPP stream management (XEP-0198): Prosody stores stanzas that a participant has not acknowledged and lets a broken connection resume. Anonymous logins cannot resume. Off by default: Prosody needs half as much CPU again (docs/SCALING.md), less with `broadcastOnce`.
   * @default false
   * @example false
   */
  streamManagement?: boolean;
  /**
   * Lets Prosody write what goes to everybody in a room once, and not again for each who receives it. It nearly halves the CPU of a join (docs/SCALING.md). Off: Prosody writes each anew, as it comes.
   * @default true
   * @example false
   */
  broadcastOnce?: boolean;
  /**
   * Leaves out of presences, for pages alone, what no page reads of another participant: capabilities, codecs for video, names for statistics. Jicofo and recorders get them whole. It is part of `broadcastOnce` and does nothing without it. Off: for a page of your own that reads these.
   * @default true
   * @example false
   */
  slimPresences?: boolean;
  /**
   * Loads Jitsi's own Prosody modules for every conference: meeting id, no join before jicofo, hidden rooms, room metadata, duration, one message instead of four queries at login. Off: conferences have none of these; the features below and `joinRateLimit` need it.
   * @default true
   * @example false
   */
  jitsiModules?: boolean;
  /**
   * Lets moderators decide who may unmute. It costs messages only while it is used.
   * @default true
   * @example false
   */
  avModeration?: boolean;
  /**
   * Lets moderators end the conference for everybody. It costs nothing until it is used.
   * @default true
   * @example false
   */
  endConference?: boolean;
  /**
   * Lets moderators switch on a lobby, where participants wait until they are admitted. It costs a check of each stanza, and a second room while it is on.
   * @default true
   * @example false
   */
  lobby?: boolean;
  /**
   * Lets moderators create breakout rooms. Off by default: while there are any, Prosody sends the list of all 500 participants to all 500 each time that one of them moves.
   * @default false
   * @example false
   */
  breakoutRooms?: boolean;
  /**
   * Lets participants create polls. Off by default: every vote is sent to everyone, so 500 votes are 250,000 messages.
   * @default false
   * @example false
   */
  polls?: boolean;
  /**
   * Shows how long each participant has spoken. Off by default: each change of speaker sends a message to Prosody, and each participant who joins gets the whole list.
   * @default false
   * @example false
   */
  speakerStats?: boolean;
  /**
   * Number of participants that may join a room per second; the others wait in a queue (mod_muc_rate_limit). When 500 join at once, the last one waits 500 divided by this number, in seconds. It saves no CPU. `check` prints the waiting time.
   * Unit: participants per second.
   * @default no limit
   * @example 30
   */
  joinRateLimit?: number;
  /**
   * Largest number of participants in a room; further participants are refused.
   * Unit: participants.
   * @default no limit
   * @example 600
   */
  maxRoomParticipants?: number;
}

/** Settings of daemons that no other key has. What would undo a promise of this deployment is refused (docs/EXTRA.md). */
export interface ExtraArgs {
  /**
   * Directives at the end of the server block of the page; headers outside of a location go into every answer (docs/EXTRA.md).
   * @default none
   * @example location = /status { return 200 ok; }
   */
  nginx?: string;
  /**
   * Options of the main Prosody, for all of its hosts (docs/EXTRA.md).
   * @default none
   * @example c2s_tcp_keepalives = true
   */
  prosody?: string;
  /**
   * Options of the Prosody of the bridges, for all of its hosts (docs/EXTRA.md).
   * @default none
   * @example c2s_tcp_keepalives = true
   */
  prosodyJvb?: string;
  /**
   * Settings of jicofo, at the end of jicofo.conf (docs/EXTRA.md).
   * @default none
   * @example jicofo.conference.initial-timeout = 30 seconds
   */
  jicofo?: string;
  /**
   * Settings of every bridge, at the end of jvb.conf (docs/EXTRA.md).
   * @default none
   * @example videobridge.entity-expiration.timeout = 2 minutes
   */
  videobridge?: string;
}

/** Texts of the page, and the sites that may embed it. */
export interface WebArgs {
  /**
   * Language of the page if it has none of the browser's languages.
   * @default "en"
   * @example de
   */
  language?: string;
  /**
   * Name of the service on the page and in the browser tab.
   * @default "Audio Meet"
   * @example Town hall
   */
  title?: string;
  /**
   * Text that is shown to everybody in a conference; empty for none.
   * @default ""
   * @example "This conference is recorded."
   */
  notice?: string;
  /**
   * Sites that may embed the page in a frame (Moodle, Nextcloud, a portal with external_api.js); their frame needs allow="microphone".
   * @default []
   * @example [https://portal.example.org]
   */
  embedIn?: string[];
  /**
   * Logo of the page: an svg or png file of at most 100 kB in the folder of the stack file, or an https address, from which the participants' browsers load it.
   * @default Jitsi's
   * @example ./logo.svg
   */
  logo?: string;
  /**
   * Your own pages, linked from the start page; the logo in a conference links to it.
   * @example { privacy: https://www.example.org/privacy, imprint: https://www.example.org/imprint }
   */
  links?: LinksArgs;
  /**
   * Settings of Jitsi's page that no other key has, merged into config.js (docs/EXTRA.md). What would switch on video, or lead elsewhere, is refused.
   * @default none
   * @example { disabledSounds: [ASKED_TO_UNMUTE_SOUND], toolbarConfig: { alwaysVisible: true } }
   */
  config?: { [name: string]: any };
}

/** Your own pages, linked from the start page; the logo in a conference links to it. */
export interface LinksArgs {
  /**
   * Privacy policy; also linked in the settings of Jitsi's apps.
   * @default no link
   * @example https://www.example.org/privacy
   */
  privacy?: string;
  /**
   * Imprint: the provider of the service.
   * @default no link
   * @example https://www.example.org/imprint
   */
  imprint?: string;
  /**
   * Terms of use; also linked in the settings of Jitsi's apps.
   * @default no link
   * @example https://www.example.org/terms
   */
  terms?: string;
  /**
   * Help page; also linked by a button in a conference and in Jitsi's apps.
   * @default no link
   * @example https://www.example.org/help
   */
  help?: string;
}

/** What `up` proves at its end, as participants do. */
export interface VerificationArgs {
  /**
   * Which paths `up` proves by ear: two synthetic participants with real sound on each bridge and each pair of regions, from the machine that runs `pulumi`, which needs Go 1.26 or newer for it. `up` fails where one is silent (docs/REHEARSE.md). `all`: over UDP, and over TURN over TLS. `relayed`: over TURN over TLS alone, where that machine gets no UDP out. `none`: no path. One of all, relayed, none.
   * @default `all`; `none` where others make the tokens (`jwks`, `keyServer`) or the certificate is a test one (`staging`)
   * @example relayed
   */
  ear?: string;
}

/** The brewery: the XMPP room (MUC) in which bridges announce themselves to jicofo. */
export interface BreweryArgs {
  /**
   * Does not send the presence of a bridge to the other bridges. Without it, N bridges get N² presences every 5 seconds.
   * @default true
   * @example false
   */
  presenceFilter?: boolean;
}

/** An event. */
export interface EventsArgs {
  /**
   * Day, time and time zone of its begin, by a clock on the wall there.
   * @example "2026-12-06 10:00 Europe/Berlin"
   */
  at: string;
  /**
   * How long it lasts.
   * Unit: hours.
   * @example 3
   */
  hours: number;
  /**
   * People expected, in all rooms together.
   * Unit: participants.
   * @example 900
   */
  participants: number;
}

/** How a bridge is drained before it is parked or removed. */
export interface DrainArgs {
  /**
   * How long a drain waits for participants to leave; the remaining participants are then moved to other bridges.
   * Unit: minutes.
   * @default 10
   * @example 30
   */
  deadlineMinutes?: number;
}

/** Certificate of the page. */
export interface CertificateArgs {
  /**
   * Issuer. `letsencrypt`; `acme`: another authority with an ACME server; `provided`: your own certificate; `internal`: the private authority of the deployment, for a closed network. With the last three, private addresses are allowed as public addresses. One of letsencrypt, acme, provided, internal.
   * @example letsencrypt
   */
  issuer: string;
  /**
   * Requests the certificate from Let's Encrypt's staging environment, for tests: browsers refuse it, and its rate limits are high.
   * Only with `letsencrypt`.
   * @default false
   * @example false
   */
  staging?: boolean;
  /**
   * Before the first certificate, does a test run with the staging environment, so that failed attempts do not count against the weekly rate limits.
   * Only with `letsencrypt`.
   * @default true
   * @example false
   */
  rehearsal?: boolean;
  /**
   * Directory URL of the authority's ACME server.
   * Only with `acme`.
   * @example https://ca.example.org/acme/directory
   */
  server?: string;
  /**
   * Directory URL of the authority's test server, used before the first certificate.
   * Only with `acme`.
   * @default no test run
   * @example https://test.ca.example.org/acme/directory
   */
  rehearsalServer?: string;
  /**
   * CA certificates in PEM that signed the ACME server's own certificate, and that sign the certificates it issues.
   * Only with `acme`, `provided`.
   * @default the CA certificates of the core's system
   * @example |
   */
  caBundle?: string;
  /**
   * Key id for external account binding at the authority; the HMAC key is `acmeEabKey`.
   * Only with `acme`.
   * @default no external account binding
   * @example kid-1
   */
  externalAccount?: string;
  /**
   * Certificate chain in PEM: the certificate of the domain, then each certificate that signed the one before it. Its private key is `certificateKey`.
   * Only with `provided`.
   * @example |
   */
  chain?: string;
}

/** Sizing target. */
export interface AudienceArgs {
  /**
   * Expected number of people in the largest room; `check` and `up` warn if the bridges carry fewer.
   * Unit: participants.
   * @default 500
   * @example 300
   */
  participants?: number;
  /**
   * Number of people of one room who may speak: whoever joins after them is a visitor, who listens, chats, and speaks when a moderator has admitted him (docs/FEATURES.md). Visitors log in at Prosodys of their own on the core, one for each 1000. The first time, and whenever it is removed, Prosody and jicofo restart.
   * Unit: people.
   * @default everybody may speak
   * @example 300
   */
  speakers?: number;
  /**
   * Hours per month in which they all listen; used to estimate the traffic cost on AWS.
   * Unit: hours a month.
   * @default 20
   * @example 8
   */
  hoursPerMonth?: number;
}

/** Rotation counters of the generated passwords. */
export interface RotationCountersArgs {
  /**
   * Password counter of jicofo at the clients' Prosody: a new number creates a new password.
   * @default 1
   * @example 2
   */
  focusClient?: number;
  /**
   * Password counter of jicofo at the bridges' Prosody: a new number creates a new password.
   * @default 1
   * @example 2
   */
  focusService?: number;
  /**
   * Password counter of the bridges: a new number creates a new password.
   * @default 1
   * @example 2
   */
  videobridge?: number;
  /**
   * Password counter of TURN, from which the participants' credentials are derived: a new number creates a new password.
   * @default 1
   * @example 2
   */
  turn?: number;
  /**
   * Password counter of each recorder: a new number creates a new password.
   * @example { rec-1: 2 }
   */
  recorders?: { [name: string]: number };
  /**
   * Password counter of each moderator: a new number creates a new password.
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
   * Package jitsi-videobridge2; the same on all bridges, otherwise a room cannot span them.
   * @default "2.3-307-g4bb0aead1-1"
   * @example 2.3-307-g4bb0aead1-1
   */
  videobridge?: string;
  /**
   * Package jitsi-meet-prosody; only its Prosody plugins are used.
   * @default "1.0.9365-1"
   * @example 1.0.9365-1
   */
  meetProsody?: string;
  /**
   * Package jitsi-meet-web (the page); of the same release as `meetProsody`.
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
   * Key that signs Jitsi's repository.
   * @default "https://download.jitsi.org/jitsi-key.gpg.key"
   * @example /usr/share/keyrings/jitsi.gpg
   */
  jitsiKey?: string;
  /**
   * Repository of Prosody's packages; used on Ubuntu and Debian 12; on Debian 13 the package of Debian is used.
   * @default "http://packages.prosody.im/debian"
   * @example https://mirror.example.org/prosody
   */
  prosodyRepository?: string;
  /**
   * Key that signs Prosody's repository.
   * @default "https://prosody.im/files/prosody-debian-packages.key"
   * @example /usr/share/keyrings/prosody.gpg
   */
  prosodyKey?: string;
}

/** Who may open a room. `open`: anyone who knows its name. `moderated`: the moderators named here; guests wait for them. `token`: only users with a JWT (docs/ACCESS.md). */
export interface AccessArgs {
  /** Kind: open, moderated, token. */
  kind: string;
  /**
   * Names of the moderators, who may open rooms. Each gets a password, shown in the output `moderators`.
   * Only with `moderated`.
   * @example [anna, ben]
   */
  moderators?: string[];
  /**
   * Name of the application that issues tokens; default for `issuers` and `audiences`.
   * Only with `token`.
   * @example town-hall
   */
  appId?: string;
  /**
   * Address of an identity provider's keys (JWKS). Tokens are then signed with RS256, PS256 or ES256.
   * Only with `token`.
   * @default none
   * @example https://id.example.org/realms/meet/protocol/openid-connect/certs
   */
  jwks?: string;
  /**
   * Address of a key server, which has the public keys of token issuers at `<url>/<sha256 of the key's id>.pem`. Without it and `jwks`, tokens are signed with `tokenSecret`.
   * Only with `token`.
   * @default none
   * @example https://keys.example.org/jwt
   */
  keyServer?: string;
  /**
   * CA certificates in PEM that may have signed the certificate of `jwks` or `keyServer`, in addition to the system's.
   * Only with `token`.
   * @default the CA certificates of the system
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
   * Claims of a token.
   * Only with `token`.
   * @example { moderator: realm_access.roles, moderatorValue: host }
   */
  claims?: ClaimsArgs;
}

/** Claims of a token. */
export interface ClaimsArgs {
  /**
   * Meaning of the claim `sub`. `domain`: the domain of the deployment, or `*`, as in tokens that are made for Jitsi. `user`: the id of the user, as identity providers set it. One of domain, user.
   * @default `domain`; `user` with `jwks`
   * @example user
   */
  subject?: string;
  /**
   * Whether a token needs the claim `room`: `required` or `optional`. With `optional`, a token without it opens every room. A token with a room always opens only that room. One of required, optional.
   * @default `required`; `optional` with `jwks`
   * @example optional
   */
  room?: string;
  /**
   * Claim that marks a moderator.
   * @default "context.user.moderator"
   * @example realm_access.roles
   */
  moderator?: string;
  /**
   * Value of that claim for a moderator, alone or in a list. Without it, the claim must be `true`.
   * @example host
   */
  moderatorValue?: string;
  /**
   * Claim that holds the user's name.
   * @default "context.user.name"
   * @example name
   */
  name?: string;
}

/** One place with machines of one kind. */
export interface RegionArgs {
  /**
   * Name of the region; bridges of one region are preferred for each other.
   * @example eu
   */
  name: string;
  /**
   * Kind of the machines in this region.
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
   * A separate machine with Prometheus and Alertmanager; at most one region has it.
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
   * The recorders of the region; each makes one recording at a time.
   * @default []
   * @example [{ id: rec-1 }]
   */
  recorders?: RecorderArgs[];
  /**
   * Who is near to the bridges of this region.
   * @default no participants
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

/** A recorder, on its own machine: it needs four cores and 8 GB while it records. */
export interface RecorderArgs {
  /**
   * Permanent name of the recorder: its resources, host name and its name in jicofo are derived from it.
   * @example rec-1
   */
  id: string;
  /**
   * EC2 instance type. The capacity in the outputs follows from its cores, memory and sustained bandwidth.
   * Only with `aws`.
   * @default the region's
   * @example c7i.xlarge
   */
  instanceType?: string;
  /**
   * Machine counter: a new number replaces the machine. A bridge's old one is emptied once the new one is verified.
   * Only with `aws`, `lab`.
   * @default 1
   * @example 2
   */
  generation?: number;
  /**
   * IP address for SSH; also the public address unless `publicAddress` is set.
   * Only with `existing`.
   * @example 203.0.113.7
   */
  address?: string;
  /**
   * IP address within the region. Bridges and core of one region connect over it if both have one.
   * Only with `existing`.
   * @default none
   * @example 10.0.0.7
   */
  privateAddress?: string;
  /**
   * IP address for participants, if it is not `address`.
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
   * Login name on this machine.
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
   * Hardware of the machine. Without it, cores and memory are read on the machine.
   * Only with `existing`.
   * @default read on the machine
   * @example { cores: 4, memoryMegabytes: 8192, networkMbps: 1000 }
   */
  size?: SizeArgs;
}

/** A bridge. */
export interface VideobridgeArgs {
  /**
   * Permanent name of the bridge: its resources, host name and relay id are derived from it.
   * @example fra-1
   */
  id: string;
  /**
   * EC2 instance type. The capacity in the outputs follows from its cores, memory and sustained bandwidth.
   * Only with `aws`.
   * @default the region's
   * @example c7i.xlarge
   */
  instanceType?: string;
  /**
   * Machine counter: a new number replaces the machine. A bridge's old one is emptied once the new one is verified.
   * Only with `aws`, `lab`.
   * @default 1
   * @example 2
   */
  generation?: number;
  /**
   * Takes the bridge out of service: it is emptied and its daemon is stopped, on EC2 with its instance. Machine, address, keys and account stay. `false` puts it back. Only bridges with this key are woken and parked for `events`.
   * @example false
   */
  parked?: boolean;
  /**
   * IP address for SSH; also the public address unless `publicAddress` is set.
   * Only with `existing`.
   * @example 203.0.113.7
   */
  address?: string;
  /**
   * IP address within the region. Bridges and core of one region connect over it if both have one.
   * Only with `existing`.
   * @default none
   * @example 10.0.0.7
   */
  privateAddress?: string;
  /**
   * IP address for participants, if it is not `address`.
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
   * Login name on this machine.
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
   * Hardware of the machine. Without it, cores and memory are read on the machine.
   * Only with `existing`.
   * @default read on the machine
   * @example { cores: 4, memoryMegabytes: 8192, networkMbps: 1000 }
   */
  size?: SizeArgs;
  /**
   * Runs the bridge on the core's machine. One of core.
   * Only with on: core.
   * @default its own machine
   * @example core
   */
  on?: string;
}

/** A separate machine with Prometheus and Alertmanager; at most one region has it. */
export interface MonitorArgs {
  /**
   * EC2 instance type. The capacity in the outputs follows from its cores, memory and sustained bandwidth.
   * Only with `aws`.
   * @default the region's
   * @example c7i.xlarge
   */
  instanceType?: string;
  /**
   * Machine counter: a new number replaces the machine. A bridge's old one is emptied once the new one is verified.
   * Only with `aws`, `lab`.
   * @default 1
   * @example 2
   */
  generation?: number;
  /**
   * IP address for SSH; also the public address unless `publicAddress` is set.
   * Only with `existing`.
   * @example 203.0.113.7
   */
  address?: string;
  /**
   * IP address within the region. Bridges and core of one region connect over it if both have one.
   * Only with `existing`.
   * @default none
   * @example 10.0.0.7
   */
  privateAddress?: string;
  /**
   * IP address for participants, if it is not `address`.
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
   * Login name on this machine.
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
   * Hardware of the machine. Without it, cores and memory are read on the machine.
   * Only with `existing`.
   * @default read on the machine
   * @example { cores: 4, memoryMegabytes: 8192, networkMbps: 1000 }
   */
  size?: SizeArgs;
}

/** The machine with both Prosodys and jicofo; exactly one region has it. */
export interface CoreArgs {
  /**
   * EC2 instance type. The capacity in the outputs follows from its cores, memory and sustained bandwidth.
   * Only with `aws`.
   * @default the region's
   * @example c7i.xlarge
   */
  instanceType?: string;
  /**
   * Machine counter: a new number replaces the machine. A bridge's old one is emptied once the new one is verified.
   * Only with `aws`, `lab`.
   * @default 1
   * @example 2
   */
  generation?: number;
  /**
   * IP address for SSH; also the public address unless `publicAddress` is set.
   * Only with `existing`.
   * @example 203.0.113.7
   */
  address?: string;
  /**
   * IP address within the region. Bridges and core of one region connect over it if both have one.
   * Only with `existing`.
   * @default none
   * @example 10.0.0.7
   */
  privateAddress?: string;
  /**
   * IP address for participants, if it is not `address`.
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
   * Login name on this machine.
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
   * Hardware of the machine. Without it, cores and memory are read on the machine.
   * Only with `existing`.
   * @default read on the machine
   * @example { cores: 4, memoryMegabytes: 8192, networkMbps: 1000 }
   */
  size?: SizeArgs;
}

/** Hardware of the machine. Without it, cores and memory are read on the machine. */
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
   * Network bandwidth of the machine in one direction.
   * Unit: megabits per second.
   * @default unknown, no limit
   * @example 1000
   */
  networkMbps?: number;
}

/** Kind of the machines in this region. */
export interface MachinesArgs {
  /**
   * Kind of the machines: `aws` (EC2 instances), `existing` (your own servers) or `lab` (guests on this machine).
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
   * EC2 instance type. The capacity in the outputs follows from its cores, memory and sustained bandwidth.
   * Only with `aws`.
   * @default "c7i.xlarge"
   * @example c7i.xlarge
   */
  instanceType?: string;
  /**
   * Address ranges from which SSH is allowed; include the machine that runs `pulumi`.
   * Only with `aws`.
   * @example [198.51.100.0/24]
   */
  adminCidrs?: string[];
  /**
   * Release of Ubuntu. A machine is created from the newest image; a newer image never replaces it. One of 22.04, 24.04.
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
   * Protects the machines: a destroy, a removal or a replacement is refused, and nothing is changed, until it is `false` and `pulumi up` has run. Switch it on after the first `pulumi up`: what a run that failed has made is protected as well.
   * Only with `aws`.
   * @default false
   * @example false
   */
  terminationProtection?: boolean;
  /**
   * Adds IPv6 addresses for the page, TURN and media. An adopted subnet must have an IPv6 range.
   * Only with `aws`.
   * @default false
   * @example false
   */
  ipv6?: boolean;
  /**
   * Letter of the availability zone of the new subnet, for regions in which some zones lack an instance type.
   * Only with `aws`.
   * @default chosen by AWS
   * @example a
   */
  zone?: string;
  /**
   * Existing network to use. Nothing in it is changed; only security groups are added.
   * Only with `aws`.
   * @default a new VPC
   * @example { vpc: vpc-0123456789abcdef0, subnet: subnet-0123456789abcdef0 }
   */
  network?: NetworkArgs;
  /**
   * HTTP proxy through which the machines reach the Internet: packages, certificates, uploads, webhooks. Hosts of the deployment and addresses of closed networks are reached without it (docs/OPERATIONS.md#servers-behind-a-proxy).
   * @default the proxy in /etc/environment or apt's settings on the machine
   * @example http://proxy.example.org:3128
   */
  httpProxy?: string;
  /**
   * Login name: root, or a user with sudo without a password.
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
   * A jump host: SSH connections go through it.
   * Only with `existing`.
   * @default none
   * @example { address: 198.51.100.4, hostKey: "ssh-ed25519 AAAA…" }
   */
  jumpHost?: JumpHostArgs;
  /**
   * Release of Debian or Ubuntu that the guests run; near-jammy is Debian 12 that behaves like Ubuntu 22.04. One of trixie, bookworm, near-jammy, jammy, noble.
   * Only with `lab`.
   * @default "trixie"
   * @example bookworm
   */
  suite?: string;
  /**
   * Package mirror for building guests.
   * Only with `lab`.
   * @default the public mirror of the suite
   * @example http://deb.debian.org/debian
   */
  mirror?: string;
  /**
   * Memory limit of a guest.
   * Unit: megabytes.
   * Only with `lab`.
   * @default no limit
   * @example 2048
   */
  memoryMegabytes?: number;
}

/** A jump host: SSH connections go through it. */
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
   * Login name on the jump host.
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

/** Existing network to use. Nothing in it is changed; only security groups are added. */
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
