import { type Document, isMap, isPair, isScalar, isSeq, type LineCounter } from "yaml";

/** A key that a structure has already. */
export interface Duplicate {
  /** Steps to it from the top of the document. */
  path: (string | number)[];
  /** Lines of both, counted from 1. */
  lines: [first: number, second: number];
}

/** Merges stand under a key of their own, as often as somebody wants. */
const MERGE = "<<";

/** Every key that is given twice, and the lines of the first keys; `nameOf`: one spelling for keys that mean the same, by the steps to their structure. */
export function duplicates(
  { contents }: Document,
  lines: LineCounter,
  nameOf: (key: string, path: Duplicate["path"]) => string,
): { found: Duplicate[]; lineOf: (top: string) => number } {
  const found: Duplicate[] = [];
  const tops = new Map<string, number>();
  const visit = (node: unknown, path: Duplicate["path"]): void => {
    if (isSeq(node))
      node.items.forEach((item, index) => {
        visit(item, [...path, index]);
      });
    if (!isMap(node)) return;
    const firsts = path.length === 0 ? tops : new Map<string, number>();
    for (const pair of node.items) {
      if (!isPair(pair) || !isScalar(pair.key)) continue;
      const key = nameOf(String(pair.key.value), path);
      const { line } = lines.linePos(pair.key.range?.[0] ?? 0);
      const first = firsts.get(key);
      if (first === undefined) firsts.set(key, line);
      else if (key !== MERGE) found.push({ path: [...path, key], lines: [first, line] });
      visit(pair.value, [...path, key]);
    }
  };
  visit(contents, []);
  return { found, lineOf: (top) => tops.get(top) ?? 1 };
}
