import type { z } from "zod";
import { awsProviderKeyErrors } from "./awsKeys";
import { certificateErrors } from "./certificateErrors";
import { draftOf } from "./draft";
import { keyPath, recordKey, type ConfigError } from "./errors";
import { foreignKeys } from "./foreignKeys";
import { MISFIT, translated } from "./issues";
import { isHarmless } from "./keyForms";
import { logoOf } from "./logo";
import { isShownName, shown } from "./quoted";
import { brokenRules } from "./rules";
import { SECRET_KEYS, SECRETS, settingsSchema, TEXT_KEYS, type Settings } from "./schema";
import { asMeant, meantPath, unreadPaths } from "./typos";

/** What `load` gives: settings, or everything that is wrong. */
export type Loaded = { settings: Settings; errors?: never } | { settings?: never; errors: ConfigError[] };

/** What the keys of the stack config begin with. */
export const NAMESPACE = "jitsi:";

/** What is said of a secret in clear. */
const OPEN = "is not encrypted";
const NOT_SHOWN = " (value not shown)";

interface Decoded {
  raw: Record<string, unknown>;
  errors: ConfigError[];
}

/** JSON text of a structure or number → its value. `isHidden`: the text is secret and no part of it may be shown. */
function decodedValue(
  name: string,
  text: string,
  isHidden: boolean,
): { value: unknown } | { error: ConfigError } {
  if (TEXT_KEYS.has(name)) return { value: text };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    // A bare word where a number or structure belongs: the schema says what it should be. Of unknown keys nothing is expected.
    if (/^[\w .@-]*$/.test(text) || !Object.hasOwn(settingsSchema.shape, name)) return { value: text };
    const error = {
      key: keyPath([name]),
      finding: `is ${isHidden ? "secret" : shown(text)}, which cannot be read`,
      rule: "The value of this key is a structure (JSON in `pulumi config set`, plain YAML in the stack file).",
      fix: "Write it in the stack file, where quotes and braces are easier to see.",
    };
    return { error };
  }
}

/**
 * The stack's keys of our namespace; those of others are judged elsewhere. Empty text is the same as no
 * key: Pulumi.yaml declares every key with an empty default, since the engine asks for those without one in its own words.
 */
function decoded(record: Readonly<Record<string, string>>, hidden: ReadonlySet<string>): Decoded {
  const raw = Object.create(null) as Record<string, unknown>;
  const errors: ConfigError[] = [];
  for (const [key, text] of Object.entries(record)) {
    if (!key.startsWith(NAMESPACE) || text === "") continue;
    const name = key.slice(NAMESPACE.length);
    const result = decodedValue(name, text, hidden.has(name));
    if ("error" in result) errors.push(result.error);
    else raw[name] = result.value;
  }
  return { raw, errors };
}

/** Whether a secret is of several lines, which no prompt takes. */
const isPrivateKey = (key: string) => key === "jitsi:sshPrivateKey" || key === "jitsi:certificateKey";

/** Secrets that are not encrypted, and encrypted keys that must be readable. */
function secrecyErrors(
  record: Readonly<Record<string, string>>,
  secretKeys: ReadonlySet<string>,
): ConfigError[] {
  const open = [...SECRET_KEYS].filter((key) => {
    const text = record[key];
    // What stands in place of a private key and is none of anybody's secrets has but one mistake: its form.
    const isNoSecret = text !== undefined && isPrivateKey(key) && isHarmless(text);
    return text && !secretKeys.has(key) && !isNoSecret;
  });
  const closed = Object.keys(record).filter(
    (key) => key.startsWith(NAMESPACE) && secretKeys.has(key) && !SECRET_KEYS.has(key),
  );
  return [
    ...open.map((key) => ({
      key,
      finding: OPEN + NOT_SHOWN,
      rule: "A secret must be encrypted in the stack file.",
      fix: `Make a new one, since this one has been readable, and set it with: pulumi config set --secret ${key} --stack STACK${isPrivateKey(key) ? " < FILE" : ""}`,
    })),
    ...closed.map((key) => ({
      key: recordKey(key),
      finding: "is encrypted (value not shown)",
      rule: "Only secrets are encrypted, each in a key of its own; this value shows in previews and on hosts.",
      fix: `Set it again without --secret: pulumi config set ${isShownName(key.slice(NAMESPACE.length)) ? key : "KEY"} --stack STACK`,
    })),
  ];
}

/**
 * Reads the stack's configuration, and the files that it names, and reports all mistakes at once.
 * @param record key → text as `pulumi.runtime.allConfig()` gives it ("jitsi:domain" → "meet.example.org"; structures are JSON)
 * @param secretKeys those keys that are encrypted in the stack file
 * @param folder where the stack file lies; Pulumi runs the program there
 * Never throws; an error never shows the value of an encrypted key.
 */
export function load(
  record: Readonly<Record<string, string>>,
  secretKeys: ReadonlySet<string>,
  folder = process.cwd(),
): Loaded {
  const hidden = new Set([...secretKeys, ...SECRET_KEYS].map((key) => key.slice(NAMESPACE.length)));
  const { raw, errors: unreadable } = decoded(record, hidden);
  const foreign = foreignKeys(record, new Set(Object.keys(settingsSchema.shape)));
  const ofStack = [
    ...secrecyErrors(record, secretKeys),
    ...awsProviderKeyErrors(record, secretKeys),
    ...foreign.map(({ error }) => error),
  ];
  const mistyped = foreign.flatMap(({ meant }) => meant ?? []);
  return judged(raw, { hidden, folder, unreadable, mistyped, ofStack });
}

/** The values of a stack's configuration that was found right, by name, as arguments; secrets are left out. */
export function openValues(record: Readonly<Record<string, string>>): object {
  const hidden = new Set<string>(SECRETS);
  const { raw } = decoded(record, hidden);
  return Object.fromEntries(Object.entries(raw).filter(([name]) => !hidden.has(name)));
}

/** What is known of raw values beside themselves. */
interface Judgement {
  /** Names whose values are secret. */
  hidden: ReadonlySet<string>;
  folder: string;
  /** Mistakes of keys that could not be read. */
  unreadable?: ConfigError[];
  /** Keys that are there, with a typo in front; that is told of already. */
  mistyped?: string[];
  /** Mistakes that only a stack's configuration can have. */
  ofStack?: ConfigError[];
}

/**
 * A secret that is in clear and of the wrong form as well, such as half a key: one mistake with both rules, and the one remedy that is
 * right for both, a new secret.
 */
function inOnePiece(wrong: ConfigError[], ofStack: ConfigError[]): ConfigError[] {
  const open = ofStack.filter(({ finding }) => finding === OPEN + NOT_SHOWN);
  const joined = ofStack.map((error) => {
    const misfit = open.includes(error) && wrong.find(({ key }) => key === error.key);
    if (!misfit) return error;
    const also = misfit.finding === MISFIT ? `has the wrong form${NOT_SHOWN}` : misfit.finding;
    return { ...error, finding: `${OPEN}, and ${also}`, rule: `${error.rule} ${misfit.rule}` };
  });
  const told = new Set(open.map(({ key }) => key));
  return [...wrong.filter(({ key }) => !told.has(key)), ...joined];
}

/** The settings that values by name make, defaults filled in, or everything that is wrong with them. */
export function judged(
  raw: Readonly<Record<string, unknown>>,
  { hidden, folder, unreadable = [], mistyped = [], ofStack = [] }: Judgement,
): Loaded {
  const parsed = settingsSchema.safeParse(raw);
  const found = translated(settingsSchema, raw, parsed.error?.issues ?? [], hidden);
  const typos = found.flatMap(({ typo }) => typo ?? []);
  const told = new Set([...unreadable.map(({ key }) => key), ...mistyped, ...typos.map(meantPath)]);
  // A key that could not be read is there, so it is not "missing" as well.
  const wrong = found.map(({ error }) => error).filter(({ key }) => !told.has(key));
  const failed = new Set([
    ...wrong.map(({ key }) => key),
    ...typos.flatMap((typo) => unreadPaths(raw, typo)),
  ]);
  const meant = asMeant(raw, typos);
  const open = Object.fromEntries(Object.entries(meant).filter(([name]) => !hidden.has(name)));
  const { logo, errors: logoErrors } = logoOf(meant, failed, folder);
  const errors = [
    ...unreadable,
    ...inOnePiece(wrong, ofStack),
    ...brokenRules(draftOf(open, failed, new Set(Object.keys(meant)))),
    ...certificateErrors(meant, failed),
    ...logoErrors,
  ];
  if (errors.length > 0 || !parsed.success) return { errors };
  return { settings: settingsOf(parsed.data, logo) };
}

/** Without the secrets, and with the logo that `web` names. */
function settingsOf(data: z.output<typeof settingsSchema>, logo: Settings["web"]["logo"]): Settings {
  const hasRecordingKeys = data.recordingAccessKey !== undefined;
  const { logo: named, ...web } = data.web;
  const settings: Omit<typeof data, "web"> & Pick<Settings, "hasRecordingKeys" | "web"> = {
    ...data,
    web: { ...web, ...(named !== undefined && logo && { logo }) },
    hasRecordingKeys,
  };
  for (const name of SECRETS) Reflect.deleteProperty(settings, name);
  return settings;
}
