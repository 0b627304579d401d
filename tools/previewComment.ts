/** What `up` would do, as a comment for a pull request: `pulumi preview --json | npm run --silent preview-comment -- --stack prod --out FILE`. */
import { readFileSync, writeFileSync } from "node:fs";
import { check } from "./check";
import { counted, finish, type Outcome } from "./outcome";
import { AS_COMMENT, shortened } from "./markdown";
import { previewComment } from "./preview/comment";
import { PreviewError, readPreview } from "./preview/digest";
import { wordsOf, wrongUsage } from "./words";

const USAGE =
  "usage: pulumi preview --json | npm run --silent preview-comment -- --stack NAME --out FILE [--stack-file FILE [--base-file FILE]]";

const OPTIONS = {
  stack: { type: "string" },
  out: { type: "string" },
  "stack-file": { type: "string" },
  "base-file": { type: "string" },
} as const;

/** What `npm run check` says of a stack file, mistakes included. */
function checked(file: string | undefined): string[] | undefined {
  if (file === undefined) return undefined;
  const { stdout, stderr } = check(["--stack-file", file]);
  return [...stdout, ...stderr];
}

/** Turns the engine's document into a comment, and writes it to a file, and beside it the whole of one that is too long. */
export function writeComment(args: string[], document: string): Outcome {
  const words = wordsOf(args, OPTIONS, ["stack", "out"]);
  if (words === undefined) return wrongUsage(USAGE);
  const { stack, out, "stack-file": after, "base-file": before } = words;
  try {
    const sizes = { before: checked(before), after: checked(after) };
    const text = previewComment(readPreview(document), { stack, ...sizes, people: undefined }, AS_COMMENT);
    writeFileSync(out, shortened(text));
    writeFileSync(`${out}.whole`, text);
    return { code: 0, stdout: [`${out}: ${counted(text.length, "character")}`], stderr: [] };
  } catch (error) {
    if (!(error instanceof PreviewError)) throw error;
    return { code: 1, stdout: [], stderr: [error.message] };
  }
}

if (require.main === module) {
  finish(writeComment(process.argv.slice(2), readFileSync(0, "utf8")));
}
