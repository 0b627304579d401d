import { z } from "zod";
import { keyPath, type ConfigError } from "./errors";
import type { Typo } from "./typos";
import { fieldInfos, opened, variantFor, type FieldInfo, type Problem } from "./field";
import { type Expected, shown } from "./quoted";
import { unknownKey } from "./unknownKeys";

/** The value at the end of a path; undefined where it ends early. */
export function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, step)
        ? (value as Record<PropertyKey, unknown>)[step]
        : undefined,
    raw,
  );
}

/** The schema that says what a good value is: without wrappers, and of variants the one that the raw value asks for. */
function unwrapped(schema: z.core.$ZodType, raw: unknown): z.core.$ZodType {
  const { inner } = opened(schema);
  const chosen = variantFor(inner, raw);
  return chosen ? unwrapped(chosen, raw) : inner;
}

/** The schema for the value at a path, chosen by what stands in the raw value on the way; undefined where there is none. */
function schemaAt(
  root: z.core.$ZodType,
  raw: unknown,
  path: readonly PropertyKey[],
): z.core.$ZodType | undefined {
  let schema: z.core.$ZodType | undefined = unwrapped(root, raw);
  let value = raw;
  for (const step of path) {
    value = valueAt(value, [step]);
    if (schema instanceof z.ZodObject)
      schema = (schema.shape as Record<PropertyKey, z.core.$ZodType | undefined>)[step];
    else if (schema instanceof z.ZodArray) schema = schema.element;
    else if (schema instanceof z.ZodRecord) schema = schema.valueType;
    else return undefined;
    if (schema) schema = unwrapped(schema, value);
  }
  return schema;
}

/** Where the schema has a key of that name, as in `jitsi:regions[].machines.zone`, by what stands in the raw value. */
function placesOf(name: string, schema: z.core.$ZodType, raw: unknown, path = ""): string[] {
  const open = unwrapped(schema, raw);
  if (open instanceof z.ZodArray) {
    const elements: unknown[] = Array.isArray(raw) ? raw : [undefined];
    return elements.flatMap((element) => placesOf(name, open.element, element, `${path}[]`));
  }
  if (!(open instanceof z.ZodObject)) return [];
  return Object.entries(open.shape as z.core.$ZodShape).flatMap(([key, member]) => {
    const place = path === "" ? `jitsi:${key}` : `${path}.${key}`;
    return [...(key === name ? [place] : []), ...placesOf(name, member, valueAt(raw, [key]), place)];
  });
}

/** What belongs at a field. */
function expectedAt(schema: z.core.$ZodType | undefined): Expected {
  if (schema === undefined) return {};
  const options = schema instanceof z.ZodEnum ? schema.options : [];
  return {
    words: options.filter((option) => typeof option === "string"),
    number: schema instanceof z.ZodNumber,
    name: fieldInfos.get(schema)?.isName === true,
  };
}

/** What belongs at a path of the raw configuration. */
export function expectedIn(root: z.core.$ZodType, raw: unknown, path: readonly PropertyKey[]): Expected {
  return expectedAt(schemaAt(root, raw, path));
}

function finding(value: unknown, schema: z.core.$ZodType | undefined): string {
  return value === undefined ? "is missing" : `is ${shown(value, expectedAt(schema))}`;
}

/** Quotes too many or too few, the usual reason for a value of the wrong type. */
function quotingFix(issue: z.core.$ZodIssue, value: unknown): string | undefined {
  if (issue.code !== "invalid_type") return undefined;
  if (issue.expected === "string") {
    if (typeof value !== "number" && typeof value !== "boolean") return undefined;
    const text = shown(value);
    return text === String(value) ? `Write it in quotes: "${text}"` : "Write it in quotes.";
  }
  const isNumeric = typeof value === "string" && /^\d{1,12}$/.test(value);
  return isNumeric && (issue.expected === "number" || issue.expected === "int")
    ? `Write it without quotes: ${value}`
    : undefined;
}

const UNDESCRIBED: Problem = {
  rule: "It does not have the form that this version knows.",
  fix: "Compare it with docs/CONFIGURATION.md.",
};

/** What is said of a secret that its field does not take. */
export const MISFIT = "has a value of the wrong form (not shown, it is secret)";

/** A field's issue in the user's words: what stands there, the rule of that field, what to do. */
function fieldError(
  root: z.core.$ZodType,
  raw: unknown,
  issue: z.core.$ZodIssue,
  isSecret: boolean,
): ConfigError {
  const value = valueAt(raw, issue.path);
  const schema = schemaAt(root, raw, issue.path);
  const info: FieldInfo | undefined = schema && fieldInfos.get(schema);
  const own = (issue.code === "custom" ? issue.params : undefined) as Partial<Problem> | undefined;
  const isMisfit = (isSecret || own?.isSecret === true) && value !== undefined;
  return {
    key: keyPath(issue.path),
    finding: own?.finding ?? (isMisfit ? MISFIT : finding(value, schema)),
    rule: own?.rule ?? info?.rule ?? UNDESCRIBED.rule,
    fix: own?.fix ?? (isMisfit ? undefined : quotingFix(issue, value)) ?? info?.fix ?? UNDESCRIBED.fix,
  };
}

/** Something that zod found, in the user's words; `typo` where a key was mistyped. */
interface Translated {
  error: ConfigError;
  typo?: Typo;
}

/** Everything that zod found. `secretKeys` are top-level names whose values are never shown. */
export function translated(
  root: z.core.$ZodType,
  raw: unknown,
  issues: readonly z.core.$ZodIssue[],
  secretKeys: ReadonlySet<string>,
): Translated[] {
  return issues.flatMap((issue): Translated[] => {
    const isSecret = secretKeys.has(String(issue.path[0]));
    if (issue.code !== "unrecognized_keys") return [{ error: fieldError(root, raw, issue, isSecret) }];
    const schema = schemaAt(root, raw, issue.path);
    const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
    const all = Object.keys(valueAt(raw, issue.path) ?? {});
    return issue.keys.map((key) => {
      const isHidden = isSecret || (issue.path.length === 0 && secretKeys.has(key));
      const value = valueAt(raw, [...issue.path, key]);
      const places = [...new Set(placesOf(key, root, raw))];
      const unknown = { key, value, isHidden, position: all.indexOf(key) + 1 };
      const { error, meant } = unknownKey(issue.path, unknown, { known, places });
      const isFree = meant !== undefined && !all.includes(meant);
      return { error, ...(isFree && { typo: { path: issue.path, key, meant } }) };
    });
  });
}
