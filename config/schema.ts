import { z } from "zod";
import { DEFAULT_PACKAGES } from "../facts/packageSources";
import { DEFAULT_RELEASE } from "../facts/packageVersions";
import { access, DEFAULT_ACCESS, tokenSecret } from "./access";
import { audience } from "./audience";
import { acmeEabKey, certificate } from "./certificate";
import { counter, counters, repair } from "./counters";
import { dns } from "./dns";
import { events } from "./events";
import { features } from "./features";
import { extra } from "./extra/extra";
import type { Logo } from "./logo";
import { group, integer, structure, toggle } from "./field";
import { regions } from "./regions";
import { restarts } from "./restarts";
import { participants } from "./participants";
import { turn } from "./turn";
import { verification } from "./verification";
import { monitoring } from "./monitoring";
import { mailPassword } from "./receivers";
import { recording, recordingAccessKey, recordingSecretKey } from "./recording";
import { web } from "./web";
import { privateKey, serverKey } from "./pemTexts";
import { domain, email, version } from "./texts";
import { keySource, repository } from "./urls";

const packages = structure(
  group("Package sources.", "{ jitsiRepository: https://mirror.example.org/jitsi }"),
  {
    jitsiRepository: repository({
      description: "Repository of Jitsi's packages; the suite is `stable/`.",
      example: "https://mirror.example.org/jitsi",
    }).default(DEFAULT_PACKAGES.jitsiRepository),
    jitsiKey: keySource({
      description: "Key that signs Jitsi's repository.",
      example: "/usr/share/keyrings/jitsi.gpg",
    }).default(DEFAULT_PACKAGES.jitsiKey),
    prosodyRepository: repository({
      description:
        "Repository of Prosody's packages; used on Ubuntu and Debian 12; on Debian 13 the package of Debian is used.",
      example: "https://mirror.example.org/prosody",
    }).default(DEFAULT_PACKAGES.prosodyRepository),
    prosodyKey: keySource({
      description: "Key that signs Prosody's repository.",
      example: "/usr/share/keyrings/prosody.gpg",
    }).default(DEFAULT_PACKAGES.prosodyKey),
  },
);

const release = structure(group("Package versions.", '{ prosody: "13.0.*" }'), {
  prosody: version({ description: "Prosody.", example: '"13.0.*"' }).default(DEFAULT_RELEASE.prosody),
  jicofo: version({ description: "Package jicofo.", example: "1.0-1189-1" }).default(DEFAULT_RELEASE.jicofo),
  videobridge: version({
    description: "Package jitsi-videobridge2; the same on all bridges, otherwise a room cannot span them.",
    example: "2.3-307-g4bb0aead1-1",
  }).default(DEFAULT_RELEASE.videobridge),
  meetProsody: version({
    description: "Package jitsi-meet-prosody; only its Prosody plugins are used.",
    example: "1.0.9365-1",
  }).default(DEFAULT_RELEASE.meetProsody),
  meetWeb: version({
    description: "Package jitsi-meet-web (the page); of the same release as `meetProsody`.",
    example: "1.0.9365-1",
  }).default(DEFAULT_RELEASE.meetWeb),
  jibri: version({ description: "Package jibri.", example: '"8.0-*"' }).default(DEFAULT_RELEASE.jibri),
});

const secrets = structure(group("Rotation counters of the generated passwords.", "{ videobridge: 2 }"), {
  focusClient: counter("jicofo at the clients' Prosody"),
  focusService: counter("jicofo at the bridges' Prosody"),
  videobridge: counter("the bridges"),
  turn: counter("TURN, from which the participants' credentials are derived"),
  recorders: counters("recorder", "{ rec-1: 2 }"),
  moderators: counters("moderator", "{ anna: 2 }"),
});

const drain = structure(
  group("How a bridge is drained before it is parked or removed.", "{ deadlineMinutes: 30 }"),
  {
    deadlineMinutes: integer(
      {
        description:
          "How long a drain waits for participants to leave; the remaining participants are then moved to other bridges.",
        unit: "minutes",
        example: "30",
        rule: "A deadline is a whole number of minutes from 0 to 1440, which is a day.",
        fix: "Write 0 to move everybody at once.",
      },
      0,
      1440,
    ).default(10),
  },
);

const brewery = structure(
  group(
    "The brewery: the XMPP room (MUC) in which bridges announce themselves to jicofo.",
    "{ presenceFilter: false }",
  ),
  {
    presenceFilter: toggle(
      "Does not send the presence of a bridge to the other bridges. Without it, N bridges get N² presences every 5 seconds.",
    ).default(true),
  },
);

const watchdog = toggle(
  "Looks on the core for what daemons do not notice themselves (a frozen bridge, one outside the brewery, a jicofo that lost count of bridges or does not answer), acts once within written rules (docs/OPERATIONS.md), and raises an alert.",
);

const maxBridgeParticipants = integer(
  {
    description: "Largest number of participants of one room that jicofo places on one bridge.",
    unit: "participants",
    example: "200",
    rule: "The cap of a bridge is a whole number from 1 to 2000.",
    fix: "Leave it out for 220, which suits four cores.",
  },
  1,
  2000,
);

/** The whole configuration, key by key as it stands in the stack file after `jitsi:`. */
export const settingsSchema = z.strictObject({
  domain: domain({ description: "Public name of the deployment.", example: "meet.example.org" }),
  contact: email({
    description: "E-mail address for certificate notices and alerts.",
    example: "ops@example.org",
  }),
  regions,
  sshPrivateKey: privateKey({
    description: "SSH private key for existing servers (secret).",
    example: "pulumi config set --secret jitsi:sshPrivateKey --stack STACK < ~/.ssh/id_ed25519",
    fallback: "the SSH agent",
  }).exactOptional(),
  access: access.default(DEFAULT_ACCESS),
  tokenSecret: tokenSecret.exactOptional(),
  packages: packages.prefault({}),
  release: release.prefault({}),
  secrets: secrets.prefault({}),
  audience: audience.prefault({}),
  maxBridgeParticipants: maxBridgeParticipants.default(220),
  certificate: certificate.exactOptional(),
  certificateKey: serverKey({
    description: "Private key of a provided certificate (secret).",
    example: "pulumi config set --secret jitsi:certificateKey --stack STACK < key.pem",
    fallback: "none",
  }).exactOptional(),
  acmeEabKey: acmeEabKey.exactOptional(),
  drain: drain.prefault({}),
  events: events.default([]),
  repair,
  restarts: restarts.default("now"),
  brewery: brewery.prefault({}),
  watchdog: watchdog.default(true),
  verification: verification.prefault({}),
  web: web.prefault({}),
  extra: extra.prefault({}),
  features: features.prefault({}),
  turn: turn.prefault({}),
  participants: participants.prefault({}),
  dns: dns.exactOptional(),
  monitoring: monitoring.exactOptional(),
  mailPassword: mailPassword.exactOptional(),
  recording: recording.exactOptional(),
  recordingAccessKey: recordingAccessKey.exactOptional(),
  recordingSecretKey: recordingSecretKey.exactOptional(),
});

/** Secrets that an operator brings, each a key of its own. */
export const SECRETS = [
  "sshPrivateKey",
  "tokenSecret",
  "certificateKey",
  "acmeEabKey",
  "mailPassword",
  "recordingAccessKey",
  "recordingSecretKey",
] as const;

/** Everything that was configured, defaults filled in. Secrets stay out. */
export type Settings = Omit<z.output<typeof settingsSchema>, (typeof SECRETS)[number] | "web"> & {
  web: Omit<z.output<typeof web>, "logo"> & { logo?: Logo };
  /** Whether the keys of the storage are set. */
  hasRecordingKeys: boolean;
};

/** Keys that are encrypted; all others are readable in previews and must not be. */
export const SECRET_KEYS: ReadonlySet<string> = new Set(SECRETS.map((name) => `jitsi:${name}`));

/** Keys whose value is plain text; the value of every other key is JSON. */
export const TEXT_KEYS: ReadonlySet<string> = new Set(["domain", "contact", ...SECRETS]);
