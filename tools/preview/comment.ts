import { counted } from "../outcome";
import { fenced, row, type Style } from "../markdown";
import type { Preview } from "./digest";
import { partsOf, type Part } from "./parts";
import { countedPeople, type People } from "./people";

/** A diff with more changed lines is folded by itself, so that the others are seen. */
const LONG_LINES = 60;

/** What the words around a preview say: the stack's name, and what `npm run check` says of its file before and after. */
export interface Surroundings {
  stack: string;
  before: string[] | undefined;
  after: string[] | undefined;
  /** Who is in conferences now; undefined where nobody was asked: the code of a stranger makes the text, and reaches no host. */
  people: People | undefined;
}

/** What `up` would do, in Markdown: the same input makes the same text. */
export function previewComment(
  preview: Preview,
  { stack, before, after, people }: Surroundings,
  style: Style,
): string {
  const parts = partsOf(preview.changes);
  return [
    `### Preview of ${style.word(stack)}`,
    ...preview.errors.map((error) => `**The preview failed:**\n\n${fenced("", error)}`),
    headline(preview, parts),
    notices(parts, people, style),
    sizes(before, after, style),
    ...parts.map((part) => partSection(part, style)),
  ]
    .filter((text) => text !== "")
    .join("\n\n");
}

function headline({ changes, unchanged, errors }: Preview, parts: Part[]): string {
  if (parts.length === 0 && errors.length > 0) return "";
  if (parts.length === 0) return `Nothing changes; ${counted(unchanged, "resource")} unchanged.`;
  const count = (wanted: string) => changes.filter(({ operation }) => operation === wanted).length;
  const operations = [
    `${count("create")} to create`,
    `${count("update")} to update`,
    `${count("replace")} to replace`,
    `${count("delete")} to delete`,
  ].filter((text) => !text.startsWith("0 "));
  return `${operations.join(", ")}, ${unchanged} unchanged.`;
}

/** Who notices it, and where that was asked how many people that is now. */
function notices(parts: Part[], people: People | undefined, style: Style): string {
  const rows = parts.flatMap(({ name, notices }) =>
    Object.entries(notices)
      .sort(([one], [other]) => one.localeCompare(other, "en"))
      .map(([unit, sentence]) => row([name, unit, sentence, countedPeople(people, name)], style)),
  );
  if (parts.length === 0) return "";
  if (rows.length === 0) return "No daemon that people notice restarts.";
  return ["| where | restarts | who notices | now |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** Capacity and cost by the stack file, where they change. */
function sizes(before: string[] | undefined, after: string[] | undefined, { word }: Style): string {
  if (after === undefined) return "";
  if (before === undefined || before.join("\n") === after.join("\n")) return after.map(word).join("\n\n");
  return fenced("diff", [...before.map((line) => `-${line}`), ...after.map((line) => `+${line}`)].join("\n"));
}

function partSection({ name, diffs, facts }: Part, style: Style): string {
  const files = Object.entries(diffs).sort(([one], [other]) => one.localeCompare(other, "en"));
  const counts = [
    ...(files.length > 0 ? [counted(files.length, "difference")] : []),
    ...(facts.length > 0 ? [counted(facts.length, "other change")] : []),
  ];
  const body = [
    ...files.map(([path, text]) => difference(path, text, style)),
    ...(facts.length > 0 ? [facts.map((fact) => `- ${style.word(fact)}`).join("\n") + "\n"] : []),
  ].join("\n");
  return style.part(`${name}: ${counts.join(", ")}`, body);
}

function difference(path: string, text: string, style: Style): string {
  const lines = text.match(/^[+-]/gm)?.length ?? 0;
  const block = fenced("diff", text);
  return lines > LONG_LINES
    ? style.part(`${path}: ${counted(lines, "changed line")}`, block)
    : `**${style.word(path)}**\n\n${block}`;
}
