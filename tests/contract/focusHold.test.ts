import { join } from "node:path";
import { lua } from "../../services/escapers";
import { testWith } from "./programs";
import { NEEDS_PROSODY, PASS, PROSODY_LUA, runInProsody, TEMPLATES } from "./prosodyLua";

/** A room with jicofo and two people; printed is what becomes of jicofo in it, and what it is asked. */
const HARNESS = `
  local st = require "prosody.util.stanza"
  local ROOM, FOCUS = "town@conference.test", "focus@auth.test"
  local REAL = FOCUS .. "/focus"
  local now, timer, hooks = 0, nil, {}
  require "prosody.util.time".monotonic = function() return now end
  package.loaded["net.http"] = { request = function(_, _, answer)
    answer('{"bridge_selector":{"operational_bridge_count":1}}', 200)
  end }
  package.loaded["util.json"] = require "prosody.util.json"
  package.loaded["util.stanza"] = st
  package.loaded["util.jid"] = require "prosody.util.jid"
  package.loaded["util.uuid"] = { generate = function() return "id" end }
  prosody = { bare_sessions = {} }
  local room = { jid = ROOM, _data = { meetingId = "before" } }
  local occupants = { { bare_jid = FOCUS }, { bare_jid = "a@test" }, { bare_jid = "b@test" } }
  function room:each_occupant()
    local at = 0
    return function() at = at + 1; return occupants[at] and at, occupants[at] end
  end
  local options = { focus_hold_account = FOCUS, focus_hold_requester = "asker@test", focus_hold_statistics = "http://s" }
  module = {
    host = "conference.test",
    log = function() end,
    get_option_string = function(_, name) return options[name] end,
    get_option_number = function(_, _, default) return default end,
    depends = function() return { get_room_from_jid = function(jid) return jid == ROOM and room or nil end } end,
    hook = function(_, event, handler) hooks[event] = handler end,
    send = function(_, iq) print("asked", iq.attr.to, iq:get_child("conference", "http://jitsi.org/protocol/focus").attr.room) end,
    add_timer = function(_, seconds, call) timer = { at = now + seconds, call = call } end,
  }
  assert(loadfile(${lua(join(TEMPLATES, "mod_focus_hold.lua"))}))()
  -- mod_muc takes an error of somebody's for his end, and asks nobody before.
  function bounce(name, from, to)
    local original = st.stanza(name, { from = to, to = from })
    local stanza = st.error_reply(original, "cancel", "recipient-unavailable")
    local event = name .. (to:find("/", 1, true) and "/full" or "/bare")
    local hook = hooks[event]
    print(name, hook and hook({ stanza = stanza, origin = {} }) and "ignored" or from:match("^%w+") .. " is kicked")
  end
  function gone(destroyed)
    local leave = st.presence({ type = "unavailable", from = REAL, to = ROOM .. "/focus" })
    local held = hooks["muc-occupant-pre-leave"]({ room = room, occupant = occupants[1], origin = { destroyed = destroyed }, stanza = leave })
    print(held and "held" or "gone")
  end
  function back() prosody.bare_sessions[FOCUS] = { sessions = { { presence = true, full_jid = REAL } } } end
  ${PASS}
  FROM = ROOM .. "/a"
`;

const CASES: [what: string, steps: string, seen: string[]][] = [
  [
    "killed in a quiet room: held, and asked back once it is there",
    `gone(true) pass(3) back() pass(1)`,
    ["held", "asked focus@auth.test/focus town@conference.test"],
  ],
  [
    "killed while people mute themselves: what it has not acknowledged comes back as errors, and it stays in the room",
    `bounce("presence", "focus@auth.test/focus", FROM) bounce("message", "focus@auth.test/focus", "town@conference.test")
     bounce("message", "focus@auth.test/focus", FROM) gone(true)`,
    ["presence ignored", "message ignored", "message ignored", "held"],
  ],
  [
    "an error of somebody else's is the room's to judge",
    `bounce("presence", "a@test/x", FROM) bounce("message", "a@test/x", FROM)`,
    ["presence a is kicked", "message a is kicked"],
  ],
  ["it leaves by its own word where a conference ends", `gone(false)`, ["gone"]],
];

testWith(
  [PROSODY_LUA, NEEDS_PROSODY],
  "rooms wait for a jicofo that is killed, also while people speak",
  () => {
    const seen = CASES.map(([what, steps]) => {
      const { code, output } = runInProsody(PROSODY_LUA, HARNESS + steps);
      return [what, code, output.trim().replaceAll("\t", " ").split("\n")];
    });
    expect(seen).toEqual(CASES.map(([what, , expected]) => [what, 0, expected]));
  },
);
