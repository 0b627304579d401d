import { keyPath } from "./errors";
import { valueAt } from "./issues";

/** A key with a typo, where the one that is meant does not stand beside it. */
export interface Typo {
  /** The structure in which it stands. */
  path: readonly PropertyKey[];
  key: string;
  meant: string;
}

/** The path of the key that is meant, as errors name it. */
export function meantPath({ path, meant }: Typo): string {
  return keyPath([...path, meant]);
}

function below(value: unknown, path: readonly PropertyKey[]): string[] {
  if (typeof value !== "object" || value === null) return [keyPath(path)];
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [keyPath(path), ...members.flatMap(([step, member]) => below(member, [...path, step]))];
}

/** The paths of a mistyped key as it is meant and of all below it: nobody has looked at the values there. */
export function unreadPaths(raw: unknown, { path, key, meant }: Typo): string[] {
  return below(valueAt(raw, [...path, key]), [...path, meant]);
}

/** A value with one key deep in it renamed; nothing of the given value changes. */
function renamed(value: unknown, typo: Typo): unknown {
  if (typeof value !== "object" || value === null) return value;
  const { path, key, meant } = typo;
  const [step, ...rest] = path;
  if (Array.isArray(value))
    return value.map((item: unknown, at) => (at === step ? renamed(item, { path: rest, key, meant }) : item));
  const entries = Object.entries(value).map(([name, member]): [string, unknown] => {
    if (step === undefined) return [name === key ? meant : name, member];
    return [name, name === step ? renamed(member, { path: rest, key, meant }) : member];
  });
  return Object.fromEntries(entries);
}

/** The configuration as it is meant: a mistyped key is told of as such, and not as missing as well. */
export function asMeant(
  raw: Readonly<Record<string, unknown>>,
  typos: readonly Typo[],
): Record<string, unknown> {
  return typos.reduce<unknown>(renamed, raw) as Record<string, unknown>;
}
