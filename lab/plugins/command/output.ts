import { StringDecoder } from "node:string_decoder";

/** Which streams are shown while a command runs. Source: @pulumi/command types/enums. */
export const LOGGING = ["none", "stdout", "stderr", "stdoutAndStderr"] as const;

/** Longest line that the upstream provider can show. Source: Go's bufio.MaxScanTokenSize. */
const LINE_LIMIT_BYTES = 64 * 1024;

/** Cuts a stream into lines for the status display. */
class Lines {
  private readonly decoder = new StringDecoder("utf8");
  private rest = "";

  constructor(private readonly emit: (line: string) => void) {}

  write(chunk: Buffer): void {
    const lines = (this.rest + this.decoder.write(chunk)).split("\n");
    this.rest = lines.pop() ?? "";
    lines.forEach(this.emit);
  }

  end(): void {
    if (this.rest !== "") this.emit(this.rest);
    this.rest = "";
  }
}

/** Collects what a command writes, and shows it line by line as far as `logging` says. */
export class Capture {
  private readonly chunks: { stream: "stdout" | "stderr"; data: Buffer }[] = [];
  private readonly lines: Partial<Record<"stdout" | "stderr", Lines>> = {};

  constructor(logging: string, context: { status: (line: string) => void; warn: (line: string) => void }) {
    const emit = (line: string): void => {
      context.status(line);
      if (Buffer.byteLength(line) >= LINE_LIMIT_BYTES)
        context.warn(
          "a line of 64 KiB or more makes the upstream command provider hang; set logging to none",
        );
    };
    for (const stream of ["stdout", "stderr"] as const)
      if (logging === stream || logging === "stdoutAndStderr") this.lines[stream] = new Lines(emit);
  }

  add(stream: "stdout" | "stderr", data: Buffer): void {
    this.chunks.push({ stream, data });
    this.lines[stream]?.write(data);
  }

  private text(stream?: "stdout" | "stderr"): string {
    const chosen = this.chunks.filter((chunk) => stream === undefined || chunk.stream === stream);
    return Buffer.concat(chosen.map(({ data }) => data)).toString("utf8");
  }

  /** Both streams in order of arrival. */
  all(): string {
    return this.text();
  }

  /** The captured streams, each without one trailing newline. */
  outputs(): { stdout: string; stderr: string } {
    this.lines.stdout?.end();
    this.lines.stderr?.end();
    return { stdout: this.text("stdout").replace(/\n$/, ""), stderr: this.text("stderr").replace(/\n$/, "") };
  }
}

const ESCAPES: Record<string, string> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

function escapeCharacter(character: string): string {
  const known = ESCAPES[character];
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code <= 0xffff
    ? `\\u${code.toString(16).padStart(4, "0")}`
    : `\\U${code.toString(16).padStart(8, "0")}`;
}

/** Quotes a text as Go's %q verb does. */
function goQuote(text: string): string {
  return `"${text.replace(/[\p{C}\p{Zl}\p{Zp}"\\]|(?! )\p{Zs}/gu, escapeCharacter)}"`;
}

/** The error of a command that ran and failed: how it ended, what ran, everything that it wrote. */
export function failure(ending: string, command: string, capture: Capture): Error {
  capture.outputs();
  return new Error(`${ending}: running ${goQuote(command)}:\n${capture.all()}`);
}
