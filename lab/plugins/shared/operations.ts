import { checkProperties, type Failure } from "./schema";
import type { Configuration, Context, ResourceType } from "./resource";
import {
  changesBetween,
  isSecret,
  plainProperties,
  secret,
  UNKNOWN,
  type Change,
  type Properties,
} from "./values";

/** The plan for an existing resource: nothing, an update in place, or a replacement for the named properties. */
export interface Difference {
  changes: (Change & { replaces: boolean; input: boolean })[];
  changedKeys: string[];
  replaceKeys: string[];
}

/** All reasons to refuse these inputs; empty when they are fine. */
export function checkInputs(type: Configuration, news: Properties): Failure[] {
  const inputs = plainProperties(news);
  const failures = checkProperties(inputs, type.inputs);
  return failures.length > 0 ? failures : (type.check?.(inputs) ?? []);
}

function topLevelKey(path: string): string {
  return /^[^.[]*/.exec(path)?.[0] ?? path;
}

/** Compares the recorded inputs with the new ones, and asks the type whether its state has run out. */
export function difference(
  type: Configuration & Pick<ResourceType, "expired">,
  state: Properties,
  olds: Properties,
  news: Properties,
): Difference {
  const inputs = plainProperties(news);
  const replaces = (path: string): boolean =>
    type.replaceOn.includes(path) || type.replaceOn.includes(topLevelKey(path));
  const changed = changesBetween(plainProperties(olds), inputs).map((change) => ({
    ...change,
    replaces: replaces(change.path),
    input: true,
  }));
  const expired = (type.expired?.(plainProperties(state), inputs) ?? []).map((path) => ({
    path,
    kind: "update" as const,
    replaces: true,
    input: false,
  }));
  const changes = [...changed, ...expired];
  const keys = (list: typeof changes): string[] => [...new Set(list.map(({ path }) => topLevelKey(path)))];
  return { changes, changedKeys: keys(changes), replaceKeys: keys(changes.filter((c) => c.replaces)) };
}

/**
 * What the state records: inputs with their secret markers, and the computed values. An output takes its secrecy
 * from its name only: a secret input makes no other property secret.
 */
function stateOf(type: ResourceType, news: Properties, computed: Properties): Properties {
  const marked = Object.entries(computed).map(([key, value]) => {
    const hidden = type.secretOutputs?.includes(key) === true || isSecret(news[key] ?? null);
    return [key, hidden && !isSecret(value) ? secret(value) : value] as const;
  });
  return { ...news, ...Object.fromEntries(marked) };
}

function unknownOutputs(type: ResourceType): Properties {
  return Object.fromEntries(type.outputs.map((name) => [name, UNKNOWN]));
}

/** Creates the resource; a preview does nothing and leaves id and outputs open. */
export async function create(
  type: ResourceType,
  news: Properties,
  preview: boolean,
  context: Context,
): Promise<{ id: string; state: Properties }> {
  if (preview) return { id: "", state: { ...news, ...unknownOutputs(type) } };
  const { id, outputs } = await type.create(plainProperties(news), context);
  return { id, state: stateOf(type, news, outputs) };
}

/** Updates the resource in place; a preview does nothing and makes all outputs unknown that may change. */
export async function update(
  type: ResourceType,
  state: Properties,
  news: Properties,
  preview: boolean,
  context: Context,
): Promise<Properties> {
  if (preview && type.keepsOutputs !== true) return { ...news, ...unknownOutputs(type) };
  const before = plainProperties(state);
  const kept = Object.fromEntries(
    Object.entries(before).filter(([key]) => type.outputs.includes(key) || !Object.hasOwn(type.inputs, key)),
  );
  const outputs =
    preview || type.update === undefined ? {} : await type.update(plainProperties(news), before, context);
  return stateOf(type, news, { ...kept, ...outputs });
}
