/**
 * Settings in the languages of the daemons, read strictly: plain values, and nothing that is carried out, looked up or included.
 * What was read is what is judged, and files are written anew from it. So a form that a daemon reads otherwise than we do
 * cannot bring along anything that nobody has looked at.
 */

/** A value that every language here can write. */
export type Value = string | number | boolean | Value[] | { [name: string]: Value };

/** One setting of a text. */
export interface Setting {
  /** Names from the outermost on. */
  path: string[];
  value: Value;
  /** Line in the text, from 1. */
  line: number;
}

/** A text that cannot be read, and where. */
export class Unreadable extends Error {
  constructor(
    readonly line: number,
    /** What holds there, as a sentence. */
    readonly rule: string,
    readonly fix: string,
  ) {
    super(rule);
  }
}

/** Deepest nesting that anybody needs. */
const MOST_LEVELS = 8;

/** A place in a text that moves forward. */
export class Scanner {
  private position = 0;
  private levels = 0;

  constructor(private readonly text: string) {}

  get line(): number {
    return this.text.slice(0, this.position).split("\n").length;
  }

  get isAtEnd(): boolean {
    return this.position === this.text.length;
  }

  /** What matches here, or undefined. The pattern is sticky, and matches something. */
  next(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    return pattern.exec(this.text)?.[0];
  }

  /** Goes past what matches here, and returns it. */
  take(pattern: RegExp): string | undefined {
    const found = this.next(pattern);
    this.position += found?.length ?? 0;
    return found;
  }

  fail(rule: string, fix: string): never {
    throw new Unreadable(this.line, rule, fix);
  }

  /** Reads something that may hold more of its kind. */
  nested<Result>(read: () => Result): Result {
    if (++this.levels > MOST_LEVELS)
      this.fail(`Settings are nested at most ${MOST_LEVELS} levels deep.`, "Write them flatter.");
    const result = read();
    this.levels--;
    return result;
  }
}

/** The value of a text in double quotes, as JSON has it; undefined where it is none. */
export function jsonText(quoted: string): string | undefined {
  try {
    const value: unknown = JSON.parse(quoted);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
