import { join } from "node:path";
import { lua } from "../../services/escapers";
import { testWith } from "./programs";
import { NEEDS_PROSODY, PROSODY_LUA, runInProsody, TEMPLATES } from "./prosodyLua";

/** The brewery with a bridge; for each change to its conferences whether the bridge gets it or the module answers for it. */
const HARNESS = `
  local st = require "prosody.util.stanza"
  local BRIDGE, hooks, answer = "jvbbrewery@muc.tech.test/a", {}, nil
  module = {
    get_option_string = function() return "focus@tech.test" end,
    hook = function(_, event, handler) hooks[event] = handler end,
    log = function() end,
  }
  assert(loadfile(${lua(join(TEMPLATES, "mod_expiry_hold.lua"))}))()
  function bridge(kind, shutting_down)
    local presence = st.presence({ from = "jvb-a-1@tech.test/x", to = BRIDGE, type = kind })
      :tag("stats", { xmlns = "http://jitsi.org/protocol/colibri" })
        :tag("stat", { name = "stress_level", value = "0.1" }):up()
        :tag("stat", { name = "shutting_down", value = shutting_down })
    hooks["presence/full"]({ stanza = presence })
  end
  function change(from, expire, to)
    answer = nil
    local iq = st.iq({ type = "set", id = "7", from = from, to = to or BRIDGE })
      :tag("conference-modify", { xmlns = "jitsi:colibri2", ["meeting-id"] = "m", expire = expire })
    local kept = hooks["iq/full"]({ stanza = iq, origin = { send = function(stanza) answer = stanza end } })
    print(kept and answer.attr.type .. " " .. answer.tags[1].name .. " " .. answer.attr.id .. " " .. answer.attr.to or "delivered")
  end
  local focus = "focus@tech.test/f"
`;

testWith(
  [PROSODY_LUA, NEEDS_PROSODY],
  "a bridge that shuts down keeps its conferences to its end; until then jicofo may end them",
  () => {
    const { code, output } = runInProsody(
      PROSODY_LUA,
      `${HARNESS}
      change(focus, "true") -- nothing known of it
      bridge(nil, "false") change(focus, "true")
      bridge(nil, "true") change(focus, "true") change(focus, nil)
      change("jvb-b-1@tech.test/y", "true")
      change(focus, "true", "jvbbrewery@muc.tech.test/b")
      bridge("unavailable", "true") change(focus, "true") -- its successor has the same name
      bridge(nil, "true") bridge(nil, "false") change(focus, "true")`,
    );
    expect([code, output.trim().split("\n")]).toEqual([
      0,
      [
        "delivered",
        "delivered",
        "result conference-modified 7 focus@tech.test/f",
        "delivered",
        "delivered",
        "delivered",
        "delivered",
        "delivered",
      ],
    ]);
  },
);
