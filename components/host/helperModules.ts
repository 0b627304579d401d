import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";

/** Folder of the helper's Python package, relative to the project. */
const PACKAGE = join(__dirname, "..", "..", "host", "audio_meet");

/** Loads install.py from the modules on stdin and runs it; short, fixed, and free of data. */
export const INSTALL_HELPER =
  `python3 -IX utf8 -c 'import sys,json;m=json.load(sys.stdin);` +
  `exec(compile(m["install.py"],"install.py","exec"),{"modules":m})'`;

let read: string | undefined;

/** The helper as JSON, path below the package (with slashes) → source text, in a stable order; one text for all hosts. */
export function helperModules(): string {
  return (read ??= readModules());
}

function readModules(): string {
  const paths = readdirSync(PACKAGE, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".py"))
    .map((path) => path.split(sep).join("/"))
    .sort();
  return JSON.stringify(
    Object.fromEntries(paths.map((path) => [path, readFileSync(join(PACKAGE, path), "utf8")])),
  );
}
