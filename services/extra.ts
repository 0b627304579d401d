import type { Setting, Value } from "../config/extra/reading";
import type { DeploymentPlan } from "../plan/types";
import { hocon, js, jsValue, lua } from "./escapers";
import { Written } from "./render";

/** Keys whose settings stand in files, by what the plan calls them. */
const EXTRA_KEYS = {
  page: "jitsi:web.config",
  nginx: "jitsi:extra.nginx",
  prosody: "jitsi:extra.prosody",
  prosodyJvb: "jitsi:extra.prosodyJvb",
  jicofo: "jitsi:extra.jicofo",
  videobridge: "jitsi:extra.videobridge",
} satisfies Record<keyof DeploymentPlan["extra"], string>;

type Part = keyof typeof EXTRA_KEYS;

/** What a template shows of lines in its own language: a list of none, or of one with the key that they come from. */
export function extraView(part: Part, lines: string) {
  return lines === "" ? [] : [{ extraKey: new Written(EXTRA_KEYS[part]), extraLines: new Written(lines) }];
}

/** For a file: which key is to be mended if its daemon refuses it. */
export function extraOrigin({ extra }: Pick<DeploymentPlan, "extra">, part: Part): { origin?: string } {
  return extra[part].length === 0 ? {} : { origin: EXTRA_KEYS[part] };
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Assignments to `config`; where the page has no structure yet, one is made first. */
export function pageLines(settings: Setting[]): string {
  const made = new Set<string>();
  const lines = settings.flatMap(({ path, value }) => {
    const steps = path.map((name) => (IDENTIFIER.test(name) ? `.${name}` : `[${js(name)}]`));
    const places = steps.map((_, index) => `config${steps.slice(0, index + 1).join("")}`);
    const missing = places.slice(0, -1).filter((place) => !made.has(place));
    for (const place of missing) made.add(place);
    return [
      ...missing.map((place) => `${place} = ${structureOf(place)};`),
      `${places.at(-1) ?? ""} = ${jsValue(value)};`,
    ];
  });
  return lines.join("\n");
}

/** What is at a place of the page's settings if it is a structure, else a new one. */
function structureOf(place: string): string {
  return `{}.toString.call(${place}) === "[object Object]" ? ${place} : {}`;
}

/** Options of a Prosody, one a line. */
export function luaLines(settings: Setting[]): string {
  return settings.map(({ path: [name = ""], value }) => `${name} = ${luaValue(value)}`).join("\n");
}

function luaValue(value: Value): string {
  if (typeof value !== "object") return lua(value);
  const members = Array.isArray(value)
    ? value.map(luaValue)
    : Object.entries(value).map(([name, member]) => `[${lua(name)}] = ${luaValue(member)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

/** Settings at their full paths, one a line. */
export function hoconLines(settings: Setting[]): string {
  return settings
    .map(({ path, value }) => `${path.map(hoconName).join(".")} = ${hoconValue(value)}`)
    .join("\n");
}

/** Bare where that reads the same. */
function hoconName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) ? name : hocon(name);
}

function hoconValue(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(hoconValue).join(", ")}]`;
  return typeof value === "object" ? "{}" : hocon(value);
}
