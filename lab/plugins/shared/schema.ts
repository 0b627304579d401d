import { UNKNOWN, type Properties, type Value } from "./values";

/** What a property may hold. A nested record describes an object, `?` at the end of a kind makes it optional. */
export type Kind = "string" | "number" | "boolean" | "string[]" | "map" | "any[]" | Schema;
export interface Property {
  kind: Kind;
  required?: boolean;
  /** Values that are accepted, when the list is closed. */
  oneOf?: readonly string[];
  /** The upstream provider has it, the stand-in refuses it: what to do instead. */
  absent?: string;
}
export type Schema = { [name: string]: Property };

/** A refused input. `reason` never carries a value: a value may be a secret. */
export interface Failure {
  property: string;
  reason: string;
}

export const text: Property = { kind: "string" };
export const number: Property = { kind: "number" };
export const flag: Property = { kind: "boolean" };
export const texts: Property = { kind: "string[]" };
export const map: Property = { kind: "map" };

/** A property of the upstream provider that the stand-in refuses. `instead`: what to do. */
export function absent(instead: string): Property {
  return { kind: "map", absent: instead };
}

/** The same property, but it must be given. */
export function required(property: Property): Property {
  return { ...property, required: true };
}

function isObject(value: Value): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isOfKind(value: Value, kind: Exclude<Kind, Schema>): boolean {
  switch (kind) {
    case "string[]":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
    case "any[]":
      return Array.isArray(value);
    case "map":
      return isObject(value);
    default:
      return typeof value === kind;
  }
}

function checkOne(name: string, value: Value, property: Property): Failure[] {
  if (value === UNKNOWN) return [];
  if (typeof property.kind === "object") {
    if (!isObject(value)) return [{ property: name, reason: `${name} must be an object` }];
    return checkProperties(value, property.kind, `${name}.`);
  }
  if (!isOfKind(value, property.kind))
    return [{ property: name, reason: `${name} must be a ${property.kind}` }];
  if (property.oneOf !== undefined && typeof value === "string" && !property.oneOf.includes(value))
    return [{ property: name, reason: `${name} must be one of ${property.oneOf.join(", ")}` }];
  return [];
}

/** Every missing, unknown or ill-typed property. Expects plain values; an unknown value passes as any type. */
export function checkProperties(inputs: Properties, schema: Schema, prefix = ""): Failure[] {
  const missing = Object.entries(schema)
    .filter(([name, property]) => property.required === true && inputs[name] === undefined)
    .map(([name]) => ({ property: prefix + name, reason: `${prefix}${name} is required` }));
  const wrong = Object.entries(inputs).flatMap(([name, value]) => {
    const property = Object.hasOwn(schema, name) ? schema[name] : undefined;
    if (property === undefined)
      return [{ property: prefix + name, reason: `${prefix}${name} is not a property; remove it` }];
    if (value === null) return [];
    if (property.absent !== undefined) {
      const reason = `${prefix}${name} is not supported by the stand-in; ${property.absent}`;
      return [{ property: prefix + name, reason }];
    }
    return checkOne(prefix + name, value, property);
  });
  return [...missing, ...wrong];
}
