import { join } from "node:path";
import { lua } from "../../services/escapers";
import { run, testWith } from "./programs";
import { LUAS } from "./prosodyLua";

const MODULE = join(__dirname, "..", "..", "templates", "prosody", "mod_brewery_filter.lua");
const ROOM = "jvbbrewery@muc.tech.test";
const BRIDGE = "jvb-a-1@tech.test/a";

/** Just enough of Prosody: the options, the one hook, elements; prints whether a presence is delivered. */
const HARNESS = `
  local options = { brewery_filter_room = ${lua(ROOM)}, brewery_filter_listener = "focus@tech.test" }
  local handle
  module = {
    get_option_string = function(_, name) return options[name] end,
    hook = function(_, event, handler) assert(event == "presence/full"); handle = handler end,
  }
  assert(loadfile(${lua(MODULE)}))()
  function E(name, attr, ...) return { name = name, attr = attr, tags = { ... } } end
  function X(...) return E("x", { xmlns = "http://jabber.org/protocol/muc#user" }, ...) end
  function status(code) return E("status", { code = code }) end
  function try(from, to, kind, ...)
    print(handle({ stanza = E("presence", { from = from, to = to, type = kind }, ...) }) and "kept back" or "delivered")
  end
`;

const item = 'E("item", { jid = "jvb-b-1@tech.test/b" })';
const CASES: [
  what: string,
  from: string | null,
  to: string,
  kind: string,
  inside: string,
  outcome: string,
][] = [
  ["of another bridge", `${ROOM}/b`, BRIDGE, "nil", `X(${item})`, "kept back"],
  ["of its own bridge's other account", `${ROOM}/b`, "jvb-a-2@tech.test/x", "nil", `X(${item})`, "kept back"],
  ["of jicofo", `${ROOM}/focus`, BRIDGE, "nil", `X(${item})`, "kept back"],
  ["of a bridge that leaves", `${ROOM}/b`, BRIDGE, '"unavailable"', `X(${item})`, "kept back"],
  ["without any status", `${ROOM}/b`, BRIDGE, "nil", "", "kept back"],
  ["with 110 in another namespace", `${ROOM}/b`, BRIDGE, "nil", 'E("x", {}, status("110"))', "kept back"],
  ["of its own", `${ROOM}/a`, BRIDGE, "nil", 'X(status("110"))', "delivered"],
  ["of its own join", `${ROOM}/a`, BRIDGE, "nil", `X(${item}, status("100"), status("110"))`, "delivered"],
  [
    "of its own room",
    `${ROOM}/a`,
    BRIDGE,
    "nil",
    'X(status("201"), status("100"), status("110"))',
    "delivered",
  ],
  ["of its own leave", `${ROOM}/a`, BRIDGE, '"unavailable"', 'X(status("110"))', "delivered"],
  ["with stats before it", `${ROOM}/a`, BRIDGE, "nil", 'E("stats", {}), X(status("110"))', "delivered"],
  ["that says why it may not join", `${ROOM}/a`, BRIDGE, '"error"', 'E("error", {})', "delivered"],
  ["to jicofo", `${ROOM}/b`, "focus@tech.test/focus", "nil", `X(${item})`, "delivered"],
  ["of another room", "other@muc.tech.test/b", BRIDGE, "nil", `X(${item})`, "delivered"],
  ["of jicofo's account", "focus@tech.test/focus", BRIDGE, "nil", "", "delivered"],
  ["without sender", null, BRIDGE, "nil", "", "delivered"],
];

describe.each(LUAS)("on %s", (interpreter) => {
  testWith([interpreter], "a bridge hears itself, jicofo hears all", () => {
    const script = CASES.map(
      ([, from, to, kind, inside]) =>
        `try(${[from === null ? "nil" : lua(from), lua(to), kind, inside].filter(Boolean).join(", ")})\n`,
    );
    const { code, output } = run(interpreter, ["-"], HARNESS + script.join(""));
    expect([
      code,
      output
        .split("\n")
        .slice(0, -1)
        .map((outcome, i) => [CASES[i]?.[0], outcome]),
    ]).toEqual([0, CASES.map(([what, , , , , outcome]) => [what, outcome])]);
  });
});
