import { join } from "node:path";
import { lua } from "../../services/escapers";
import { testWith } from "./programs";
import { LUAS, NEEDS_PROSODY, runInProsody, TEMPLATES } from "./prosodyLua";
import { raw } from "./tokens";

/**
 * What a token says, looked at in every Lua. The signature is not: util.crypto is built for one of them alone, so that whatever
 * has the signature "good" passes. The rest of the library is the real one.
 */
const HARNESS = `
  local json = require "prosody.util.json"
  local function decode(text)
    local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    local bits, length, out = 0, 0, {}
    for character in text:gmatch("[A-Za-z0-9+/]") do
      bits, length = bits * 64 + alphabet:find(character, 1, true) - 1, length + 6
      if length >= 8 then
        length = length - 8
        out[#out + 1] = string.char(math.floor(bits / 2 ^ length))
        bits = bits % 2 ^ length
      end
    end
    return table.concat(out)
  end
  package.preload["prosody.util.encodings"] = function ()
    return { base64 = { decode = decode }, stringprep = { nodeprep = string.lower } }
  end
  local check = assert(loadfile(${lua(join(TEMPLATES, "token_check.lib.lua"))}))().check
  local function find_key(kid, alg)
    if kid ~= "k" or alg ~= "RS256" then return nil, "no key" end
    return function (token)
      local payload, signature = token:match("%.(.*)%.(.*)")
      return signature == "good", json.decode(decode((payload:gsub("[-_]", { ["-"] = "+", ["_"] = "/" }))))
    end
  end
  local rules = {
    issuers = { "id" }, audiences = { "meet", "all" }, needs_room = false, needs_expiry = true,
    moderator_claim = "https://x.org/roles", moderator_value = "host", name_claim = "user.name.full",
  }
  function try(token, more)
    local chosen = setmetatable(more or {}, { __index = rules })
    local found, why = check(token, find_key, chosen, 1000)
    print(found and ("%s %s %s"):format(found.room, found.is_moderator, found.name) or "no: " .. why)
  end
`;

const claims = (more: object = {}) => ({ iss: "id", aud: ["x", "meet"], sub: "u", exp: 1100, ...more });
const token = (more: object = {}, header: object = {}) =>
  raw({ alg: "RS256", kid: "k", ...header }, claims(more), "good");

/** A token, further rules in Lua, and what comes of it. */
const CASES: [what: string, token: string, rules: string, outcome: string][] = [
  ["plain", token(), "{}", "* false nil"],
  ["a room in capitals", token({ room: "Hall" }), "{}", "hall false nil"],
  ["a role in a list", token({ "https://x.org/roles": ["a", "host"] }), "{}", "* true nil"],
  ["a role alone", token({ "https://x.org/roles": "host" }), "{}", "* true nil"],
  ["another role", token({ "https://x.org/roles": ["hosts"] }), "{}", "* false nil"],
  ["true in place of the role", token({ "https://x.org/roles": true }), "{}", "* false nil"],
  ["a name inside of claims", token({ user: { name: { full: "Anna" } } }), "{}", "* false Anna"],
  ["a name under a name with a dot", token({ user: { "name.full": "Anna" } }), "{}", "* false Anna"],
  ["a name that is no text", token({ user: { name: { full: {} } } }), "{}", "* false nil"],
  ["a skew of 59 s", token({ exp: 941 }), "{}", "* false nil"],
  ["a skew of 60 s", token({ exp: 940 }), "{}", "no: its exp is over"],
  ["early by 60 s", token({ nbf: 1060 }), "{}", "* false nil"],
  ["early by 61 s", token({ nbf: 1061 }), "{}", "no: its nbf is not reached"],
  ["no end", token({ exp: undefined }), "{}", "no: it has no exp"],
  ["no end where none is needed", token({ exp: undefined }), "{ needs_expiry = false }", "* false nil"],
  ["no room where one is needed", token(), "{ needs_room = true }", "no: it has no room"],
  ["a subject that is no domain", token(), '{ domain = "d" }', "no: its sub is not the domain"],
  ["the domain", token({ sub: "D" }), '{ domain = "d" }', "* false nil"],
  ["null for an audience", token({ aud: null }), "{}", "no: its aud is not accepted"],
  ["another key", token({}, { kid: "l" }), "{}", "no: no key"],
  ["another signature", raw({ alg: "RS256", kid: "k" }, claims(), "bad"), "{}", "no: its signature is wrong"],
  ["claims that are a list", raw({ alg: "RS256", kid: "k" }, [1], "good"), "{}", "no: it has no sub"],
];

describe.each(LUAS)("on %s", (interpreter) => {
  testWith([interpreter, NEEDS_PROSODY], "a token is read as it is meant", () => {
    const script = CASES.map(([, text, rules]) => `try(${lua(text)}, ${rules})\n`).join("");
    const { code, output } = runInProsody(interpreter, HARNESS + script);
    const said = output.split("\n").slice(0, -1);
    expect([code, CASES.map(([what], index) => [what, said[index]])]).toEqual([
      0,
      CASES.map(([what, , , outcome]) => [what, outcome]),
    ]);
  });
});
