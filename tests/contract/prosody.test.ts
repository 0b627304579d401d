import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { lua } from "../../services/escapers";
import { FEATURE_SETS, withFeatures, withVisitors } from "../unit/servicesFixture";
import { content, PLAN } from "./files";
import { inFolder, run, testWith } from "./programs";

/** Runs a configuration as Lua would: hosts may stand once, and a name that nothing has set is an error. */
const ANY_GLOBAL = `
local seen = {}
local function host(name)
  assert(not seen[name], name .. " is opened twice")
  seen[name] = true
  return function() end
end
VirtualHost, Component = host, host
FileLine = function(path) return path end
Lua = { _VERSION = _VERSION, package = { path = "" } }
setmetatable(_G, { __index = function(_, name) error(name .. " is not set", 2) end })`;

const VISITORS = withVisitors(PLAN);
const CONFIGS = [
  ["/etc/prosody/prosody.cfg.lua", PLAN, ""],
  ["/etc/prosody-jvb/prosody.cfg.lua", PLAN, ""],
  ["/etc/prosody/prosody.cfg.lua", VISITORS, " of a deployment with visitors"],
  ["/etc/prosody-v1/prosody.cfg.lua", VISITORS, ""],
] as const;

describe.each(CONFIGS)("%s", (path, plan, which) => {
  testWith(["luac"], `is Lua${which}`, () => {
    expect(run("luac", ["-p", "-"], content(path, "core", plan))).toEqual({ code: 0, output: "" });
  });

  testWith(["prosodyctl", "root", "runuser"], `passes Prosody's own check${which}`, () => {
    inFolder((folder) => {
      const candidate = join(folder, "prosody.cfg.lua");
      mkdirSync(dirname(candidate), { recursive: true });
      chmodSync(folder, 0o755);
      writeFileSync(candidate, content(path, "core", plan), { mode: 0o644 });
      const result = run("runuser", [
        "-u",
        "prosody",
        "--",
        "prosodyctl",
        "--config",
        candidate,
        "check",
        "config",
      ]);
      expect(result.output).toContain("All checks passed");
      expect(result.output).not.toContain("warning");
      expect(result.code).toBe(0);
    });
  });
});

describe.each(FEATURE_SETS)("with the switches %j", (features) => {
  const plan = withFeatures(PLAN, features);
  const text = () => content("/etc/prosody/prosody.cfg.lua", "core", plan);

  testWith(["luac"], "the main configuration is Lua", () => {
    expect(run("luac", ["-p", "-"], text())).toEqual({ code: 0, output: "" });
  });

  testWith(["lua5.4"], "every option has a value, and no host is opened twice", () => {
    expect(run("lua5.4", ["-"], `${ANY_GLOBAL}\n${text()}`)).toEqual({ code: 0, output: "" });
  });
});

testWith(["lua5.4"], "an option without a value is noticed by this check", () => {
  const text = `${ANY_GLOBAL}\nlimits = { c2s = { rate = undefined_word } }`;
  expect(run("lua5.4", ["-"], text).output).toContain("undefined_word");
});

testWith(["luac"], "the module of our own is Lua", () => {
  const path = "/etc/audio-meet/prosody-plugins/mod_audio_only.lua";
  expect(run("luac", ["-p", "-"], content(path))).toEqual({ code: 0, output: "" });
});

testWith(["luac"], "a mistake in Lua is noticed by this check", () => {
  expect(run("luac", ["-p", "-"], `${content("/etc/prosody/prosody.cfg.lua")}\nx = {`).code).toBe(1);
});

testWith(["lua5.4"], "Lua reads every quoted text as it was meant", () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom('"', "\\", "\n", "\r", "\0", "\u007f", "7"),
      fc.constantFrom("a", "é", "]]", "😀"),
    ),
  });
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 100 }), (values) => {
      const script = `for _, s in ipairs({${values.map((value) => lua(value)).join(",")}}) do io.write(#s, ":", s) end`;
      const expected = values.map((value) => `${Buffer.byteLength(value)}:${value}`).join("");
      expect(run("lua5.4", ["-"], script)).toEqual({ code: 0, output: expected });
    }),
    { numRuns: 20 },
  );
});
