import { join } from "node:path";
import { lua } from "../../services/escapers";
import { run, testWith } from "./programs";

const MODULE = join(__dirname, "..", "..", "templates", "prosody", "mod_daemon_sessions.lua");

/** Prosody's events as util.events has them: by priority, and no further than the first answer. */
const HARNESS = `
  local handlers = {}
  module = {
    host = "tech.test",
    hook_global = function(_, event, handler, priority)
      handlers[#handlers + 1] = { event = event, handler = handler, priority = priority or 0 }
    end,
  }
  local function fire(event, data)
    table.sort(handlers, function(a, b) return a.priority > b.priority end)
    for _, one in ipairs(handlers) do
      if one.event == event then
        local answer = one.handler(data)
        if answer ~= nil then return answer end
      end
    end
  end
  -- mod_c2s of Prosody 13.0
  for _, event in ipairs { "user-password-changed", "user-deleted", "user-disabled", "user-role-changed" } do
    module:hook_global(event, function(data) print(event .. " ends " .. data.username .. "@" .. data.host) end, 200)
  end
  assert(loadfile(${lua(MODULE)}))()
  for _, host in ipairs { "tech.test", "meet.test" } do
    for _, event in ipairs { "user-password-changed", "user-deleted", "user-disabled", "user-role-changed" } do
      fire(event, { username = "focus", host = host })
    end
  end
`;

testWith(
  ["lua5.4"],
  "a new password ends no session of a daemon; everything else does, and so it does for people",
  () => {
    const { code, output } = run("lua5.4", ["-"], HARNESS);
    expect({ code, lines: output.trim().split("\n") }).toEqual({
      code: 0,
      lines: [
        "user-deleted ends focus@tech.test",
        "user-disabled ends focus@tech.test",
        "user-role-changed ends focus@tech.test",
        "user-password-changed ends focus@meet.test",
        "user-deleted ends focus@meet.test",
        "user-disabled ends focus@meet.test",
        "user-role-changed ends focus@meet.test",
      ],
    });
  },
);
