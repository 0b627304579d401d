import { isDeepStrictEqual } from "node:util";

/** A property value as the engine sends it: JSON, with marker objects for secrets, outputs, assets and archives. */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

/** Named property values of one resource. */
export type Properties = Record<string, Value>;

/** Key that marks an object as something other than a plain map. Source: @pulumi/pulumi runtime/rpc.js, specialSigKey. */
const MARKER = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** Stands for a value that is not known during a preview. Source: @pulumi/pulumi runtime/rpc.js, unknownValue. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

function isMap(value: Value): value is { [key: string]: Value } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A property that holds a text, or "" where it is absent or holds something else. */
export function textOf(properties: Properties, name: string): string {
  const value = properties[name];
  return typeof value === "string" ? value : "";
}

/** Wraps a value so that the engine encrypts it in the state and hides it in its output. */
export function secret(value: Value): Value {
  return { [MARKER]: SECRET, value };
}

/** Whether the engine will treat this value as a secret. */
export function isSecret(value: Value): boolean {
  return isMap(value) && (value[MARKER] === SECRET || (value[MARKER] === OUTPUT && value["secret"] === true));
}

/** The value without its secret and output wrappers, at every depth; assets and archives stay as they are. */
export function plain(value: Value): Value {
  if (Array.isArray(value)) return value.map(plain);
  if (!isMap(value)) return value;
  if (value[MARKER] === SECRET) return plain(value["value"] ?? null);
  if (value[MARKER] === OUTPUT) return value["value"] === undefined ? UNKNOWN : plain(value["value"]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/** The properties without wrappers; null counts as absent, as it does for the engine. */
export function plainProperties(properties: Properties): Properties {
  const entries = Object.entries(properties).map(([key, value]) => [key, plain(value)] as const);
  return Object.fromEntries(entries.filter(([key, value]) => value !== null && !key.startsWith("__")));
}

/** Whether any part of the value is unknown. Expects a plain value. */
export function hasUnknown(value: Value): boolean {
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isMap(value) ? Object.values(value).some(hasUnknown) : value === UNKNOWN;
}

export type ChangeKind = "add" | "delete" | "update";

/** A difference between two plain values. `path` is a Pulumi property path such as `connection.port` or `triggers[0]`. */
export interface Change {
  path: string;
  kind: ChangeKind;
}

function childPath(path: string, key: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** Every difference at its deepest path. Both sides plain; undefined means absent. */
export function changesBetween(before: Value | undefined, after: Value | undefined, path = ""): Change[] {
  if (before === undefined || after === undefined) {
    if (before === after) return [];
    return [{ path, kind: before === undefined ? "add" : "delete" }];
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }).flatMap((_, i) => changesBetween(before[i], after[i], `${path}[${i}]`));
  }
  if (isMap(before) && isMap(after) && before[MARKER] === undefined && after[MARKER] === undefined) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => changesBetween(before[key], after[key], childPath(path, key)));
  }
  return isDeepStrictEqual(before, after) ? [] : [{ path, kind: "update" }];
}
