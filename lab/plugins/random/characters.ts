import { randomInt } from "node:crypto";
import bcrypt from "bcryptjs";
import { flag, map, number, required, text, type Failure, type Schema } from "../shared/schema";
import type { ResourceType } from "../shared/resource";
import { UNKNOWN, type Properties } from "../shared/values";

/** Source: @pulumi/random randomPassword.d.ts, `special`. */
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";

/** Source: terraform-provider-random, bcrypt.DefaultCost. */
const BCRYPT_COST = 10;
/** bcrypt reads no further. Source: @pulumi/random randomPassword.d.ts, `bcryptHash`. */
const BCRYPT_LIMIT_BYTES = 72;

const INPUTS: Schema = {
  length: required(number),
  keepers: map,
  lower: flag,
  upper: flag,
  special: flag,
  number: flag,
  numeric: flag,
  minLower: number,
  minUpper: number,
  minSpecial: number,
  minNumeric: number,
  overrideSpecial: text,
};

interface Rules {
  length: number;
  /** Character classes with the least number of characters of each; only classes that are allowed. */
  classes: { characters: string; minimum: number }[];
}

function count(inputs: Properties, name: string): number {
  return typeof inputs[name] === "number" ? inputs[name] : 0;
}

function rulesOf(inputs: Properties): Rules {
  const special = typeof inputs["overrideSpecial"] === "string" ? inputs["overrideSpecial"] : SPECIAL;
  const digits = inputs["numeric"] ?? inputs["number"];
  const all = [
    { allowed: inputs["lower"], characters: LOWER, minimum: count(inputs, "minLower") },
    { allowed: inputs["upper"], characters: LOWER.toUpperCase(), minimum: count(inputs, "minUpper") },
    { allowed: digits, characters: DIGITS, minimum: count(inputs, "minNumeric") },
    { allowed: inputs["special"], characters: special, minimum: count(inputs, "minSpecial") },
  ];
  return { length: count(inputs, "length"), classes: all.filter(({ allowed }) => allowed !== false) };
}

/** Rules of length and classes that cannot be met. */
function checkRules(inputs: Properties): Failure[] {
  if (Object.values(inputs).includes(UNKNOWN)) return [];
  const { length, classes } = rulesOf(inputs);
  const minimum = classes.reduce((sum, item) => sum + item.minimum, 0);
  const failures: Failure[] = [];
  if (!Number.isInteger(length) || length < 1)
    failures.push({ property: "length", reason: "length must be a whole number of at least 1" });
  if (length < minimum)
    failures.push({
      property: "length",
      reason: `length must be at least ${minimum}, the sum of the minimums`,
    });
  if (classes.every(({ characters }) => characters === ""))
    failures.push({
      property: "special",
      reason: "at least one of lower, upper, numeric and special must be allowed",
    });
  const { number: old, numeric } = inputs;
  if (old !== undefined && numeric !== undefined && old !== numeric)
    failures.push({ property: "number", reason: "number and numeric must be equal; use numeric alone" });
  return failures;
}

function pick(characters: string): string {
  return characters[randomInt(characters.length)] ?? "";
}

/** A text by the rules: the minimum of each class, the rest from all of them, in random order (Fisher-Yates). */
function randomText({ length, classes }: Rules): string {
  const chosen = classes.flatMap(({ characters, minimum }) =>
    Array.from({ length: minimum }, () => pick(characters)),
  );
  const every = classes.map(({ characters }) => characters).join("");
  while (chosen.length < length) chosen.push(pick(every));
  for (let last = chosen.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [chosen[last], chosen[other]] = [chosen[other] ?? "", chosen[last] ?? ""];
  }
  return chosen.join("");
}

/** What the state records for inputs that were left out. */
function defaults(inputs: Properties): Properties {
  const digits = inputs["numeric"] ?? inputs["number"] ?? true;
  const flags = { lower: true, upper: true, special: true, ...inputs, numeric: digits, number: digits };
  return { minLower: 0, minUpper: 0, minNumeric: 0, minSpecial: 0, ...flags };
}

const COMMON = { inputs: INPUTS, replaceOn: Object.keys(INPUTS), check: checkRules };

/** `random:index/randomString:RandomString`: a random text that is no secret. */
export const randomString: ResourceType = {
  ...COMMON,
  outputs: ["result"],
  create: (inputs) => {
    const result = randomText(rulesOf(inputs));
    return Promise.resolve({ id: result, outputs: { ...defaults(inputs), result } });
  },
};

/** `random:index/randomPassword:RandomPassword`: a secret random text and its bcrypt hash. */
export const randomPassword: ResourceType = {
  ...COMMON,
  outputs: ["result", "bcryptHash"],
  secretOutputs: ["result", "bcryptHash"],
  create: async (inputs) => {
    const result = randomText(rulesOf(inputs));
    const hashed = Buffer.from(result).subarray(0, BCRYPT_LIMIT_BYTES).toString("utf8");
    const bcryptHash = await bcrypt.hash(hashed, BCRYPT_COST);
    return { id: "none", outputs: { ...defaults(inputs), result, bcryptHash } };
  },
};
