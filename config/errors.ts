import { isShownName, shownName } from "./quoted";

/** One mistake in the configuration: key, value, rule, fix. */
export interface ConfigError {
  /** Path as in the stack file, e.g. "jitsi:regions[1].videobridges[0].hostKey". */
  key: string;
  /** What is wrong with it, beginning with the verb: "is missing", 'is "fra 1"', "has 2 cores". Never holds a secret. */
  finding: string;
  rule: string;
  fix: string;
}

/** Key of a record as an error shows it: "aws:region". */
export function recordKey(key: string): string {
  const [namespace = "", ...name] = key.split(":");
  return name.length === 0 ? shownName(namespace) : `${shownName(namespace)}:${shownName(name.join(":"))}`;
}

function step(name: PropertyKey): string {
  if (typeof name === "number") return `[${name}]`;
  const text = String(name);
  return !isShownName(text) || /^[A-Za-z_][\w-]*$/.test(text)
    ? `.${shownName(text)}`
    : `[${JSON.stringify(text)}]`;
}

/** Steps into the configuration → key as the user knows it; names that nobody would give a key are not shown. */
export function keyPath(path: readonly PropertyKey[]): string {
  const [first, ...rest] = path;
  const head = String(first);
  const isBare = !isShownName(head) || /^[\w-]+$/.test(head);
  return `jitsi:${isBare ? shownName(head) : JSON.stringify(head)}${rest.map(step).join("")}`;
}

/** Three lines: key and value, then the rule, then the fix. */
export function formatError({ key, finding, rule, fix }: ConfigError): string {
  return `${key} ${finding}.\n  ${rule}\n  ${fix}`;
}

/** All mistakes, in the order of the report, with an empty line between them. */
export function formatErrors(errors: ConfigError[]): string {
  return errors.map(formatError).join("\n\n");
}
