import { env } from "./escapers";
import type { Checker, FileSpec, Files, UnitAction } from "./manifest";

/** What differs from a world-readable file of root that no unit reads. */
export interface FileOptions {
  /** Octal, four digits; default "0644". */
  mode?: string;
  owner?: string;
  group?: string;
  /** Units that read the file, with what each needs when it changes. */
  units?: Record<string, UnitAction>;
  check?: Checker;
  encoding?: "base64";
  /** Only the first content. */
  seed?: boolean;
  /** Key of the config whose own settings stand in the file. */
  origin?: string;
}

/** For a secret that root alone reads. */
export const ROOT_ONLY: FileOptions = { mode: "0600" };

/** For what a Prosody reads itself. */
export const FOR_PROSODY: FileOptions = { mode: "0640", group: "prosody" };

/** One managed file under its absolute path. */
export function file(path: string, content: string, options: FileOptions = {}): Files {
  const {
    mode = "0644",
    owner = "root",
    group = "root",
    units = {},
    check,
    encoding,
    seed,
    origin,
  } = options;
  const spec: FileSpec = { mode, owner, group, content, units };
  if (check !== undefined) spec.check = check;
  if (encoding !== undefined) spec.encoding = encoding;
  if (seed) spec.seed = true;
  if (origin !== undefined) spec.origin = origin;
  return { [path]: spec };
}

/** Lines of an environment file, by variable. */
export function environment(variables: Record<string, string>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${env(value)}\n`)
    .join("");
}

/** Several builders' files as one set. Two files with the same path are a mistake of the program: an error. */
export function files(...sets: Files[]): Files {
  const all: Files = {};
  for (const [path, spec] of sets.flatMap((set) => Object.entries(set))) {
    if (Object.hasOwn(all, path)) throw new Error(`${path} is made twice`);
    all[path] = spec;
  }
  return all;
}

/** The unit restarts when the file changes. */
export function restart(...units: string[]): Record<string, UnitAction> {
  return Object.fromEntries(units.map((unit) => [unit, "restart"]));
}

/** The unit reloads when the file changes. */
export function reload(...units: string[]): Record<string, UnitAction> {
  return Object.fromEntries(units.map((unit) => [unit, "reload"]));
}
