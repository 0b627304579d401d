import { z } from "zod";
import { variantFor } from "../../config/field";
import { settingsSchema } from "../../config/schema";
import { existing, goodConfig, hostKey, lab, server, type Json } from "./configFixtures";

/** A place in a configuration: steps to it, and the configuration in which it stands. */
export interface Place {
  config: Json;
  path: (string | number)[];
}

const near = { networks: ["198.51.100.0/24"], headerValues: ["DE"] };
const size = { cores: 4, memoryMegabytes: 8192 };
const mail = { server: "smtp.example.org:25", from: "am@example.org" };
const own = (n: number) => ({ address: `203.0.113.${n}`, hostKey: hostKey(), size });

/** A configuration of existing servers in which every structure is there. */
function servers(): Json {
  const machine = own(9);
  const jumpHost = { address: "198.51.100.4", hostKey: hostKey() };
  return {
    ...goodConfig(),
    regions: [
      existing("eu", {
        machines: { provider: "existing", user: "ubuntu", jumpHost },
        ...{ core: machine, monitoring: { ...machine, address: "203.0.113.10" }, participants: near },
        videobridges: [server("fra-1", "203.0.113.2", { size })],
        recorders: [server("rec-1", "203.0.113.3", { size })],
      }),
    ],
    ...{
      monitoring: { networks: ["198.51.100.0/24"], mail },
      participants: { regionHeader: "CF-IPCountry" },
    },
    access: { kind: "moderated", moderators: ["anna"] },
    secrets: { moderators: { anna: 2 } },
    recording: { storage: { bucket: "meet", create: {} }, notify: { mail } },
    ...{ certificate: { issuer: "acme", server: "https://ca.example.org/dir" }, dns: { route53Zone: "Z1" } },
    web: { embedIn: ["https://portal.example.org"] },
  };
}

function others(): Json[] {
  const machines = { provider: "aws", region: "eu-central-1", adminCidrs: ["198.51.100.0/24"], network: {} };
  const nodes = { core: {}, monitoring: {}, videobridges: [{ id: "a" }], recorders: [{ id: "b" }] };
  const claims = { issuers: ["a"], audiences: ["b"], claims: {} };
  return [
    { ...goodConfig(), regions: [{ name: "eu", machines, ...nodes }], access: { kind: "token", ...claims } },
    { ...goodConfig(), regions: [lab("eu", nodes)], certificate: { issuer: "letsencrypt" } },
    {
      ...goodConfig(),
      regions: [{ name: "eu", machines: {}, ...nodes }],
      certificate: { issuer: "provided" },
    },
    { ...goodConfig(), regions: [existing("eu", { videobridges: [{ id: "a", on: "core" }] })], access: {} },
    { ...goodConfig(), certificate: { issuer: "internal" }, access: { kind: "open" } },
    { ...goodConfig(), certificate: {} },
  ];
}

function unwrapped(schema: z.core.$ZodType, raw: unknown): z.core.$ZodType {
  const chosen = variantFor(schema, raw);
  if (chosen) return unwrapped(chosen, raw);
  const isWrapper =
    schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodExactOptional;
  return isWrapper ? unwrapped(schema.unwrap(), raw) : schema;
}

/** Every place of a schema, each schema once. */
function walk(
  schema: z.core.$ZodType,
  raw: unknown,
  path: Place["path"],
  seen: Set<unknown>,
): Place["path"][] {
  const inner = unwrapped(schema, raw);
  const found = seen.has(inner) ? [] : [path];
  seen.add(inner);
  const at = (step: string | number) => (raw as Record<string | number, unknown> | undefined)?.[step];
  if (inner instanceof z.ZodObject)
    return Object.entries(inner.shape as z.core.$ZodShape).reduce(
      (all, [key, part]) => [...all, ...walk(part, at(key), [...path, key], seen)],
      found,
    );
  if (inner instanceof z.ZodArray) return [...found, ...walk(inner.element, at(0), [...path, 0], seen)];
  if (inner instanceof z.ZodRecord)
    return [...found, ...walk(inner.valueType, at("anna"), [...path, "anna"], seen)];
  return found;
}

/** Every place of every variant of the schema. */
export function everyPlace(): Place[] {
  const seen = new Set<unknown>();
  return [servers(), ...others()].flatMap((config) =>
    walk(settingsSchema, config, [], seen)
      .filter((path) => path.length > 0)
      .map((path) => ({ config, path })),
  );
}

/** The configuration with something else at that place; structures on the way to it are made. */
export function put({ config, path }: Place, value: unknown): Json {
  const copy = structuredClone(config);
  let place = copy as Record<string | number, unknown>;
  for (const [index, step] of path.slice(0, -1).entries()) {
    if (typeof place[step] !== "object") place[step] = typeof path[index + 1] === "number" ? [] : {};
    place = place[step] as Record<string | number, unknown>;
  }
  place[path.at(-1) ?? ""] = value;
  return copy;
}
