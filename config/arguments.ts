import { keyPath, type ConfigError } from "./errors";
import { judged, NAMESPACE, type Loaded } from "./load";
import { OPAQUE_SECRET } from "./pemTexts";
import { PROVIDERS } from "./regions";
import { SECRETS, TEXT_KEYS } from "./schema";

/** Stands for a secret whose value is known only later: everything but its form can be judged without it. */
export const LATER = OPAQUE_SECRET;

const HIDDEN: ReadonlySet<string> = new Set(SECRETS);

/**
 * Reads the arguments of the component as `load` reads a stack's configuration: by the same schema, with the same report of all
 * mistakes at once. Keys are those of the arguments: `regions[1].videobridges[0].hostKey`.
 * @param args name → value; `LATER` for a secret that is not known yet; members that are undefined or empty text are left out
 * @param handedIn providers, beside EC2 and servers that exist, whose machines the program itself makes
 * @param folder to which the names of files are relative
 * Never throws; an error never shows a secret.
 */
export function readArguments(
  args: object,
  handedIn: readonly string[] = [],
  folder = process.cwd(),
): Loaded {
  const given = Object.entries(args).filter(
    ([name, value]) => value !== undefined && !isEmptyText(name, value),
  );
  const raw = Object.fromEntries(given.map(([name, value]) => [name, withoutUndefined(value)]));
  const loaded = judged(raw, { hidden: HIDDEN, folder });
  const errors = [...(loaded.errors ?? []), ...withoutMaker(raw, handedIn)];
  return errors.length > 0 ? { errors: errors.map(inArguments) } : loaded;
}

/** Regions of machines that nobody makes: their provider has its maker in the program, and this one hands in none. */
function withoutMaker({ regions }: Record<string, unknown>, handedIn: readonly string[]): ConfigError[] {
  const others = PROVIDERS.filter((one) => !["aws", "existing", ...handedIn].includes(one));
  return (Array.isArray(regions) ? (regions as unknown[]) : []).flatMap((region, index) => {
    const { provider } = (region as { machines?: { provider?: string } } | null)?.machines ?? {};
    if (!others.some((other) => other === provider)) return [];
    return {
      key: keyPath(["regions", index, "machines", "provider"]),
      finding: `is ${provider}, and the program hands in nobody who makes such machines`,
      rule: "A program gets instances on EC2 and servers that exist; other machines need a maker of their own.",
      fix: "Write `aws` or `existing`, or hand in a maker, the last argument of the component.",
    };
  });
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
export function inArguments({ key, finding, rule, fix }: ConfigError): ConfigError {
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
