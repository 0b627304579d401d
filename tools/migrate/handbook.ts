import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Migration, MigrationError } from "./migration";

/** Components of Prosody that the packages or the handbook set up, and the switch that each is here. */
const COMPONENTS: [RegExp, string][] = [
  [/^Component "lobby\./m, "lobby"],
  [/^Component "breakout\./m, "breakoutRooms"],
  [/^Component "avmoderation\./m, "avModeration"],
  [/^Component "endconference\./m, "endConference"],
  [/^Component "polls\./m, "polls"],
  [/^Component "speakerstats\./m, "speakerStats"],
];

/** The stack of a server that Jitsi's packages and handbook set up: its /etc, or a copy of it. Throws MigrationError where it is none. */
export function fromHandbook(etc: string): Migration {
  const page = namesIn(join(etc, "jitsi", "meet")).find((name) => name.endsWith("-config.js"));
  if (page === undefined)
    throw new MigrationError(`${etc} has no jitsi/meet/DOMAIN-config.js; give /etc of the server, or a copy`);
  const domain = page.slice(0, -"-config.js".length);
  const prosody = prosodyOf(etc, domain);
  const access = accessOf(prosody, domain);
  const bridge = textAt(join(etc, "jitsi", "videobridge", "sip-communicator.properties")) ?? "";
  const publicAddress = /^\S*NAT_HARVESTER_PUBLIC_ADDRESS=(\S+)/m.exec(bridge)?.[1];
  const localAddress = /^\S*NAT_HARVESTER_LOCAL_ADDRESS=(\S+)/m.exec(bridge)?.[1];
  const language = /^\s*defaultLanguage:\s*["'](\w[\w-]*)["']/m.exec(
    textAt(join(etc, "jitsi", "meet", page)) ?? "",
  )?.[1];
  return {
    config: {
      domain,
      ...(access.config && { access: access.config }),
      ...(language && { web: { language } }),
      features: Object.fromEntries(COMPONENTS.map(([pattern, key]) => [key, pattern.test(prosody)])),
      regions: [
        {
          name: "default",
          machines: { provider: "existing", user: "root" },
          core: {
            ...(publicAddress && { address: publicAddress }),
            ...(localAddress && localAddress !== publicAddress && { privateAddress: localAddress }),
          },
          videobridges: [{ id: "main", on: "core" }],
        },
      ],
    },
    secrets: access.secrets,
    changes: [
      "every password of the daemons is generated anew",
      "the server's packages of Jitsi and Prosody hold the same ports: take a fresh server, or have the helper put them aside (docs/MIGRATION.md, in place)",
    ],
    refusals: [...access.refusals, ...extrasOf(etc)],
  };
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function textAt(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** The configuration of the domain without its comments. */
function prosodyOf(etc: string, domain: string): string {
  const folders = ["conf.d", "conf.avail"].map((name) => join(etc, "prosody", name, `${domain}.cfg.lua`));
  const text = folders.map(textAt).find((found) => found !== undefined);
  if (text === undefined)
    throw new MigrationError(
      `${etc} has no prosody/conf.avail/${domain}.cfg.lua beside the page's config.js`,
    );
  return text.replace(/--\[\[[^]*?\]\]|--.*$/gm, "");
}

function accessOf(
  prosody: string,
  domain: string,
): Pick<Migration, "secrets" | "refusals"> & { config?: Record<string, unknown> } {
  const [, host = ""] = prosody.split(`VirtualHost "${domain}"`);
  const method = /authentication\s*=\s*["'](\w[\w-]*)["']/.exec(host)?.[1] ?? "anonymous";
  if (method.endsWith("anonymous")) return { secrets: [], refusals: [] };
  if (method === "token") {
    const appId = /app_id\s*=\s*["']([^"']+)["']/.exec(host)?.[1];
    return {
      config: { kind: "token", ...(appId && { appId }) },
      secrets: [{ key: "jitsi:tokenSecret", from: "app_secret in Prosody's configuration" }],
      refusals: [],
    };
  }
  if (method.startsWith("internal"))
    return {
      config: { kind: "moderated", moderators: [] },
      secrets: [],
      refusals: [
        "accounts of Prosody are not read: name the moderators (audio-meet take-over show lists them); each gets a new password",
      ],
    };
  return {
    secrets: [],
    refusals: [`authentication ${method}: logins are open, moderated or token here (docs/ACCESS.md)`],
  };
}

/** Daemons of the handbook that this program does not have. */
function extrasOf(etc: string): string[] {
  return namesIn(join(etc, "jitsi"))
    .filter((name) => ["jigasi", "jibri", "etherpad"].includes(name))
    .map((name) =>
      name === "jibri"
        ? "jibri: a recorder needs a machine and a bucket of its own (docs/RECORDING.md)"
        : `${name}: not part of this program`,
    );
}
