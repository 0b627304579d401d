import { readFileSync } from "node:fs";
import { join } from "node:path";
import Mustache from "mustache";
import type { Escaper, Scalar } from "./escapers";

/** What a template shows: scalars, and lists of views for its sections. A boolean may also switch a section. */
export interface View {
  [name: string]: Scalar | Written | View[];
}

/** Text that is in the language of the file already: its writer has quoted every value. */
export class Written {
  constructor(readonly text: string) {}
}

/** One parsed tag: kind, name or text, start, end and, for a section, what is inside. */
type Token = [kind: string, value: string, start: number, end: number, children?: Token[]];

/** The names of each view that a template uses. */
type Used = Map<View, Set<string>>;

const TEMPLATE_FOLDER = join(__dirname, "..", "templates");
const texts = new Map<string, string>();
const writer = new Mustache.Writer();

/**
 * Text of `templates/<template>.mustache` for a view, every value escaped for the language of the file.
 *
 * @param template service folder and file name, e.g. "prosody/main.cfg.lua"
 * @throws Error when a name of the template is missing in the view, when the template does not use a name of the
 *   view, when a tag would go around the escaper, or when the escaper refuses a value
 */
export function render(template: string, view: View, escape: Escaper): string {
  return renderText(template, verbatim(`${template}.mustache`), view, escape);
}

/** As `render`, with the text of the template at hand; `name` is for the messages. */
export function renderText(name: string, text: string, view: View, escape: Escaper): string {
  const used: Used = new Map();
  check(name, writer.parse(text) as Token[], [view], used);
  refuseUnused(name, view, used, "");
  return writer.render(text, view, undefined, {
    escape: (value: Scalar | Written) => (value instanceof Written ? value.text : escape(value)),
  });
}

/** Text of `templates/<path>`, a file that goes to hosts as it is, e.g. "prosody/mod_audio_only.lua". */
export function verbatim(path: string): string {
  const known = texts.get(path);
  if (known !== undefined) return known;
  const text = readFileSync(join(TEMPLATE_FOLDER, path), "utf8");
  texts.set(path, text);
  return text;
}

/** Walks the tags with the views in scope, innermost last, and notes each name that is used, by view. */
function check(name: string, tokens: Token[], scope: View[], used: Used): void {
  for (const [kind, tag, , , children = []] of tokens) {
    if (kind === "text" || kind === "!") continue;
    if (!["name", "#", "^"].includes(kind)) {
      throw new Error(`template ${name}: tag "${kind}${tag}" goes around the escaper; use {{${tag}}}`);
    }
    const owner = [...scope].reverse().find((view) => Object.hasOwn(view, tag));
    if (owner === undefined) throw new Error(`template ${name}: "${tag}" is missing in the view`);
    used.set(owner, (used.get(owner) ?? new Set()).add(tag));
    const value = owner[tag];
    if (kind !== "name") for (const views of turns(value)) check(name, children, [...scope, ...views], used);
    else if (Array.isArray(value)) throw new Error(`template ${name}: "${tag}" is a list; use a section`);
  }
}

/** What each turn of a section adds to the scope: an item of the list, or nothing for a switch. */
function turns(value: View[string] | undefined): View[][] {
  return Array.isArray(value) ? value.map((item) => [item]) : [[]];
}

function refuseUnused(name: string, view: View, used: Used, path: string): void {
  for (const [key, value] of Object.entries(view)) {
    if (used.get(view)?.has(key) !== true) {
      throw new Error(`template ${name}: the view has "${path}${key}", the template does not use it`);
    }
    if (Array.isArray(value)) for (const item of value) refuseUnused(name, item, used, `${path}${key}.`);
  }
}
