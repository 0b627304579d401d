import { type Document, type ErrorCode, LineCounter, parseDocument } from "yaml";

/** A line that cannot be read; its words are ours, since those of a YAML reader quote the line, in which a secret may stand. */
export class YamlError extends Error {}

/** What is wrong, by the kind of error, and how it is mended. */
const CAUSES: Partial<Record<ErrorCode, string>> = {
  BAD_ALIAS: "* begins an alias here; a value that begins with * needs quotes",
  BAD_DQ_ESCAPE: "a backslash in double quotes begins an unknown escape; use single quotes",
  BAD_INDENT:
    "the indentation does not fit the lines above (keys of one structure begin in one column), or a brace is not closed",
  BAD_SCALAR_START: "a value cannot begin with @ or `; write it in quotes",
  BLOCK_AS_IMPLICIT_KEY:
    "a value that contains a colon and a space needs quotes, or the line is not indented like those that it belongs to; a structure begins on its own line",
  BLOCK_IN_FLOW: "lines within { } and [ ] cannot begin with a dash or an indented key",
  KEY_OVER_1024_CHARS: "a key is too long, so its colon is missing",
  MISSING_CHAR: "a colon, a comma, a quote or a closing brace is missing",
  MULTILINE_IMPLICIT_KEY:
    "a key and its colon belong on one line; this one has no colon, or a quote is not closed",
  MULTIPLE_ANCHORS: "& begins an anchor here, and there are two; a value that begins with & needs quotes",
  MULTIPLE_TAGS: "! begins a tag here, and there are two; a value that begins with ! needs quotes",
  TAB_AS_INDENT: "a tab is used for indentation; use spaces",
  TAG_RESOLVE_FAILED:
    "! begins a tag here that does not fit its value; a value that begins with ! needs quotes",
  UNEXPECTED_TOKEN: "the line has too much text; a value that contains quotes, braces or # needs quotes",
};

const OTHERWISE = "the line does not fit the lines before it";

/** A parsed document whose only errors are keys that are given twice. Throws YamlError with line, column and cause. */
export function yamlDocument(text: string): { document: Document; lines: LineCounter } {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    merge: true,
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
    logLevel: "silent",
  });
  const [problem] = document.errors;
  if (problem === undefined) return { document, lines };
  const { line, col } = lines.linePos(problem.pos[0]);
  throw new YamlError(
    `line ${line}, column ${col}: ${CAUSES[problem.code] ?? OTHERWISE} (the line is not shown)`,
  );
}

/** What a document holds. Throws YamlError where an alias has no anchor or expands to too much, or something else than a structure is merged. */
export function yamlContent(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch {
    throw new YamlError(
      "an alias (*name) has no anchor (&name) before it, there are too many, or a merged value (<<) is not a structure; a value that begins with * needs quotes",
    );
  }
}
