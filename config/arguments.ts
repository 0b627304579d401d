import type { ConfigError } from "./errors";
import { judged, NAMESPACE, type Loaded } from "./load";
import { OPAQUE_SECRET } from "./pemTexts";
import { SECRETS, TEXT_KEYS } from "./schema";

/** Stands for a secret whose value is known only later: everything but its form can be judged without it. */
export const LATER = OPAQUE_SECRET;

const HIDDEN: ReadonlySet<string> = new Set(SECRETS);

/**
 * Reads the arguments of the component as `load` reads a stack's configuration: by the same schema, with the same report of all
 * mistakes at once. Keys are those of the arguments: `regions[1].videobridges[0].hostKey`.
 * @param args name → value; `LATER` for a secret that is not known yet; members that are undefined or empty text are left out
 * @param folder to which the names of files are relative
 * Never throws; an error never shows a secret.
 */
export function readArguments(args: object, folder = process.cwd()): Loaded {
  const given = Object.entries(args).filter(
    ([name, value]) => value !== undefined && !isEmptyText(name, value),
  );
  const raw = Object.fromEntries(given.map(([name, value]) => [name, withoutUndefined(value)]));
  const loaded = judged(raw, { hidden: HIDDEN, folder });
  return loaded.errors ? { errors: loaded.errors.map(inArguments) } : loaded;
}

function isEmptyText(name: string, value: unknown): boolean {
  return TEXT_KEYS.has(name) && value === "";
}

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.map(([name, member]) => [name, withoutUndefined(member)]));
}

/** Keys of a stack's configuration begin with `jitsi:`, and a command sets them; a program passes arguments. */
function inArguments({ key, finding, rule, fix }: ConfigError): ConfigError {
  return { key: bare(key), finding: bare(finding), rule: bare(rule), fix: bare(inProgram(fix)) };
}

function bare(text: string): string {
  return text.replaceAll(NAMESPACE, "");
}

/** A command that sets a key of the stack's configuration, said of an argument. */
function inProgram(fix: string): string {
  return fix
    .replace(
      /pulumi config set --secret jitsi:(\w+) --stack STACK( < \S+)?/,
      '$&, and pass it: $1: config.requireSecret("$1")',
    )
    .replace(/pulumi config rm jitsi:(\w+) --stack STACK/, "take $1 out of the arguments");
}
