import { jsonText, Scanner, type Setting, type Value } from "./reading";

const BLANK = /(?:[ \t]|(?:#|\/\/)[^\n]*)+/y;
const LINES = /(?:\s|,|(?:#|\/\/)[^\n]*)+/y;
const QUOTED = /"(?!"")(?:[^"\\\n]|\\.)*"/y;
const BARE_KEY = /[A-Za-z0-9_-]+/y;
const DOT = /\./y;
const ASSIGN = /[=:]/y;
const OPEN = /\{/y;
const CLOSE = /\}/y;
const OPEN_LIST = /\[/y;
const CLOSE_LIST = /\]/y;
/** Letters, digits and what stands in durations, names and paths; a comment ends it. */
const BARE_VALUE = /(?:[A-Za-z0-9_.%-]|\/(?!\/)| (?=[^\s#,\]}]))+/y;
const AFTER = /\n|,|\}|\]|$/y;

const PLAIN =
  "A value is a text, a number, true, false, or a list of these; nothing is looked up, joined or included.";
const FIX = 'Write it as in jicofo.conference.initial-timeout = "30 seconds".';

/**
 * Settings of a HOCON text, one for each value at its full path. A text in it may stand in quotes or not, as in `10 seconds`.
 * @throws Unreadable for substitutions, includes, `+=`, texts in three quotes, null, and what is no HOCON
 */
export function readHocon(text: string): Setting[] {
  const scanner: Scanner = new Scanner(text);
  const found: Setting[] = [];
  members(scanner, [], found);
  if (!scanner.isAtEnd) scanner.fail("A brace that closes has one that opens.", "Remove it.");
  return found;
}

function members(scanner: Scanner, above: string[], found: Setting[]): void {
  const before = found.length;
  const { line } = scanner;
  for (scanner.take(LINES); !scanner.isAtEnd && scanner.next(CLOSE) === undefined; scanner.take(LINES))
    member(scanner, above, found);
  if (above.length > 0 && found.length === before) found.push({ path: above, value: {}, line });
}

function member(scanner: Scanner, above: string[], found: Setting[]): void {
  const { line } = scanner;
  const path = [...above, ...keys(scanner)];
  scanner.take(BLANK);
  if (scanner.take(ASSIGN) === undefined && scanner.next(OPEN) === undefined)
    scanner.fail("Each setting is `path = value` or `path { … }`.", FIX);
  scanner.take(/\s+/y);
  if (scanner.take(OPEN) !== undefined) {
    scanner.nested(() => {
      members(scanner, path, found);
    });
    if (scanner.take(CLOSE) === undefined)
      scanner.fail("A brace that opens is closed.", "Add the missing }.");
  } else found.push({ path, value: value(scanner), line });
  scanner.take(BLANK);
  if (scanner.next(AFTER) === undefined) scanner.fail(PLAIN, "Write one value, in quotes if need be.");
}

function keys(scanner: Scanner): string[] {
  const path: string[] = [];
  do {
    const bare = scanner.take(BARE_KEY);
    const name = bare ?? jsonText(scanner.take(QUOTED) ?? "");
    if (name === undefined || name === "" || bare === "include")
      scanner.fail("A path is names with dots between them, as in a.b-c; other files are not included.", FIX);
    path.push(name);
  } while (scanner.take(DOT) !== undefined);
  return path;
}

function value(scanner: Scanner): Value {
  const quoted = scanner.take(QUOTED);
  if (quoted !== undefined) return jsonText(quoted) ?? scanner.fail(PLAIN, "Write the text as JSON has it.");
  if (scanner.take(OPEN_LIST) !== undefined) return scanner.nested(() => list(scanner));
  const bare = scanner.take(BARE_VALUE)?.trim() ?? "";
  if (bare === "" || bare === "null") scanner.fail(PLAIN, FIX);
  if (bare === "true" || bare === "false") return bare === "true";
  return /^-?\d{1,15}(\.\d{1,9})?$/.test(bare) ? Number(bare) : bare;
}

function list(scanner: Scanner): Value[] {
  const found: Value[] = [];
  for (scanner.take(LINES); scanner.take(CLOSE_LIST) === undefined; scanner.take(LINES)) {
    found.push(value(scanner));
    scanner.take(BLANK);
    if (scanner.next(AFTER) === undefined) scanner.fail(PLAIN, "Separate the values of a list by commas.");
  }
  return found;
}
