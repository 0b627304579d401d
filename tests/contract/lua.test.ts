import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { lua } from "../../services/escapers";
import { expectedModules } from "../../services/prosody/modules";
import { nodeModules } from "../../services/prosody/visitorModules";
import { FEATURE_SETS, withFeatures, withVisitors } from "../unit/servicesFixture";
import { ACCESS_PLANS, content, PLAN } from "./files";
import { REQUIRED } from "./pluginNames";
import { requiredNames } from "./pluginSources";
import { run, testWith } from "./programs";
import { LUAS, NEEDS_PROSODY, PROSODY_LUA, runInProsody, TEMPLATES } from "./prosodyLua";
import { readProsody } from "./prosodyConfig";

const MAIN = "/etc/prosody/prosody.cfg.lua";
const VISITORS = withVisitors(PLAN, 1);
const CONFIGS: [name: string, text: string][] = [
  ["prosody-jvb", content("/etc/prosody-jvb/prosody.cfg.lua")],
  ...ACCESS_PLANS.map(([kind, plan]): [string, string] => [`prosody, ${kind}`, content(MAIN, "core", plan)]),
  ["prosody, visitors", content(MAIN, "core", VISITORS)],
  ["prosody-v1", content("/etc/prosody-v1/prosody.cfg.lua", "core", VISITORS)],
];
const OURS = readdirSync(TEMPLATES, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".lua"))
  .map((name) => join(TEMPLATES, name));

/** Every module that some deployment loads. */
const RENDERED = [
  ...FEATURE_SETS.map((features) => withFeatures(PLAN, features)),
  ...ACCESS_PLANS.map(([, plan]) => plan),
  VISITORS,
]
  .flatMap((plan) => Object.values(expectedModules(plan)).flat())
  .concat(
    (VISITORS.visitors?.nodes ?? []).flatMap((node) => Object.values(nodeModules(VISITORS, node)).flat()),
  );
/** Those that Jitsi brings: neither Prosody nor we do. */
const FROM_JITSI = [...new Set(RENDERED)].filter(
  (name) =>
    !OURS.some((path) => path.endsWith(`/mod_${name}.lua`)) &&
    !["websocket", "server_contact_info", "smacks", "external_services", "muc"].includes(name),
);
const NAMES = [...new Set(Object.values(REQUIRED).flat())].sort();

/** Where the hour of the wall is what is meant: until when a token is valid. */
const BY_THE_WALL = ["mod_auth_meet_token.lua"];

test("time spans are not measured by the clock of the wall, which may be set meanwhile", () => {
  const measure = OURS.filter((path) => /os\.time\(\)|util\.time"\.now/.test(readFileSync(path, "utf8")));
  expect(measure.map((path) => basename(path))).toEqual(BY_THE_WALL);
});

describe.each(LUAS)("on %s", (interpreter) => {
  testWith([interpreter], "every option of both configurations has a value", () => {
    for (const [name, text] of CONFIGS) {
      const { options } = readProsody(text, interpreter);
      expect([name, options["network_backend"]]).toEqual([name, "epoll"]);
    }
  });

  testWith([interpreter, NEEDS_PROSODY], "Prosody takes the settings of the collector", () => {
    for (const [, text] of CONFIGS) {
      const [line = ""] = /^gc = .*$/m.exec(text) ?? [];
      const script = `Lua = _G; ${line}; print(require("prosody.util.gc").configure(gc, {}))`;
      expect(runInProsody(interpreter, script)).toEqual({ code: 0, output: "true\n" });
    }
  });

  testWith([interpreter], "the modules and libraries of our own are Lua", () => {
    expect(OURS.length).toBeGreaterThan(4);
    const script = OURS.map((path) => `assert(loadfile(${lua(path)}))\n`).join("");
    expect(run(interpreter, ["-"], script)).toEqual({ code: 0, output: "" });
  });

  testWith([interpreter, NEEDS_PROSODY], "every name that Jitsi's modules ask for is found", () => {
    const script = `
      for _, name in ipairs({ ${NAMES.map((name) => lua(name)).join(", ")} }) do
        local path = package.searchpath(name, package.path)
        local found = path and loadfile(path) or package.searchpath(name, package.cpath)
        if not found then print(name) end
      end`;
    expect(NAMES).toContain("cjson.safe");
    expect(runInProsody(interpreter, script)).toEqual({ code: 0, output: "" });
  });

  testWith([interpreter, NEEDS_PROSODY], "a name that nobody has is noticed by this check", () => {
    const script = 'print(package.searchpath("openssl.nothing", package.path) or "missing")';
    expect(runInProsody(interpreter, script)).toEqual({ code: 0, output: "missing\n" });
  });
});

testWith([PROSODY_LUA, NEEDS_PROSODY], "JSON and what it stands on load on the Lua that we run", () => {
  const script =
    'for _, name in ipairs({ "cjson", "cjson.safe", "util.jwt", "util.crypto" }) do require(name) end';
  expect(runInProsody(PROSODY_LUA, script)).toEqual({ code: 0, output: "" });
});

test("the list names every module of Jitsi that a deployment may load", () => {
  expect(FROM_JITSI.length).toBeGreaterThan(10);
  expect(FROM_JITSI.filter((name) => !(name in REQUIRED))).toEqual([]);
});

const PLUGINS = process.env["LAB_JITSI_PLUGINS"] ?? "";
const listed = PLUGINS === "" ? test.skip : test;
const reason = PLUGINS === "" ? " (skipped: LAB_JITSI_PLUGINS names no folder with Jitsi's plugins)" : "";
listed(`the list is what the modules themselves ask for${reason}`, () => {
  expect(requiredNames(PLUGINS, FROM_JITSI)).toEqual(REQUIRED);
});
