import { settingsSchema } from "../../config/schema";
import { planDeployment } from "../../plan/deployment";
import { groupsOf } from "../../services/onHost";
import {
  changed,
  existing,
  goodConfig,
  hostKey,
  type Json,
  lab,
  server,
  settingsOf,
} from "../unit/configFixtures";
import type { Texts } from "./checkers";

/** Text that somebody may put into any key that takes free text; each breaks one kind of quoting. */
export const HOSTILE = [
  `"'\`\\ \${HOME} $(id) %s %i {{x}} {{{x}}} <!--# include -->`,
  `</script><script>alert(1)</script><!--`,
  `]]> ]] --[[ os.exit() ]] #{ } ; # // /* */`,
  "é ß 日本 😀 \u200f\u202e %0a &amp; &#0;",
];

/** Keys that take free text. One more key is one more line. */
const FREE_TEXTS: (readonly string[])[] = [
  ["web", "title"],
  ["web", "notice"],
];

const LAB_CORE = { core: {}, videobridges: [{ id: "main", on: "core" }] };

/** Shapes of a deployment. */
const SHAPES: Record<string, Json> = {
  "one machine": { ...goodConfig(), restarts: "whenEmpty", regions: [lab("here", LAB_CORE)] },
  "a core and bridges": {
    ...goodConfig(),
    regions: [
      lab("here", { core: {}, videobridges: [{ id: "a" }, { id: "b" }, { id: "main", on: "core" }] }),
    ],
  },
  "two regions of servers": goodConfig(),
  "three regions": {
    ...goodConfig(),
    regions: [
      ...(goodConfig()["regions"] as Json[]),
      existing("ap", {
        videobridges: [
          server("sin-1", "192.0.2.7"),
          server("sin-2", "192.0.2.9", { publicAddress: "198.51.100.99", privateAddress: "10.7.0.9" }),
        ],
      }),
    ],
  },
  "IPv6 alone": {
    ...goodConfig(),
    regions: [
      existing("eu", {
        core: { address: "2001:db8::1", hostKey: hostKey() },
        videobridges: [server("fra-1", "2001:db8::7"), { id: "main", on: "core" }],
      }),
    ],
  },
  "a closed network": {
    ...goodConfig(),
    certificate: { issuer: "internal" },
    regions: [
      existing("eu", {
        core: { address: "10.0.0.1", hostKey: hostKey() },
        videobridges: [server("fra-1", "10.0.0.2")],
      }),
    ],
  },
  "machines behind a proxy": {
    ...goodConfig(),
    packages: { jitsiRepository: "http://10.0.0.9:8080/jitsi", jitsiKey: "https://keys.example.org/jitsi" },
    regions: [
      {
        ...lab("here", LAB_CORE),
        machines: { provider: "lab", httpProxy: "http://[2001:db8::9]:3128" },
      },
    ],
  },
  "machines of EC2": {
    ...goodConfig(),
    regions: [
      {
        name: "eu",
        machines: { provider: "aws", region: "eu-central-1", adminCidrs: ["198.51.100.0/24"] },
        core: {},
        videobridges: [{ id: "fra-1" }],
      },
    ],
  },
};

/** Kinds of access. One more kind is one more line. */
const ACCESS: Record<string, Json> = {
  moderated: { access: { kind: "moderated", moderators: ["anna", "b.c-d_e"] } },
  "moderated, every feature": { access: { kind: "moderated", moderators: ["anna"] }, ...everyFeature() },
  "token by secret": {
    access: { kind: "token", appId: HOSTILE[0], issuers: [HOSTILE[1], HOSTILE[2]], audiences: [HOSTILE[3]] },
    tokenSecret: "a secret of at least 32 characters",
  },
  "token by JWKS": {
    access: {
      kind: "token",
      jwks: "https://id.example.org/certs?p=a%20b",
      issuers: [HOSTILE[1]],
      audiences: [HOSTILE[2]],
      claims: { moderator: "https://x.org/roles", moderatorValue: HOSTILE[3], name: "name" },
    },
  },
  "token by key server": { access: { kind: "token", appId: "a", keyServer: "https://keys.example.org/a" } },
};

/**
 * Kinds of certificates. One more kind is one more line. One that is provided changes nothing that is checked here: certificate
 * and key are the operator's own, and config/ reads them.
 */
const CERTIFICATES: Record<string, Json> = {
  internal: { certificate: { issuer: "internal" } },
  "Let's Encrypt's staging": { certificate: { issuer: "letsencrypt", staging: true } },
  "another authority": { certificate: { issuer: "acme", server: "https://ca.example.org/dir" } },
};

/** Something that each daemon gets from the operator, with every way to write it. */
const EXTRA = {
  nginx: [
    "# for everybody",
    'add_header X-Robots-Tag "noindex, nofollow" always;',
    'location = /status { add_header X-From status; return 200 "quote \\" brace } dollar\\n"; }',
    "location ^~ /pad/ {",
    "    proxy_pass http://127.0.0.1:9001/; # on this host",
    "    proxy_set_header Host $host;",
    "}",
    'location ~ "^/old/(\\d{4})/" { if ($arg_x = "a") { return 403; } rewrite ^ /$1 permanent; }',
  ].join("\n"),
  prosody:
    'c2s_tcp_keepalives = true -- a\nx_list = { 1, -2.5, "]] --", "a\\"b" }; x_map = { a = { b = 1 } }\n',
  prosodyJvb: "c2s_close_timeout = 10",
  jicofo: [
    "jicofo { conference { initial-timeout = 30 seconds, min-participants: 1 } // a",
    '}, jicofo.bridge.region-groups = [ ["eu", "us"] ] # b',
  ].join("\n"),
  videobridge: 'videobridge.entity-expiration { timeout = "2 minutes" }',
};

/** What else changes what is rendered. */
const OTHERS: Record<string, Json> = {
  "few people": { audience: { participants: 1 } },
  "twenty thousand people": { audience: { participants: 20_000 } },
  visitors: { audience: { participants: 2500, speakers: 300 } },
  "visitors, moderators and recordings": {
    audience: { participants: 400, speakers: 20 },
    access: { kind: "moderated", moderators: ["anna"] },
    features: { streamManagement: true, breakoutRooms: true, slimPresences: false },
    turn: { enabled: false },
    recording: { storage: { bucket: "meet-recordings", endpoint: "https://s3.example.org" } },
    recordingAccessKey: "AKIAEXAMPLE",
    recordingSecretKey: "a-secret-key",
  },
  "no presence filter in the brewery": { brewery: { presenceFilter: false } },
  "no TURN": { turn: { enabled: false } },
  "TURN on the port of the page": { turn: { tls443: true } },
  "settings of the operator": {
    extra: EXTRA,
    web: { config: { toolbarConfig: { alwaysVisible: true }, "a b": { [HOSTILE[1] ?? ""]: HOSTILE } } },
  },
  "another language": { web: { language: "ptBR" } },
  "the longest domain": { domain: `${"a".repeat(61)}.${"b".repeat(61)}.${"c".repeat(61)}.example.org` },
};

function everyFeature(): Json {
  const switches = Object.entries(settingsSchema.shape.features.parse({}));
  return {
    features: Object.fromEntries(
      switches.filter(([, value]) => typeof value === "boolean").map(([name]) => [name, true]),
    ),
  };
}

/** Every switch of `jitsi:features` turned over, all of them on, all of them off; a new one is here by itself. */
function switches(): Record<string, Json> {
  const defaults = settingsSchema.shape.features.parse({});
  const names = Object.entries(defaults).filter(([, value]) => typeof value === "boolean");
  const all = (isOn: boolean) => Object.fromEntries(names.map(([name]) => [name, isOn]));
  const embedIn = ["https://portal.example.org", "https://xn--bcher-kva.example:8443"];
  const links = { privacy: "https://www.example.org/?a=b&c=d", help: "https://www.example.org/help" };
  const logo = "https://www.example.org/logo.svg?a=1&b=2";
  const web = { title: HOSTILE[0], notice: HOSTILE[1], embedIn, links, logo };
  return {
    "all on, with limits": { features: { ...all(true), joinRateLimit: 30, maxRoomParticipants: 600 }, web },
    "all off": { features: all(false), web },
    ...Object.fromEntries(
      names.map(([name, value]) => [
        `${name} ${value === true ? "off" : "on"}`,
        { features: { [name]: value !== true } },
      ]),
    ),
  };
}

function hostile(): Record<string, Json> {
  const texts = FREE_TEXTS.flatMap((path) =>
    HOSTILE.map((text, index) => {
      const config = { ...goodConfig(), [path[0] ?? ""]: {} };
      return [`hostile text ${index + 1} in ${path.join(".")}`, changed(config, [...path], text)] as const;
    }),
  );
  return Object.fromEntries(texts);
}

const onTop = (kind: string, more: Record<string, Json>) =>
  Object.fromEntries(
    Object.entries(more).map(([name, keys]) => [`${kind}${name}`, { ...goodConfig(), ...keys }]),
  );

/** Stack configs that everything rendered has to survive, by what is special about each. */
export const MATRIX: Record<string, Json> = {
  ...SHAPES,
  ...onTop("access: ", ACCESS),
  ...onTop("certificate: ", CERTIFICATES),
  ...onTop("feature: ", switches()),
  ...onTop("", OTHERS),
  ...hostile(),
};

/** Files of every host of a stack config: host id → path → text. */
export function filesOf(config: Json): Record<string, Texts> {
  const plan = planDeployment(settingsOf(config));
  return Object.fromEntries(
    plan.hosts.map(({ id }) => [
      id,
      Object.fromEntries(
        groupsOf(plan, id).flatMap(({ files }) =>
          Object.entries(files)
            .filter(([, { encoding }]) => encoding === undefined)
            .map(([path, { content }]) => [path, content]),
        ),
      ),
    ]),
  );
}
