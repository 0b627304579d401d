import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { ConfigError } from "../config/errors";
import { load, type Loaded } from "../config/load";
import { OPAQUE_SECRET } from "../config/pemTexts";
import { fullKey, mistypedConfig, stackMistakes } from "./stackMistakes";
import { YamlError, yamlContent, yamlDocument } from "./yamlText";

/** The configuration of a stack as Pulumi would hand it to the program. */
export interface StackConfig {
  record: Record<string, string>;
  /** Keys that are encrypted; their values are `OPAQUE_SECRET`. */
  secretKeys: Set<string>;
  /** Keys that would be lost in silence. */
  mistakes: ConfigError[];
}

/** The file cannot be used at all: it is not there, or is no stack file. */
export class StackFileError extends Error {}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSecure(value: unknown): value is { secure: string } {
  return isMapping(value) && Object.keys(value).length === 1 && typeof value["secure"] === "string";
}

/** What Pulumi writes behind `secure:`: text of a passphrase ("v1:…"), or of a service or key store in base64, never short. */
const ENCRYPTED = /^(v1:|[A-Za-z0-9+/]{28,}={0,2}$)/;

/** Somebody wrote a secret behind `secure:` by hand. */
function onlyMarked(key: string): ConfigError {
  return {
    key,
    finding: "is marked as encrypted, but is not (value not shown)",
    rule: "Only Pulumi writes values of secure:.",
    fix: `Create a new one, since this one was readable, and set it with: pulumi config set --secret ${key} --stack STACK`,
  };
}

function holdsSecure(value: unknown): boolean {
  if (isSecure(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsSecure);
}

/** Text of a value as the engine passes it on: scalars bare, structures as JSON, encrypted parts unreadable. */
function asText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value === null || value === undefined) return "";
  return JSON.stringify(value, (_, part: unknown) => (isSecure(part) ? OPAQUE_SECRET : part));
}

/** Text of a Pulumi.<stack>.yaml → its configuration. Throws StackFileError with file, line and cause. */
export function parseStackFile(text: string, file: string): StackConfig {
  const { content, mistakes } = contentOf(text, file);
  const config = content["config"] ?? content[mistypedConfig(content) ?? ""] ?? {};
  if (!isMapping(config)) throw new StackFileError(`${file}: "config:" has no keys such as jitsi:domain`);
  const record: Record<string, string> = {};
  const secretKeys = new Set<string>();
  for (const [key, value] of Object.entries(config)) {
    record[fullKey(key)] = isSecure(value) ? OPAQUE_SECRET : asText(value);
    if (holdsSecure(value)) secretKeys.add(fullKey(key));
    if (isSecure(value) && !ENCRYPTED.test(value.secure)) mistakes.push(onlyMarked(fullKey(key)));
  }
  return { record, secretKeys, mistakes };
}

/** Reads YAML of a file. Throws StackFileError where it is none. */
function ofFile<Read>(file: string, read: () => Read): Read {
  try {
    return read();
  } catch (error) {
    if (error instanceof YamlError) throw new StackFileError(`${file} is not valid YAML: ${error.message}`);
    throw error;
  }
}

/** A stack file as a document of the YAML library, with the places of everything in it. Throws StackFileError. */
export function stackDocument(text: string, file: string): ReturnType<typeof yamlDocument> {
  return ofFile(file, () => yamlDocument(text));
}

/** The mapping that a stack file is, and what of it would be lost. */
function contentOf(
  text: string,
  file: string,
): { content: Record<string, unknown>; mistakes: ConfigError[] } {
  const { document, lines } = stackDocument(text, file);
  const content = ofFile(file, () => yamlContent(document));
  if (isMapping(content)) return { content, mistakes: stackMistakes(document, lines, content) };
  throw new StackFileError(`${file} has no keys; a stack file begins with "config:"`);
}

/** The settings of a stack file, or every mistake in it. Throws StackFileError. */
export function loadStackFile(file: string): Loaded {
  const { record, secretKeys, mistakes } = readStackFile(file);
  const loaded = load(record, secretKeys, dirname(file));
  if (mistakes.length === 0) return loaded;
  // A key in the wrong place is there, so it is not "missing" as well.
  const misplaced = new Set(mistakes.map(({ key }) => fullKey(key)));
  const isTold = ({ key, finding }: ConfigError) => finding === "is missing" && misplaced.has(key);
  return { errors: [...mistakes, ...(loaded.errors ?? []).filter((error) => !isTold(error))] };
}

/** Reads a Pulumi.<stack>.yaml. Throws StackFileError. */
export function readStackFile(file: string): StackConfig {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw new StackFileError(`${file} does not exist; copy one from examples/ and fill it in`);
    }
    throw new StackFileError(
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return parseStackFile(text, file);
}
