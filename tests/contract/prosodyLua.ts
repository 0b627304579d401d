import { homedir } from "node:os";
import { join } from "node:path";
import { lua } from "../../services/escapers";
import { type Result, run } from "./programs";

/** Every Lua that a server may have a Prosody 13 for; ours run on one of them, and stay good for all. */
export const LUAS = ["lua5.2", "lua5.3", "lua5.4"] as const;

/** The Lua whose C modules the unpacked Prosody brings: Debian builds it for no other. */
export const PROSODY_LUA = "lua5.4";

const CACHE = process.env["AUDIO_MEET_CACHE"] ?? join(homedir(), ".cache", "audio-meet");

/** Prosody's own Lua, as tests/run.sh unpacks it: a folder that holds core, net and util. */
export const PROSODY_TREE = process.env["PROSODY_TREE"] ?? join(CACHE, "tools/prosody/usr/lib/prosody");

/** A file of it, for `testWith`. */
export const NEEDS_PROSODY = join(PROSODY_TREE, "util/jwt.lua");

export const TEMPLATES = join(__dirname, "..", "..", "templates", "prosody");

/** Finds modules as Prosody and its configuration do: ours of other names' libraries first, then Prosody's, then the system's. */
const SEARCH = `
  package.path = ${lua(`${TEMPLATES}/libraries/?.lua;${PROSODY_TREE}/?.lua;`)} .. package.path
  package.cpath = ${lua(`${PROSODY_TREE}/?.so;`)} .. package.cpath
  -- What lets a module of Prosody be asked for with and without "prosody." before its name.
  if not pcall(require, "prosody.loader") then assert(pcall(require, "loader")) end
  -- The C modules are built for 5.4; elsewhere the one of them that util.array needs is written in Lua.
  if _VERSION ~= "Lua 5.4" then
    package.preload["prosody.util.table"] = function ()
      return { pack = table.pack, create = function () return {} end, move = function (from, first, last, to, into)
        for i = first, last do (into or from)[to + i - first] = from[i] end
        return into or from
      end }
    end
  end
`;

/** Lets seconds pass in a script whose clock is the local `now`, and whose one timer of Prosody is the local `timer`. */
export const PASS = `
  function pass(seconds)
    for _ = 1, seconds do
      now = now + 1
      if timer and now >= timer.at then
        local again = timer.call()
        timer = again and { at = now + again, call = timer.call } or nil
      end
    end
  end
`;

/** Runs a script that may ask for modules of Prosody. */
export function runInProsody(interpreter: string, script: string): Result {
  return run(interpreter, ["-"], SEARCH + script);
}
