import { z } from "zod";
import { isCertainSecret } from "./secretForms";

/** What the reference page and the error report say about one key. */
export interface FieldInfo {
  /** One sentence for the reference page. */
  description: string;
  unit?: string;
  /** As it is written in YAML. */
  example: string;
  /** What holds for every good value; second line of an error. */
  rule: string;
  /** What to do about a bad one; third line of an error. */
  fix: string;
  /** Its values are names that everybody may know: an error quotes one that is made of words. */
  isName?: true;
  /** Shown as the default where the schema itself has none, e.g. "the machine's own". */
  fallback?: string;
}

/** What one key says about itself where rule and fix are those of every key of its kind. */
export type Words = Omit<FieldInfo, "rule" | "fix" | "isName">;

/** A rule that a value breaks and that says more than the field's own, e.g. why an RSA key is refused. */
export interface Problem {
  rule: string;
  fix: string;
  /** What is wrong, where that is more than the value; as in `ConfigError`. */
  finding?: string;
  /** The value holds a secret: no error shows it. */
  isSecret?: boolean;
}

/** Every key of the schema → what is known about it. */
export const fieldInfos = z.registry<FieldInfo>();

/** Line breaks and other control characters: never part of a name, an address or a version, and never safe in a file. */
// eslint-disable-next-line no-control-regex -- that is what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/u;

const CONTROL_PROBLEM: Problem = {
  rule: "Text contains no line break and no other control character.",
  fix: "Write it on one line, in quotes if need be.",
};

const SECRET_PROBLEM: Problem = {
  isSecret: true,
  rule: "The value is a secret, but the value of this key is visible in previews and on hosts.",
  fix: "Remove it, and create a new secret where it comes from: this one was readable.",
};

interface TextChecks {
  /** Values are secrets. */
  secret?: boolean;
  /** Values may hold line breaks (a private key). */
  multiline?: boolean;
  /** Undefined where the value is good, `true` where the field's own rule is broken. */
  problem: (value: string) => Problem | true | undefined;
  /** One spelling for values that mean the same. */
  canonical?: (value: string) => string;
}

function valueProblem(value: string, { problem, secret, multiline }: TextChecks): Problem | true | undefined {
  if (secret || !isCertainSecret(value))
    return !multiline && CONTROL.test(value) ? CONTROL_PROBLEM : problem(value);
  const own = problem(value);
  return typeof own === "object" && own.isSecret ? own : SECRET_PROBLEM;
}

/** A text key with its check. */
export function text(info: FieldInfo, checks: TextChecks): z.ZodString {
  const { canonical } = checks;
  const schema = z.string().check((context) => {
    const value = context.value;
    const found = valueProblem(value, checks);
    if (found === undefined) {
      if (canonical) context.value = canonical(value);
      return;
    }
    const params = found === true ? {} : found;
    context.issues.push({ code: "custom", input: value, message: "broken rule", params });
  });
  return schema.register(fieldInfos, info);
}

/** A whole number between two bounds, both allowed. */
export function integer(info: FieldInfo, minimum: number, maximum: number): z.ZodInt {
  return z.int().min(minimum).max(maximum).register(fieldInfos, info);
}

/** One word out of a few. */
export function oneOf<const Values extends readonly string[]>(info: FieldInfo, values: Values) {
  return z.enum(values).register(fieldInfos, info);
}

/** A structure: a typo in a key of it is an error. */
export function structure<Shape extends z.core.$ZodShape>(info: FieldInfo, shape: Shape) {
  return z.strictObject(shape).register(fieldInfos, info);
}

/** Takes the wrappers off: what a value is, and what it is when it is left out. */
export function opened(schema: z.core.$ZodType): {
  inner: z.core.$ZodType;
  byDefault?: unknown;
  isOptional: boolean;
} {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)
    return { inner: opened(schema.unwrap()).inner, byDefault: schema.def.defaultValue, isOptional: true };
  if (schema instanceof z.ZodExactOptional) return { inner: opened(schema.unwrap()).inner, isOptional: true };
  return { inner: schema, isOptional: false };
}

const selectors = new WeakMap<z.core.$ZodType, (raw: unknown) => z.core.$ZodType>();

/** The variant of a `variant` schema that a value asks for; undefined for every other schema. */
export function variantFor(schema: z.core.$ZodType, raw: unknown): z.core.$ZodType | undefined {
  return selectors.get(schema)?.(raw);
}

/** A value whose shape depends on what stands in it; unlike in a union, the errors are those of the chosen shape alone. */
export function variant<Output>(select: (raw: unknown) => z.ZodType<Output>): z.ZodType<Output> {
  const schema = z.unknown().transform((raw, context): Output => {
    const result = select(raw).safeParse(raw);
    if (result.success) return result.data;
    for (const issue of result.error.issues) context.issues.push({ ...issue, input: raw } as never);
    return z.NEVER;
  });
  selectors.set(schema, select);
  return schema;
}

/** What a structure of optional keys says about itself. */
export function group(description: string, example: string): FieldInfo {
  return {
    description,
    example,
    rule: "It is a structure of keys and values.",
    fix: `Write it as in ${example}.`,
  };
}

/** A switch. */
export function toggle(description: string) {
  return z.boolean().register(fieldInfos, {
    description,
    example: "false",
    rule: "A switch is true or false.",
    fix: "Write true or false, without quotes.",
  });
}
