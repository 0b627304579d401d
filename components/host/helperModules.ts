import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Folder of the helper's Python modules, relative to the project. */
const MODULES = join(__dirname, "..", "..", "host", "audio_meet");

/** Loads install.py from the modules on stdin and runs it; short, fixed, and free of data. */
export const INSTALL_HELPER =
  `python3 -IX utf8 -c 'import sys,json;m=json.load(sys.stdin);` +
  `exec(compile(m["install.py"],"install.py","exec"),{"modules":m})'`;

/** The helper as JSON, file name → source text, in a stable order. */
export function helperModules(): string {
  const names = readdirSync(MODULES)
    .filter((name) => name.endsWith(".py"))
    .sort();
  return JSON.stringify(
    Object.fromEntries(names.map((name) => [name, readFileSync(join(MODULES, name), "utf8")])),
  );
}
