import { Scanner, type Setting, type Value } from "./reading";

const SPACE = /(?:\s|--(?!\[=*\[)[^\n]*)+/y;
const LONG = /--\[=*\[|\[=*\[/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const STRING = /"(?:[^"\\\n]|\\["'\\nrt])*"|'(?:[^'\\\n]|\\["'\\nrt])*'/y;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;
const OPEN = /\{/y;
const CLOSE = /\}/y;
const EQUALS = /=(?!=)/y;
const SEPARATOR = /[,;]/y;
const END = /;/y;

const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t" };

const PLAIN = "An option is a text in quotes, a number, true, false, or a table of these.";
const ASSIGNMENT = "Each line is `name = value`.";

/** Names that Lua keeps for itself. */
const WORDS = new Set(
  "and break do else elseif end false for function goto if in local nil not or repeat return then true until while".split(
    " ",
  ),
);

/**
 * Options of a Prosody: `name = value`, one after the other. No calls, no conditions, no sections (`VirtualHost`).
 * @throws Unreadable for everything else
 */
export function readLua(text: string): Setting[] {
  const scanner: Scanner = new Scanner(text);
  const found: Setting[] = [];
  const skip = () => {
    scanner.take(SPACE);
    if (scanner.next(LONG) !== undefined)
      scanner.fail(
        "Texts and comments in long brackets are not read.",
        'Write "…" for a text, and -- for a comment.',
      );
  };
  skip();
  while (!scanner.isAtEnd) {
    const { line } = scanner;
    const name = scanner.take(NAME);
    if (name === undefined || WORDS.has(name))
      scanner.fail(ASSIGNMENT, "Write only options here, as in c2s_tcp_keepalives = true.");
    skip();
    if (scanner.take(EQUALS) === undefined)
      scanner.fail(
        ASSIGNMENT,
        "Write only options here: sections such as VirtualHost, includes and calls are not accepted.",
      );
    skip();
    found.push({ path: [name], value: value(scanner, skip), line });
    skip();
    scanner.take(END);
    skip();
  }
  return found;
}

function value(scanner: Scanner, skip: () => void): Value {
  const quoted = scanner.take(STRING);
  if (quoted !== undefined)
    return quoted.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter);
  const number = scanner.take(NUMBER);
  if (number !== undefined) return Number(number);
  if (scanner.take(OPEN) !== undefined) return scanner.nested(() => table(scanner, skip));
  const word = scanner.next(NAME);
  if (word !== "true" && word !== "false")
    scanner.fail(
      PLAIN,
      'Write the value itself, as in 300 or "text"; calls, variables and arithmetic are not accepted.',
    );
  scanner.take(NAME);
  return word === "true";
}

/** What is between braces: a list, or names with values. */
function table(scanner: Scanner, skip: () => void): Value {
  const list: Value[] = [];
  const named = new Map<string, Value>();
  skip();
  while (scanner.take(CLOSE) === undefined) {
    const name = memberName(scanner, skip);
    const item = value(scanner, skip);
    if (name === undefined) list.push(item);
    else if (named.has(name)) scanner.fail("A name stands once in a table.", "Remove one of the two.");
    else named.set(name, item);
    skip();
    if (scanner.take(SEPARATOR) === undefined && scanner.next(CLOSE) === undefined)
      scanner.fail("Values of a table are separated by commas.", "Write it as in { 1, 2 } or { name = 1 }.");
    skip();
  }
  if (list.length > 0 && named.size > 0)
    scanner.fail("A table is a list, or has names; not both.", "Write it as in { 1, 2 } or { name = 1 }.");
  return named.size > 0 ? Object.fromEntries(named) : list;
}

/** `name =` or `["name"] =`; undefined where a value of a list comes. */
function memberName(scanner: Scanner, skip: () => void): string | undefined {
  const bare =
    scanner.take(/[A-Za-z_][A-Za-z0-9_]*(?=\s*=(?!=))/y) ?? scanner.take(/\["[\w.-]+"\](?=\s*=(?!=))/y);
  if (bare === undefined) return undefined;
  skip();
  scanner.take(EQUALS);
  skip();
  return bare.replace(/^\["|"\]$/g, "");
}
