import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "@pushcorn/hocon-parser";

/** A value of a HOCON file. */
export type Hocon = string | number | boolean | null | Hocon[] | { [key: string]: Hocon };

/** The daemons whose keys are known. */
export type Daemon = "jicofo" | "videobridge" | "jibri";

/** What a list of known keys says about itself. */
interface KnownKeys {
  source: string;
  keys: string[];
}

/**
 * The value of a HOCON text, `${VARIABLE}` taken from `environment`. Strict: text that is no number or switch stays text, as in
 * the daemons' own parser. Rejects what it cannot read, a variable that is not set above all.
 */
export async function readHocon(text: string, environment: Record<string, string> = {}): Promise<Hocon> {
  const before = { ...process.env };
  Object.assign(process.env, environment);
  try {
    return (await parse({ text, strict: true })) as Hocon;
  } finally {
    for (const name of Object.keys(environment)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, before);
  }
}

/** The value at a path of keys, undefined where there is none. */
export function at(value: Hocon, ...path: string[]): Hocon | undefined {
  let place: Hocon | undefined = value;
  for (const key of path) {
    if (typeof place !== "object" || place === null || Array.isArray(place)) return undefined;
    place = place[key];
  }
  return place;
}

/** Paths of all leaves; an element of a list is "[]". */
export function leaves(value: Hocon, path = ""): string[] {
  if (Array.isArray(value)) {
    const inner = value
      .filter((item) => typeof item === "object" && !Array.isArray(item))
      .flatMap((item) => leaves(item, `${path}[]`));
    return inner.length > 0 ? inner : [path];
  }
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, item]) => leaves(item, path === "" ? key : `${path}.${key}`));
}

/** The keys that a daemon reads, and from which version of it they were taken. */
export function knownKeys(daemon: Daemon): KnownKeys {
  const file = join(__dirname, "../../lab/packages/keys", `${daemon}.json`);
  return JSON.parse(readFileSync(file, "utf8")) as KnownKeys;
}

const patterns = new Map<Daemon, RegExp[]>();

function patternsOf(daemon: Daemon): RegExp[] {
  const known = patterns.get(daemon);
  if (known !== undefined) return known;
  const quote = (text: string) => text.replace(/[.[\]\\^$()+?{}|]/g, "\\$&");
  const made = knownKeys(daemon).keys.map(
    (key) => new RegExp(`^${key.split("*").map(quote).join("[^.]+")}$`),
  );
  patterns.set(daemon, made);
  return made;
}

/** Paths in a value that a daemon does not read: it would ignore them without a word. */
export function unknownKeys(daemon: Daemon, value: Hocon): string[] {
  return leaves(value).filter((path) => !patternsOf(daemon).some((pattern) => pattern.test(path)));
}

/**
 * Why jicofo and a bridge with these values would never agree on a relay, or nothing. Seen with real daemons: a bridge without
 * SCTP and without websockets refuses each relay, and jicofo then invites and terminates every participant about once a second;
 * the same where jicofo asks for SCTP that the bridge does not have. `octo.sctp-datachannels` does not follow `sctp.enabled`.
 */
export function relayTrouble(jicofo: Hocon, jvb: Hocon): string {
  if (at(jicofo, "jicofo", "octo", "enabled") !== true) return "";
  const asks = [
    at(jicofo, "jicofo", "sctp", "enabled") ?? true,
    at(jicofo, "jicofo", "octo", "sctp-datachannels") ?? true,
  ];
  const has = at(jvb, "videobridge", "sctp", "enabled") ?? true;
  if (at(jvb, "videobridge", "relay", "enabled") !== true)
    return "jicofo links bridges, and the bridge has no relay";
  if (has !== true && at(jvb, "videobridge", "websockets", "enabled") !== true)
    return "the bridge has no channel for a relay";
  if (asks.some((ask) => ask !== has)) return "jicofo and the bridge differ about SCTP";
  return "";
}
