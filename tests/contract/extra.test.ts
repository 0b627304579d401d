import { createContext, runInContext } from "node:vm";
import fc from "fast-check";
import { readNginx } from "../../config/extra/nginx";
import { nginxProblems } from "../../config/extra/nginxRules";
import { JICOFO, refusedPath, VIDEOBRIDGE } from "../../config/extra/jitsiDaemons";
import { refusedSetting, settingsOf as pageSettings } from "../../config/extra/page";
import { refusedOption } from "../../config/extra/prosody";
import type { Value } from "../../config/extra/reading";
import { changed, goodConfig, loadConfig, type Json } from "../unit/configFixtures";
import { leaves, readHocon, type Hocon } from "./hocon";
import { filesOf, MATRIX } from "./matrix";
import { testWith } from "./programs";
import { readProsody, type ProsodyConfig } from "./prosodyConfig";

const PATHS = {
  nginx: "/etc/nginx/sites-enabled/audio-meet",
  headers: "/etc/nginx/snippets/audio-meet-headers.conf",
  prosody: "/etc/prosody/prosody.cfg.lua",
  prosodyJvb: "/etc/prosody-jvb/prosody.cfg.lua",
  jicofo: "/etc/jitsi/jicofo/jicofo.conf",
  videobridge: "/etc/jitsi/videobridge/jvb.conf",
  page: "/etc/jitsi/meet/meet.example.org-config.js",
};
const PASSWORDS = {
  ...{ JICOFO_CLIENT_PASSWORD: "c", JICOFO_SERVICE_PASSWORD: "s" },
  ...{ VIDEOBRIDGE_USER: "u", VIDEOBRIDGE_PASSWORD: "v" },
};

type Part = keyof typeof PATHS;

/** The file of a part of every config of the matrix that the operator adds nothing to, each text once. */
function texts(part: Part): string[] {
  const configs = Object.entries(MATRIX).filter(([name]) => name !== "settings of the operator");
  const all = configs.flatMap(([, config]) =>
    Object.values(filesOf(config)).flatMap((files) => files[PATHS[part]] ?? []),
  );
  return [...new Set(all)];
}

const optionsOf = ({ options, hosts }: ProsodyConfig) =>
  [options, ...Object.values(hosts).map((host) => host.options)].flatMap((all) => Object.keys(all));

testWith(["lua5.4"], "no option that a Prosody has from the deployment can be set by the operator", () => {
  const names = [...texts("prosody"), ...texts("prosodyJvb")].flatMap((text) => optionsOf(readProsody(text)));
  expect(new Set(names).size).toBeGreaterThan(60);
  expect([...new Set(names)].filter((name) => refusedOption(name) === undefined)).toEqual([]);
});

/** Settings of the deployment that promise nothing: an operator may have others. */
const CHANGEABLE = {
  jicofo: [
    "jicofo.bridge.failure-reset-threshold",
    "jicofo.bridge.health-checks.enabled",
    "jicofo.bridge.health-checks.interval",
    "jicofo.bridge.health-checks.presence-timeout",
    "jicofo.bridge.health-checks.use-presence",
    "jicofo.bridge.selection-strategy",
  ],
  videobridge: [
    "ice4j.harvest.udp.receive-buffer-size",
    "videobridge.health.interval",
    "videobridge.health.timeout",
    "videobridge.load-management.average-participant-stress",
    "videobridge.load-management.load-measurements.load-measurement",
    "videobridge.stats.transit-time.enable-json",
    "videobridge.stats.transit-time.enable-prometheus",
  ],
};

test.each([
  ["jicofo", JICOFO],
  ["videobridge", VIDEOBRIDGE],
] as const)(
  "every setting of %s is the deployment's own, or listed as one that may be changed",
  async (part, judged) => {
    const values = await Promise.all(texts(part).map((text) => readHocon(text, PASSWORDS)));
    const paths = [...new Set(values.flatMap((value) => leaves(value)))];
    expect(paths.length).toBeGreaterThan(20);
    const free = paths.filter(
      (path) => refusedPath(judged, path.replaceAll("[]", "").split(".")) === undefined,
    );
    expect(free.sort()).toEqual(CHANGEABLE[part]);
  },
);

/** What the page does with a text, parsed in a realm of its own. */
function configOf(text: string): { [name: string]: Value } {
  const context = createContext({});
  runInContext(text, context);
  return JSON.parse(runInContext("JSON.stringify(config)", context) as string) as { [name: string]: Value };
}

test("every setting of the page is the deployment's own, or listed as one that may be changed", () => {
  const settings = texts("page").flatMap((text) => pageSettings(configOf(text)));
  const free = settings.filter((setting) => refusedSetting(setting) === undefined);
  expect([...new Set(free.map(({ path }) => path.join(".")))].sort()).toEqual([
    "audioLevelsInterval",
    "audioQuality.opusMaxAverageBitrate",
    "audioQuality.stereo",
    "conferenceInfo.alwaysVisible",
    "conferenceInfo.autoHide",
    "connectionIndicators.disabled",
    "disableDeepLinking",
    "disabledNotifications",
    "disabledSounds",
    "enableNoAudioDetection",
    "enableNoisyMicDetection",
    "enableOpusRed",
    "hideEmailInSettings",
    "mouseMoveCallbackInterval",
    "pcStatsInterval",
    "startAudioMuted",
    "toolbarButtons",
    "welcomePage.disabled",
  ]);
});

test("no directive, location or header that the site has can be said again", () => {
  const servers = texts("nginx").flatMap(
    (text) =>
      readNginx(text)
        .filter(({ words }) => words[0] === "server")
        .at(-1) ?? [],
  );
  const own = servers.flatMap(({ block = [] }) => block);
  const headers = texts("headers").flatMap(readNginx);
  expect(own.length).toBeGreaterThan(150);
  const accepted = [...own, ...headers].filter(
    (directive) => nginxProblems([{ ...directive, ...(directive.block && { block: [] }) }]).length === 0,
  );
  const words = [...new Set(accepted.map(({ words }) => words.slice(0, 2).join(" ")))];
  // Regular expressions come after those of the site, and a second policy can only forbid more.
  expect(words.sort()).toEqual([
    "add_header Content-Security-Policy",
    "location ~",
    "real_ip_header proxy_protocol",
    "set_real_ip_from 127.0.0.1",
  ]);
});

/** Pieces of which texts are made that try to say more than they seem to. */
const PIECES = {
  prosody: [
    ...[
      'modules_disabled = { "audio_only" }',
      "c2s_ports = { 1 }",
      "a_b = ",
      "x = 1",
      '"',
      "'",
      "\\",
      "\\\n",
      "]]",
      "[[",
    ],
    ...[
      "--",
      "--[[",
      "--[==[",
      "\n",
      " ",
      ";",
      ",",
      "{",
      "}",
      "=",
      "nil",
      "true",
      'VirtualHost "x"',
      "os.exit()",
      "é",
      "\u200b",
    ],
  ],
  jicofo: [
    ...[
      "jicofo.rest.port = 1",
      "jicofo",
      ".",
      "rest",
      '"',
      '"""',
      "\\",
      "\n",
      " ",
      "{",
      "}",
      "[",
      "]",
      "=",
      ":",
      "+=",
      ",",
    ],
    ...[
      "${",
      "${?HOME}",
      "include",
      '"rest"',
      "#",
      "//",
      "a",
      "1",
      "null",
      "\u00a0",
      "é",
      "xmpp",
      "codec { video { } }",
      "$",
    ],
  ],
  nginx: [
    ...[
      "listen 1;",
      "location /x {",
      "return 200 ok;",
      "proxy_pass http://127.0.0.1:8080;",
      "add_header X-A ",
      '"',
      "'",
      "\\",
    ],
    ...[
      "\\\\",
      "\n",
      " ",
      ";",
      "{",
      "}",
      "#",
      "${a}",
      "$a",
      "include x;",
      "é",
      "\r",
      "\t",
      "x",
      "} server {",
      "if ($a) {",
    ],
  ],
};

/** Accepted texts of one part, as many as the generator finds, with the files that come of them. */
function acceptedTexts(part: keyof typeof PIECES): { text: string; files: Record<string, string> }[] {
  const found = new Map<string, Record<string, string>>();
  const made = fc.array(fc.constantFrom(...PIECES[part]), { minLength: 1, maxLength: 9 });
  for (const pieces of fc.sample(made, { numRuns: 5000, seed: 7 })) {
    const text = pieces.join("");
    const config = changed({ ...goodConfig(), extra: {} }, ["extra", part], text);
    if (found.size < 60 && !found.has(text) && loadConfig(config).errors === undefined)
      found.set(text, filesOf(config)["core"] ?? {});
  }
  return [...found].map(([text, files]) => ({ text, files }));
}

const BASE: Json = goodConfig();
const baseText = (part: Part) => filesOf(BASE)["core"]?.[PATHS[part]] ?? "";

describe("what is accepted says nothing that is refused, whatever it is made of", () => {
  testWith(["lua5.4"], "Prosody, by Lua itself", () => {
    const before = readProsody(baseText("prosody"));
    const accepted = acceptedTexts("prosody");
    const changes = accepted.map(({ files }) => readProsody(files[PATHS.prosody] ?? ""));
    for (const after of changes) {
      expect(after.hosts).toEqual(before.hosts);
      expect(after.options).toMatchObject(before.options);
    }
    const added = changes.flatMap(({ options }) =>
      Object.keys(options).filter((name) => !Object.hasOwn(before.options, name)),
    );
    expect(accepted.length).toBeGreaterThan(20);
    expect(added.filter((name) => refusedOption(name) !== undefined)).toEqual([]);
  });

  test("jicofo, by another parser of HOCON", async () => {
    const before = await readHocon(baseText("jicofo"), PASSWORDS);
    const known = new Set(leaves(before));
    const accepted = acceptedTexts("jicofo");
    expect(accepted.length).toBeGreaterThan(20);
    for (const { text, files } of accepted) {
      const after = await readHocon(files[PATHS.jicofo] ?? "", PASSWORDS);
      expect({ text, after }).toMatchObject({ after: before as { [key: string]: Hocon } });
      const added = leaves(after).filter((path) => !known.has(path));
      expect({
        text,
        refused: added.filter((path) => refusedPath(JICOFO, path.split(".")) !== undefined),
      }).toEqual({ text, refused: [] });
    }
  });

  test("nginx, by what stands in the file", () => {
    const before = readNginx(baseText("nginx"));
    const accepted = acceptedTexts("nginx");
    expect(accepted.length).toBeGreaterThan(20);
    for (const { text, files } of accepted) {
      const after = readNginx(files[PATHS.nginx] ?? "");
      expect({ text, servers: after.map(({ words }) => words) }).toEqual({
        text,
        servers: before.map(({ words }) => words),
      });
      const own = after.at(-1)?.block?.slice(before.at(-1)?.block?.length) ?? [];
      const added = own.map(({ block, ...directive }) => ({
        ...directive,
        ...(block && { block: block.filter(({ words }) => words[1] !== PATHS.headers) }),
      }));
      expect({ text, problems: nginxProblems(added) }).toEqual({ text, problems: [] });
    }
  });

  test("the page, by JavaScript itself", () => {
    const before = configOf(baseText("page"));
    const name = fc.oneof(
      fc.constantFrom(
        "a",
        "b",
        "startAudioOnly",
        "hosts",
        "p2p",
        "x y",
        '"]=1;//',
        "</script>",
        "prejoinConfig",
        "enabled",
        "toolbarButtons",
      ),
      fc.string({ maxLength: 6 }),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        fc.boolean(),
        fc.string(),
        fc.array(fc.string(), { maxLength: 2 }),
        fc.dictionary(name, tie("tree"), { maxKeys: 3 }),
      ),
    }));
    let accepted = 0;
    fc.assert(
      fc.property(fc.dictionary(name, tree, { minKeys: 1, maxKeys: 3 }), (settings) => {
        const config = { ...goodConfig(), web: { config: settings } };
        if (loadConfig(config).errors !== undefined) return;
        accepted++;
        const text = filesOf(config)["core"]?.[PATHS.page] ?? "";
        expect(text.slice(baseText("page").length)).not.toMatch(/<|>/);
        const after = configOf(text);
        for (const setting of pageSettings(before).filter((one) => refusedSetting(one) !== undefined))
          expect(setting.path.reduce<unknown>((place, step) => (place as Json)[step], after)).toEqual(
            setting.value,
          );
        expect(after).toMatchObject(JSON.parse(JSON.stringify(settings)) as object);
      }),
      { numRuns: 400 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});
