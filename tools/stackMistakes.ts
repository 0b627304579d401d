import { distance } from "fastest-levenshtein";
import type { Document, LineCounter } from "yaml";
import { keyPath, recordKey, type ConfigError } from "../config/errors";
import { shownName } from "../config/quoted";
import { settingsSchema } from "../config/schema";
import { duplicates, type Duplicate } from "./duplicates";

const NAMESPACE = "jitsi:";

/** Keys of a stack file that Pulumi reads (sdk/go/common/workspace/project.go, ProjectStack). */
const OF_PULUMI = ["config", "encryptionsalt", "encryptedkey", "secretsprovider", "environment"];

/** Anchors for the rest of the file stand below keys that begin so. */
const OF_NOBODY = "x-";

/** `domain` alone belongs to the project as well as `jitsi:domain`. */
export function fullKey(key: string): string {
  return key.includes(":") ? key : NAMESPACE + key;
}

/** Steps from the top of the file → key as errors name it. */
function placeOf([top, key, ...rest]: Duplicate["path"]): string {
  if (key === undefined || top !== "config") return shownName(String(top));
  const name = String(key);
  return name.startsWith(NAMESPACE) ? keyPath([name.slice(NAMESPACE.length), ...rest]) : recordKey(name);
}

function twice({ path, lines: [first, second] }: Duplicate): ConfigError {
  return {
    key: placeOf(path),
    finding: `is given twice, in line ${first} and in line ${second}`,
    rule: "A key may appear only once in a structure: the last one would count, and the first one would be ignored silently.",
    fix: "Remove one of the two.",
  };
}

function remedy(key: string): string {
  const name = key.startsWith(NAMESPACE) ? key.slice(NAMESPACE.length) : key;
  if (Object.hasOwn(settingsSchema.shape, name) || key === "jitsi")
    return `Write it below config:, indented by two spaces, as in ${NAMESPACE}${key === "jitsi" ? "domain" : name}.`;
  const near = OF_PULUMI.find((known) => distance(known, key) <= 2);
  if (near !== undefined) return `Did you mean ${near}?`;
  return key.includes(":")
    ? "Write it below config:, indented by two spaces."
    : "Remove it, or let its name begin with x- if it contains anchors.";
}

/** The key that somebody wrote in place of `config`; undefined where `config` is there, or nothing is like it. */
export function mistypedConfig(content: object): string | undefined {
  if (Object.hasOwn(content, "config")) return undefined;
  return Object.keys(content).find((key) => remedy(key) === "Did you mean config?");
}

function beside(key: string, line: number): ConfigError {
  return {
    key: key.includes(":") ? recordKey(key) : shownName(key),
    finding: `stands beside "config:" (line ${line})`,
    rule: "Pulumi reads the keys of a program only below config:; this key has no effect where it is.",
    fix: remedy(key),
  };
}

/** Keys of a stack file that would be lost in silence: given twice, or beside `config:`. */
export function stackMistakes(document: Document, lines: LineCounter, content: object): ConfigError[] {
  const nameOf = (key: string, path: Duplicate["path"]) =>
    path.length === 1 && path[0] === "config" ? fullKey(key) : key;
  const { found, lineOf } = duplicates(document, lines, nameOf);
  return [
    ...found.map(twice),
    ...Object.keys(content)
      .filter((key) => !OF_PULUMI.includes(key) && !key.startsWith(OF_NOBODY))
      .map((key) => beside(key, lineOf(key))),
  ];
}
