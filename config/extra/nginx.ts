import { Scanner } from "./reading";

/** One directive of nginx: its words, and what is between its braces. */
export interface Directive {
  words: string[];
  /** Line in the text, from 1. */
  line: number;
  block?: Directive[];
}

const SPACE = /\s+/y;
const COMMENT = /#[^\n]*/y;
/** As nginx reads it: quotes only at the beginning of a word, a backslash keeps what follows from ending it. */
const QUOTED = /"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'/y;
const BARE = /(?:[^\s;{}"'\\$]|\\[^]|\$\{\w+\}|\$(?!\{)|(?<=[^\s;{])["'])+/y;
const END = /;/y;
const OPEN = /\{/y;
const CLOSE = /\}/y;

const FORM = "Each directive ends with a semicolon, or has a block in braces.";
const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t", '"': '"', "'": "'", "\\": "\\" };

/**
 * Directives of nginx, as nginx reads them (ngx_conf_file.c), but for braces inside of a word without quotes.
 * @throws Unreadable where nginx would stop, or where a brace closes what the text did not open
 */
export function readNginx(text: string): Directive[] {
  const scanner: Scanner = new Scanner(text);
  const found = directives(scanner);
  if (!scanner.isAtEnd)
    scanner.fail(
      "The text stays inside of its place: a brace that closes has one that opens.",
      "Remove the }.",
    );
  return found;
}

function directives(scanner: Scanner): Directive[] {
  const found: Directive[] = [];
  skip(scanner);
  while (!scanner.isAtEnd && scanner.next(CLOSE) === undefined) {
    found.push(directive(scanner));
    skip(scanner);
  }
  return found;
}

function skip(scanner: Scanner): void {
  while ((scanner.take(SPACE) ?? scanner.take(COMMENT)) !== undefined);
}

function directive(scanner: Scanner): Directive {
  const { line } = scanner;
  const words: string[] = [];
  for (;;) {
    skip(scanner);
    if (scanner.take(END) !== undefined && words.length > 0) return { words, line };
    if (scanner.take(OPEN) !== undefined && words.length > 0)
      return { words, line, block: scanner.nested(() => block(scanner)) };
    words.push(word(scanner));
  }
}

function block(scanner: Scanner): Directive[] {
  const found = directives(scanner);
  if (scanner.take(CLOSE) === undefined) scanner.fail("A brace that opens is closed.", "Add the missing }.");
  return found;
}

function word(scanner: Scanner): string {
  const quoted = scanner.take(QUOTED);
  if (quoted !== undefined && scanner.next(/[^\s;{)]/y) !== undefined)
    scanner.fail("A word in quotes ends with its quote.", "Put a space or a semicolon after the quote.");
  const raw = quoted?.slice(1, -1) ?? scanner.take(BARE);
  if (raw === undefined) scanner.fail(FORM, "Add the missing semicolon; put words with braces into quotes.");
  return raw.replace(/\\([\\"'nrt])/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}
