import { readFileSync, statSync } from "node:fs";
import { isAbsolute, join, normalize } from "node:path";
import type { ConfigError } from "./errors";
import { text } from "./field";
import { valueAt } from "./issues";
import { parsedUrl } from "./parsedUrl";
import { shown, shownPublic } from "./quoted";
import { isCertainSecret } from "./secretForms";

/** The page shows it at 140 by 70 pixels (jitsi-meet, Watermarks.tsx), and it travels with every change of the page. */
const LARGEST_BYTES = 100_000;

const KEY = "jitsi:web.logo";

const RULE = `A logo is an svg or png file of at most ${LARGEST_BYTES / 1000} kB in the folder of the stack file, or an https address.`;

/** The page writes the address into a url() of CSS without quotes. */
const ADDRESS = /^https:\/\/[a-z0-9][a-z0-9.-]*(:\d+)?\/[\w.~:/?=&%+,;@-]*$/i;

function isPlace(value: string): boolean {
  if (/^[a-z][a-z0-9+.-]*:/i.test(value)) return ADDRESS.test(value) && parsedUrl(value) !== undefined;
  const path = normalize(value);
  return value !== "" && !isAbsolute(path) && !path.startsWith("..");
}

/** A logo of the page: what a file holds, or a URL elsewhere. */
export type Logo = { kind: "svg" | "png"; base64: string } | { url: string };

/** `jitsi:web.logo`. */
export const logo = text(
  {
    description: `Logo of the page: an svg or png file of at most ${LARGEST_BYTES / 1000} kB in the folder of the stack file, or an https address, from which the participants' browsers load it.`,
    example: "./logo.svg",
    rule: RULE,
    fix: "Write it as in ./logo.svg or https://www.example.org/logo.svg.",
    fallback: "Jitsi's",
  },
  { problem: (value) => (isPlace(value) ? undefined : true) },
);

/**
 * The logo that the configuration names, read from its file.
 * @param raw all keys by name
 * @param failed keys, as in errors, whose own value is wrong already
 * @param folder of the stack file
 */
export function logoOf(
  raw: Readonly<Record<string, unknown>>,
  failed: ReadonlySet<string>,
  folder: string,
): { logo?: Logo; errors: ConfigError[] } {
  const value = valueAt(raw, ["web", "logo"]);
  if (typeof value !== "string" || failed.has(KEY)) return { errors: [] };
  if (ADDRESS.test(value)) return { logo: { url: value }, errors: [] };
  const read = readLogo(join(folder, value));
  if (typeof read !== "string") return { logo: read, errors: [] };
  return { errors: [{ key: KEY, finding: `is ${named(value)}, ${read}`, rule: RULE, fix: FIX }] };
}

const FIX =
  "Put the file into the folder of the stack file and write its name, as in ./logo.svg; an svg shrinks with svgo, a png by its size.";

/** The name of a picture is none of a secret; of all else nothing is quoted that may be one. */
function named(value: string): string {
  return /^[\w./-]+\.(svg|png)$/i.test(value) && !isCertainSecret(value) ? shownPublic(value) : shown(value);
}

/** The logo, or what is wrong with the file. */
function readLogo(path: string): Logo | string {
  let bytes: Buffer;
  try {
    const { size } = statSync(path);
    if (size > LARGEST_BYTES) return `which has ${size} bytes`;
    bytes = readFileSync(path);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT"
      ? "which does not exist"
      : "which cannot be read";
  }
  const kind = kindOf(bytes);
  return kind === undefined
    ? "which is neither an svg nor a png"
    : { kind, base64: bytes.toString("base64") };
}

/** The first eight bytes of every PNG (its specification, 5.2). */
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** Without the namespace no browser takes it for a picture. */
const SVG_ROOT = /^<svg\s[^>]*xmlns\s*=\s*["']http:\/\/www\.w3\.org\/2000\/svg["']/;

/** What may stand before the root of an XML document: how it begins, and how it ends. */
const PROLOGUE: [begin: RegExp, end: string][] = [
  [/^<\?/, "?>"],
  [/^<!--/, "-->"],
  [/^<!DOCTYPE[^[>]*\[/, "]>"],
  [/^<!DOCTYPE/, ">"],
];

function kindOf(bytes: Buffer): "svg" | "png" | undefined {
  if (bytes.subarray(0, PNG.length).equals(PNG)) return "png";
  let text = bytes
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .trimStart();
  for (;;) {
    const [, end] = PROLOGUE.find(([begin]) => begin.test(text)) ?? [];
    if (end === undefined) return SVG_ROOT.test(text) ? "svg" : undefined;
    const at = text.indexOf(end);
    text = at < 0 ? "" : text.slice(at + end.length).trimStart();
  }
}
