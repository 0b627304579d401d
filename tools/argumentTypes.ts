import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { accessShapes } from "../config/access";
import { certificateShapes } from "../config/certificate";
import { fieldInfos, opened, type FieldInfo } from "../config/field";
import { referenceShapes } from "../config/regions";
import { SECRETS, settingsSchema } from "../config/schema";

/** Where the argument types lie. */
export const ARGUMENTS_FILE = join(__dirname, "..", "components", "audioMeetArgs.ts");

type Schema = z.core.$ZodType;

/** One key, and in which variants of its structure it stands; undefined where in all. */
interface Member {
  schema: Schema;
  isOptional: boolean;
  of?: string[];
}

/** The interfaces as they are found, the outermost last. */
type Interfaces = Map<string, string>;

const { existing, aws, lab, coreBridge, anyMachines } = referenceShapes;
const KINDS = { aws, existing, lab };

/** Shapes of what the schema chooses by what stands in a value: other languages have no unions, so one interface has all keys. */
const VARIANTS: Record<string, Record<string, z.core.$ZodShape>> = {
  Access: shapesOf(accessShapes, ({ shape }) => shape),
  Certificate: shapesOf(certificateShapes, ({ shape }) => shape),
  Region: shapesOf(KINDS, ({ region }) => region.shape),
  Machines: shapesOf(KINDS, ({ region }) => region.shape.machines.shape),
  Core: shapesOf(KINDS, ({ region }) => region.shape.core.unwrap().shape),
  Monitor: shapesOf(KINDS, ({ region }) => region.shape.monitoring.unwrap().shape),
  Videobridge: { ...shapesOf(KINDS, ({ bridge }) => bridge.shape), "on: core": coreBridge.shape },
  Recorder: shapesOf(KINDS, ({ recorder }) => recorder.shape),
};

/** Words that say which variant it is, by the name of the interface and key. */
const CHOICES: Record<string, FieldInfo | undefined> = {
  "Machines.provider": fieldInfos.get(anyMachines.shape.provider),
};

/** What structures are that the schema chooses by what stands in them. */
const DESCRIBED: Record<string, FieldInfo | undefined> = {
  Region: fieldInfos.get(existing.region),
  Videobridge: fieldInfos.get(existing.bridge),
};

/** Names of interfaces that their key alone does not say well. */
const NAMES: Record<string, string> = {
  "AudioMeet.regions": "Region",
  "AudioMeet.monitoring": "Monitoring",
  "Region.monitoring": "Monitor",
  "Region.videobridges": "Videobridge",
  "Region.recorders": "Recorder",
  "Region.participants": "NearParticipants",
  "AudioMeet.secrets": "RotationCounters",
  "Storage.create": "OwnBucket",
};

/** One shape of each variant, by the name of the variant. */
function shapesOf<Variant>(
  variants: Record<string, Variant>,
  shapeOf: (variant: Variant) => z.core.$ZodShape,
): Record<string, z.core.$ZodShape> {
  return Object.fromEntries(Object.entries(variants).map(([name, one]) => [name, shapeOf(one)]));
}

/** The keys of one structure, or of all its variants together. */
function membersOf(name: string, shape: z.core.$ZodShape): Map<string, Member> {
  const variants = VARIANTS[name] ?? { "": shape };
  const names = Object.keys(variants);
  const keys = [...new Set(Object.values(variants).flatMap((shape) => Object.keys(shape)))];
  return new Map(
    keys.map((key) => {
      const having = names.filter((variant) => Object.hasOwn(variants[variant] ?? {}, key));
      const schemas = having.flatMap((variant) => variants[variant]?.[key] ?? []);
      const [schema] = schemas;
      if (schema === undefined) throw new Error(`no variant has ${key}`);
      const isEverywhere = having.length === names.length;
      const isOptional = !isEverywhere || schemas.some((one) => opened(one).isOptional);
      return [key, { schema, isOptional, ...(!isEverywhere && { of: having }) }];
    }),
  );
}

/** The TypeScript type of a value. Interfaces that it needs are added to `found`. */
function typeOf(schema: Schema, owner: string, key: string, found: Interfaces): string {
  const { inner } = opened(schema);
  const name = NAMES[`${owner}.${key}`] ?? key.charAt(0).toUpperCase() + key.slice(1);
  if (inner instanceof z.ZodArray) return `${typeOf(inner.element, owner, key, found)}[]`;
  if (inner instanceof z.ZodRecord)
    return `{ [name: string]: ${typeOf(inner.valueType, owner, key, found)} }`;
  // Whatever JSON has, and a word or a structure: other languages know no other type for it.
  if (inner instanceof z.ZodUnknown || name === "Restarts") return "any";
  if (inner instanceof z.ZodBoolean) return "boolean";
  if (inner instanceof z.ZodNumber) return "number";
  if (inner instanceof z.ZodString || inner instanceof z.ZodEnum || inner instanceof z.ZodLiteral)
    return isSecret(owner, key) ? "pulumi.Input<string>" : "string";
  if (inner instanceof z.ZodObject || Object.hasOwn(VARIANTS, name)) {
    const shape: z.core.$ZodShape = inner instanceof z.ZodObject ? inner.shape : {};
    addInterface(name, shape, fieldInfos.get(inner), found);
    return `${name}Args`;
  }
  throw new Error(`${owner}.${key} has a schema that no argument has yet`);
}

function isSecret(owner: string, key: string): boolean {
  return owner === "AudioMeet" && (SECRETS as readonly string[]).includes(key);
}

function addInterface(
  name: string,
  shape: z.core.$ZodShape,
  info: FieldInfo | undefined,
  found: Interfaces,
): void {
  if (found.has(name)) return;
  const lines = [...membersOf(name, shape)].map(([key, member]) => {
    const type = typeOf(member.schema, name, key, found);
    return `${docOf(name, key, member)}\n${key}${member.isOptional ? "?" : ""}: ${type};`;
  });
  const { description } = DESCRIBED[name] ?? info ?? { description: "A whole deployment of Audio Meet." };
  found.set(name, `/** ${description} */\nexport interface ${name}Args {\n${lines.join("\n")}\n}`);
}

/** What a key is, its unit, its default and how it is written. */
function docOf(owner: string, key: string, { schema, isOptional, of }: Member): string {
  const { inner, byDefault } = opened(schema);
  const info = CHOICES[`${owner}.${key}`] ?? fieldInfos.get(inner);
  if (info === undefined) return `/** ${wordsOf(owner, key)} */`;
  const fallback = byDefault === undefined ? info.fallback : JSON.stringify(byDefault);
  const words =
    inner instanceof z.ZodEnum && inner.options.length <= 8 ? ` One of ${inner.options.join(", ")}.` : "";
  const lines = [
    info.description.replaceAll("*/", "* /") + words,
    ...(info.unit === undefined ? [] : [`Unit: ${info.unit}.`]),
    ...(of === undefined
      ? []
      : [`Only with ${of.map((name) => (name.includes(":") ? name : `\`${name}\``)).join(", ")}.`]),
    ...(isOptional && fallback !== undefined && fallback !== "{}" ? [`@default ${fallback}`] : []),
    `@example ${isSecret(owner, key) ? `config.requireSecret("${key}")` : info.example.replaceAll("*/", "* /")}`,
  ];
  return `/**\n${lines.map((line) => ` * ${line.replaceAll("jitsi:", "")}`).join("\n")}\n */`;
}

/** For a word that chooses among variants. */
function wordsOf(owner: string, key: string): string {
  const words = Object.keys(VARIANTS[owner] ?? {});
  return `${key === "kind" ? "Kind" : "Which"}: ${[...(owner === "Access" ? ["open"] : []), ...words].join(", ")}.`;
}

/** The argument types, TypeScript, as yet without the layout of the project. */
export function argumentTypes(): string {
  const found: Interfaces = new Map();
  addInterface("AudioMeet", settingsSchema.shape, undefined, found);
  const head = [
    "// Generated from the schema in config/: npx tsx tools/argumentTypes.ts",
    "/* eslint-disable @typescript-eslint/no-explicit-any -- settings of the page are whatever JSON has, restarts a word or a structure */",
    'import type * as pulumi from "@pulumi/pulumi";',
  ].join("\n");
  return [head, ...[...found.values()].reverse()].join("\n\n");
}

if (require.main === module) {
  writeFileSync(ARGUMENTS_FILE, argumentTypes());
  execFileSync("npx", ["prettier", "--write", ARGUMENTS_FILE]);
}
