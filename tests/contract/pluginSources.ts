import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { TEMPLATES } from "./prosodyLua";

/** What one module asks Lua for, and which other modules and libraries it brings along. */
interface Asked {
  names: string[];
  others: string[];
}

/** Reads the sources of Jitsi's modules in a folder, from those that are named on to all that come along: module → names. */
export function requiredNames(folder: string, modules: string[]): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  const open = [...modules];
  for (let module = open.pop(); module !== undefined; module = open.pop()) {
    const path = [`mod_${module}.lua`, `${module}.lib.lua`]
      .map((name) => join(folder, name))
      .find((name) => existsSync(name));
    // What Jitsi does not bring is a module of Prosody's own, and a library of ours comes before Jitsi's.
    const isOurs = existsSync(join(TEMPLATES, `${module}.lib.lua`));
    if (path === undefined || isOurs || found[module] !== undefined) continue;
    const { names, others } = askedBy(readFileSync(path, "utf8"));
    found[module] = names;
    open.push(...others);
  }
  return found;
}

function askedBy(text: string): Asked {
  const code = text.replace(/--\[\[[^]*?\]\]/g, "").replace(/--.*$/gm, "");
  const asked = code.matchAll(/(module:)?(?:\brequire|\bdepends)\s*[(,]?\s*["']([^"']+)["']/g);
  const all = [...asked].map(([whole, module, name = ""]) => ({
    name,
    isOther: module !== undefined || whole.startsWith("depends"),
  }));
  const namesOf = (isOther: boolean) =>
    [...new Set(all.filter((one) => one.isOther === isOther).map(({ name }) => name))].sort();
  return { names: namesOf(false), others: namesOf(true) };
}
