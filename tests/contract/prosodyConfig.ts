import { lua } from "../../services/escapers";
import { run } from "./programs";

/** A value of a Prosody option. */
export type Option = string | number | boolean | Option[] | { [name: string]: Option };

/** One VirtualHost or Component. */
export interface ProsodyHost {
  kind: "VirtualHost" | "Component";
  /** The module of a component, "" for a host. */
  module: string;
  options: Record<string, Option>;
}

/** What a Prosody configuration says once Lua has run it. */
export interface ProsodyConfig {
  options: Record<string, Option>;
  hosts: Record<string, ProsodyHost>;
}

/** Runs a configuration as Prosody does: assignments are options of the host that was named last. */
const HARNESS = `
  local function quote(text)
    return '"' .. text:gsub('[%c"\\\\\\127]', function(c) return ("\\\\u%04x"):format(c:byte()) end) .. '"'
  end
  local function json(value)
    if type(value) == "string" then return quote(value) end
    if type(value) ~= "table" then return tostring(value) end
    local parts = {}
    if next(value) == nil or value[1] ~= nil then
      for _, item in ipairs(value) do parts[#parts + 1] = json(item) end
      return "[" .. table.concat(parts, ",") .. "]"
    end
    for key, item in pairs(value) do parts[#parts + 1] = quote(tostring(key)) .. ":" .. json(item) end
    return "{" .. table.concat(parts, ",") .. "}"
  end
  local global, hosts = {}, {}
  local current = global
  local function host(kind)
    return function(name)
      assert(not hosts[name], name .. " is opened twice")
      local made = { kind = kind, module = "", options = {} }
      hosts[name], current = made, made.options
      return function(module) made.module = module end
    end
  end
  local functions = { VirtualHost = host("VirtualHost"), Component = host("Component") }
  -- The content of a file of the host: here its path says enough.
  functions.FileLine = function(path) return path end
  functions.Lua = {
    _VERSION = _VERSION,
    package = { path = "" },
    io = { open = function(path) return { read = function() return path end } end },
  }
  function functions.Credential(name) return { credential = name } end
  local environment = setmetatable({}, {
    __index = function(_, name)
      return functions[name] or current[name] or global[name] or error(name .. " is not set", 2)
    end,
    __newindex = function(_, name, value) current[name] = value end,
  })
  assert(load(TEXT, "config", "t", environment))()
  local function object(value) return next(value) == nil and "{}" or json(value) end
  local parts = {}
  for name, made in pairs(hosts) do
    parts[#parts + 1] = ('%s:{"kind":%s,"module":%s,"options":%s}'):format(
      quote(name), quote(made.kind), quote(made.module), object(made.options))
  end
  io.write('{"options":', object(global), ',"hosts":{', table.concat(parts, ","), "}}")
`;

/** Reads a Prosody configuration by running it. @throws Error with what Lua says */
export function readProsody(text: string, interpreter = "lua5.4"): ProsodyConfig {
  const { code, output } = run(interpreter, ["-"], `local TEXT = ${lua(text)}\n${HARNESS}`);
  if (code !== 0) throw new Error(output);
  return JSON.parse(output) as ProsodyConfig;
}
