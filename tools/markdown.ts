/** What a comment holds at most is 65,536 characters; the rest is in the run's summary. */
const MOST_CHARACTERS = 60_000;

/** A text as it is, in a fence that is longer than any that the text could end it with. */
export function fenced(language: string, text: string): string {
  const fence = "`".repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  return `${fence}${language}\n${text}${text.endsWith("\n") ? "" : "\n"}${fence}\n`;
}

/** How a text is read: as a comment, where Markdown is rendered, or as it is, in a terminal. */
export interface Style {
  /** A text of somebody else's. */
  word: (text: string) => string;
  /** A part with a title, closed where there is something to open it. */
  part: (title: string, body: string) => string;
}

export const AS_COMMENT: Style = { word: escaped, part: folded };
export const AS_TEXT: Style = { word: oneLine, part: (title, body) => `#### ${oneLine(title)}\n\n${body}` };

/** A part that opens at a click. */
export function folded(summary: string, body: string): string {
  return `<details><summary>${inHtml(summary)}</summary>\n\n${body}\n</details>\n`;
}

/** A text of somebody else's in Markdown: names of resources, paths, what a program said. */
function escaped(text: string): string {
  return inHtml(text).replace(/[\\`*_[\]|~]/g, (letter) => `\\${letter}`);
}

/** The same between two tags, where Markdown does not apply; an @ mentions nobody. */
function inHtml(text: string): string {
  const letters: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;" };
  return oneLine(text.replace(/[&<>@]/g, (letter) => letters[letter] ?? letter));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ");
}

/** A row of a table. */
export function row(cells: string[], { word }: Style): string {
  return `| ${cells.map(word).join(" | ")} |`;
}

/** Cut where a comment ends, at a line; what was open there is closed. */
export function shortened(text: string): string {
  if (text.length <= MOST_CHARACTERS) return text;
  const kept = text.slice(0, text.lastIndexOf("\n", MOST_CHARACTERS));
  return `${kept}\n${closing(kept)}\nToo long for a comment; the artifact of the run has the full text.\n`;
}

/** What ends the fence and the folded parts that a cut text leaves open. */
function closing(text: string): string {
  let fence: string | undefined;
  let open = 0;
  for (const line of text.split("\n")) {
    const run = /^`{3,}/.exec(line)?.[0];
    if (fence !== undefined) fence = line === fence ? undefined : fence;
    else if (run !== undefined) fence = run;
    else open += Number(line.startsWith("<details>")) - Number(line.startsWith("</details>"));
  }
  return (fence === undefined ? "" : `${fence}\n`) + "\n</details>\n".repeat(open);
}

/** The lines of a table: headings, and rows with as many cells, which hold nothing that Markdown would read. */
export function tableLines(headings: string[], rows: string[][]): string[] {
  return [headings, headings.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}
