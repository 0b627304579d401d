import { join } from "node:path";
import { lua } from "../../services/escapers";
import { testWith } from "./programs";
import { NEEDS_PROSODY, PASS, PROSODY_LUA, runInProsody, TEMPLATES } from "./prosodyLua";

const OVERLAP_SECONDS = 8;
const LONGEST_SECONDS = 30;

/** Two pages and jicofo in a room; what reaches the pages is printed with the second in which it does. */
const HARNESS = `
  local st = require "prosody.util.stanza"
  local ROOM, FOCUS = "town@conference.test", "focus@auth.test"
  local now, timer, hooks, nicks = 0, nil, {}, { [FOCUS .. "/1"] = ROOM .. "/focus" }
  require "prosody.util.time".monotonic = function() return now end
  for _, who in ipairs { "a", "b" } do nicks[who .. "@test/x"] = ROOM .. "/" .. who end
  local room = { jid = ROOM, get_occupant_jid = function(_, jid) return nicks[jid] end }
  function room:handle_iq_to_occupant(_, iq) -- as mod_muc: only an occupant speaks
    local jingle = iq:get_child("jingle", "urn:xmpp:jingle:1")
    if nicks[iq.attr.from] then print(now, iq.attr.to:match("%w+$"), jingle.attr.action, jingle.attr.sid) end
  end
  local options = { session_overlap_account = FOCUS }
  module = {
    get_option_string = function(_, name) return options[name] end,
    get_option_number = function(_, _, default) return default end,
    depends = function() return { get_room_from_jid = function(jid) return jid == ROOM and room or nil end } end,
    hook = function(_, event, handler) hooks[event] = handler end,
    add_timer = function(_, seconds, call) timer = { at = now + seconds, call = call } end,
  }
  assert(loadfile(${lua(join(TEMPLATES, "mod_session_overlap.lua"))}))()
  local function say(from, to, action, sid, text)
    local iq = st.iq({ type = "set", id = "1", from = from, to = to })
      :tag("jingle", { xmlns = "urn:xmpp:jingle:1", action = action, sid = sid })
      :tag("reason"):tag("success"):up():text_tag("text", text or "")
    if not hooks["iq/full"]({ stanza = iq, origin = {} }) then room:handle_iq_to_occupant(nil, iq) end
  end
  function focus(who, action, sid, text) say(FOCUS .. "/1", ROOM .. "/" .. who, action, sid, text) end
  function page(who, action, sid) say(who .. "@test/x", ROOM .. "/focus", action, sid) end
  function leave(who) hooks["muc-occupant-left"]({ room = room, nick = ROOM .. "/" .. who }) end
  function absent(is_away) nicks[FOCUS .. "/1"] = not is_away and ROOM .. "/focus" or nil end
  ${PASS}
`;

/** Steps, and what reaches somebody in which second, without what pages and jicofo say by themselves to begin with. */
const CASES: [what: string, steps: string, heard: string[]][] = [
  [
    "moved: the old session ends after everybody has had the new one for a while",
    `focus("a", "session-terminate", "a1", "moving") focus("b", "session-terminate", "b1", "moving")
     focus("a", "session-initiate", "a2") pass(1) page("a", "session-accept", "a2")
     pass(4) focus("b", "session-initiate", "b2") page("b", "session-accept", "b2") pass(60)`,
    [
      "0 a session-initiate a2",
      "1 focus session-accept a2",
      "5 b session-initiate b2",
      "5 focus session-accept b2",
    ].concat(["a", "b"].map((who) => `${5 + OVERLAP_SECONDS} ${who} session-terminate ${who}1`)),
  ],
  [
    "after a restart of jicofo the session that it does not know ends, once",
    `focus("a", "session-initiate", "a2") page("a", "session-accept", "a2") pass(60)`,
    ["0 a session-initiate a2", "0 focus session-accept a2", `${OVERLAP_SECONDS} a session-terminate a1`],
  ],
  [
    "two restarts in a row: both old ones end",
    `focus("a", "session-initiate", "a2") pass(3) focus("a", "session-initiate", "a3") page("a", "session-accept", "a3") pass(60)`,
    [
      "0 a session-initiate a2",
      "3 a session-initiate a3",
      "3 focus session-accept a3",
      `${3 + OVERLAP_SECONDS} a session-terminate a1`,
      `${3 + OVERLAP_SECONDS} a session-terminate a2`,
    ],
  ],
  [
    "one that does not answer keeps the others back only so long, and keeps what it has",
    `focus("a", "session-initiate", "a2") page("a", "session-accept", "a2") focus("b", "session-initiate", "b2") pass(60)`,
    [
      "0 a session-initiate a2",
      "0 focus session-accept a2",
      "0 b session-initiate b2",
      `${LONGEST_SECONDS} a session-terminate a1`,
    ],
  ],
  [
    "moved and never invited again: jicofo's word reaches the page in the end",
    `focus("a", "session-terminate", "a1", "moving") pass(60)`,
    [`${LONGEST_SECONDS} a session-terminate a1`],
  ],
  [
    "an end for another reason is at once",
    `focus("a", "session-terminate", "a1", "Expired") pass(60) focus("a", "session-initiate", "a2")`,
    ["0 a session-terminate a1", "60 a session-initiate a2"],
  ],
  [
    "a page that ended its session itself has nothing to be ended",
    `page("a", "session-terminate", "a1") focus("a", "session-initiate", "a2") page("a", "session-accept", "a2") pass(60)`,
    ["0 focus session-terminate a1", "0 a session-initiate a2", "0 focus session-accept a2"],
  ],
  [
    "whoever has left hears nothing more",
    `focus("a", "session-initiate", "a2") page("a", "session-accept", "a2") leave("a") pass(60)`,
    ["0 a session-initiate a2", "0 focus session-accept a2"],
  ],
  [
    "while jicofo is away nobody can end it: when it is back",
    `focus("a", "session-initiate", "a2") page("a", "session-accept", "a2") absent(true) pass(20) absent(false) pass(60)`,
    ["0 a session-initiate a2", "0 focus session-accept a2", "21 a session-terminate a1"],
  ],
];

const BEFORE = `for _, who in ipairs { "a", "b" } do
    focus(who, "session-initiate", who .. "1") page(who, "session-accept", who .. "1")
  end
  pass(100) now = 0 print("begin")
`;

testWith(
  [PROSODY_LUA, NEEDS_PROSODY],
  "nobody is silent while jicofo moves people, and nobody is heard twice after",
  () => {
    const heard = CASES.map(([what, steps]) => {
      const { code, output } = runInProsody(PROSODY_LUA, HARNESS + BEFORE + steps);
      const lines = (output.split("begin\n")[1] ?? output).trim().split("\n");
      return [what, code, lines.map((line) => line.replaceAll("\t", " ")).sort(bySecond)];
    });
    expect(heard).toEqual(CASES.map(([what, , expected]) => [what, 0, [...expected].sort(bySecond)]));
  },
);

/** What happens in one second has no order: tables of Lua have none. */
function bySecond(one: string, other: string): number {
  return parseInt(one, 10) - parseInt(other, 10) || one.localeCompare(other);
}
