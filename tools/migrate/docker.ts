import { parseEnv } from "node:util";
import { type Migration, MigrationError, withoutMeaning } from "./migration";

/** Switches of docker-jitsi-meet that are switches here (its env.example and the handbook's page on Docker). */
const FEATURES: Record<string, { key: string; inverted?: true }> = {
  ENABLE_AV_MODERATION: { key: "avModeration" },
  ENABLE_BREAKOUT_ROOMS: { key: "breakoutRooms" },
  ENABLE_END_CONFERENCE: { key: "endConference" },
  ENABLE_LOBBY: { key: "lobby" },
  ENABLE_PREJOIN_PAGE: { key: "prejoinPage" },
  ENABLE_REQUIRE_DISPLAY_NAME: { key: "displayNameRequired" },
  DISABLE_POLLS: { key: "polls", inverted: true },
  DISABLE_REACTIONS: { key: "reactions", inverted: true },
};

/** Variables that ask for what this program does not have. */
const REFUSED: Record<string, string> = {
  ENABLE_TRANSCRIPTIONS: "transcription is not part of this program",
  ETHERPAD_URL_BASE: "shared documents are not part of this program",
  JIGASI_SIP_URI: "telephones (Jigasi) are not part of this program",
  WHITEBOARD_COLLAB_SERVER_URL_BASE: "the whiteboard is not part of this program",
};

/** Variables that became keys, or that only concern containers. */
const READ = [
  ...[
    "PUBLIC_URL",
    "LETSENCRYPT_DOMAIN",
    "LETSENCRYPT_EMAIL",
    "ENABLE_LETSENCRYPT",
    "LETSENCRYPT_USE_STAGING",
  ],
  ...["LETSENCRYPT_ACME_SERVER", "ENABLE_AUTH", "ENABLE_GUESTS", "AUTH_TYPE", "JWT_APP_ID", "JWT_APP_SECRET"],
  ...["JWT_ACCEPTED_ISSUERS", "JWT_ACCEPTED_AUDIENCES", "JWT_ASAP_KEYSERVER", "JVB_ADVERTISE_IPS"],
  ...["DOCKER_HOST_ADDRESS", "DEFAULT_LANGUAGE", "MAX_PARTICIPANTS", "ENABLE_RECORDING", "HTTP_PORT"],
  // Always so here.
  ...["START_AUDIO_ONLY", "START_VIDEO_MUTED", "START_WITH_VIDEO_MUTED"],
  ...[
    "HTTPS_PORT",
    "JVB_PORT",
    "CONFIG",
    "TZ",
    "RESTART_POLICY",
    "JITSI_IMAGE_VERSION",
    "ENABLE_HTTP_REDIRECT",
  ],
];

const isSecret = (name: string) => /(_PASSWORD|_SECRET|_CREDENTIALS)$/.test(name);
const isOn = (value: string | undefined) => value === "1" || value?.toLowerCase() === "true";

/** The stack of a .env of docker-jitsi-meet. Throws MigrationError where it names no page. */
export function fromDocker(text: string): Migration {
  const env = parseEnv(text) as Record<string, string>;
  const domain = hostOf(env["PUBLIC_URL"]) ?? env["LETSENCRYPT_DOMAIN"];
  if (!domain)
    throw new MigrationError("the file is no .env of docker-jitsi-meet: PUBLIC_URL is missing or empty");
  const access = accessOf(env);
  const features = featuresOf(env);
  const address = (env["JVB_ADVERTISE_IPS"] ?? env["DOCKER_HOST_ADDRESS"])
    ?.split(",")[0]
    ?.split("#")[0]
    ?.trim();
  return {
    config: {
      domain,
      contact: env["LETSENCRYPT_EMAIL"],
      ...(access.config && { access: access.config }),
      ...certificateOf(env),
      ...(env["DEFAULT_LANGUAGE"] && { web: { language: env["DEFAULT_LANGUAGE"] } }),
      ...(Object.keys(features).length > 0 && { features }),
      regions: [
        {
          name: "default",
          machines: { provider: "existing", user: "root" },
          core: { ...(address && { address }) },
          videobridges: [{ id: "main", on: "core" }],
        },
      ],
    },
    secrets: isOn(env["ENABLE_AUTH"]) && env["JWT_APP_SECRET"] ? [tokenSecret] : [],
    changes: changesOf(env),
    refusals: [...access.refusals, ...refusalsOf(env)],
  };
}

const tokenSecret = { key: "jitsi:tokenSecret", from: "the variable JWT_APP_SECRET" };

function hostOf(url: string | undefined): string | undefined {
  return url ? /^(?:https?:\/\/)?([^/:]+)/.exec(url)?.[1] : undefined;
}

function accessOf(env: Record<string, string>): { config?: Record<string, unknown>; refusals: string[] } {
  if (!isOn(env["ENABLE_AUTH"])) return { refusals: [] };
  const type = env["AUTH_TYPE"] ?? "internal";
  if (type === "jwt") return { config: tokenAccess(env), refusals: [] };
  if (type === "internal")
    return {
      config: { kind: "moderated", moderators: [] },
      refusals: ["accounts are not in the .env: name the moderators; each gets a new password"],
    };
  return { refusals: [`AUTH_TYPE=${type}: logins are open, moderated or token here (docs/ACCESS.md)`] };
}

function tokenAccess(env: Record<string, string>): Record<string, unknown> {
  const list = (key: string) => env[key]?.split(",").map((text) => text.trim());
  const issuers = list("JWT_ACCEPTED_ISSUERS");
  const audiences = list("JWT_ACCEPTED_AUDIENCES");
  return {
    kind: "token",
    ...(env["JWT_APP_ID"] && { appId: env["JWT_APP_ID"] }),
    ...(env["JWT_ASAP_KEYSERVER"] && { keyServer: env["JWT_ASAP_KEYSERVER"] }),
    ...(issuers && { issuers }),
    ...(audiences && { audiences }),
  };
}

function certificateOf(env: Record<string, string>): Record<string, unknown> {
  const server = env["LETSENCRYPT_ACME_SERVER"];
  if (server) return { certificate: { issuer: "acme", server } };
  return isOn(env["LETSENCRYPT_USE_STAGING"])
    ? { certificate: { issuer: "letsencrypt", staging: true } }
    : {};
}

function featuresOf(env: Record<string, string>): Record<string, unknown> {
  const switches = Object.entries(FEATURES)
    .filter(([name]) => env[name])
    .map(([name, { key, inverted }]) => [key, isOn(env[name]) !== (inverted === true)] as const);
  const most = env["MAX_PARTICIPANTS"];
  return { ...Object.fromEntries(switches), ...(most && { maxRoomParticipants: Number(most) }) };
}

function changesOf(env: Record<string, string>): string[] {
  const passwords = Object.keys(env).filter((name) => isSecret(name) && name !== "JWT_APP_SECRET");
  const otherPort = env["HTTPS_PORT"] && env["HTTPS_PORT"] !== "443";
  return [
    ...(passwords.length === 0
      ? []
      : [`${passwords.sort().join(", ")}: not read; every password is generated anew`]),
    ...(otherPort ? ["HTTPS_PORT: the page is at port 443; a proxy in front of it is not needed"] : []),
    ...(env["JVB_PORT"] && env["JVB_PORT"] !== "10000" ? ["JVB_PORT: media is at UDP port 10000"] : []),
    ...(isOn(env["ENABLE_LETSENCRYPT"])
      ? []
      : ["the page's certificate is from Let's Encrypt, unless jitsi:certificate says otherwise"]),
    "the containers hold ports 80, 443 and 10000: stop them before `pulumi up` (docs/MIGRATION.md)",
  ];
}

function refusalsOf(env: Record<string, string>): string[] {
  const known = new Set([...READ, ...Object.keys(FEATURES), ...Object.keys(REFUSED)]);
  const unknown = Object.keys(env).filter((name) => env[name] && !known.has(name) && !isSecret(name));
  return [
    ...(isOn(env["ENABLE_RECORDING"])
      ? ["ENABLE_RECORDING: a recorder needs a machine and a bucket of its own (docs/RECORDING.md)"]
      : []),
    ...Object.entries(REFUSED).flatMap(([name, reason]) => (env[name] ? [`${name}: ${reason}`] : [])),
    ...unknown.sort().map(withoutMeaning),
  ];
}
