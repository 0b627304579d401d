import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { counted, finish, type Outcome } from "./outcome";
import { difference } from "./difference";
import { fenced, folded, shortened } from "./markdown";
import { wordsOf, wrongUsage } from "./words";

const USAGE = "usage: npm run --silent render-diff -- --base DIR --head DIR --out FILE";

/** Stack files of a checkout, relative: its own, and those of the examples, which have placeholders for everything. */
export function stackFiles(checkout: string): string[] {
  const isStack = (name: string) => /^Pulumi\..+\.yaml$/.test(name);
  const folder = join(checkout, "examples");
  const examples = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];
  return [
    ...readdirSync(checkout).filter(isStack),
    ...examples.filter((path) => isStack(basename(path))).map((path) => join("examples", path)),
  ].sort();
}

/**
 * Renders a stack of a checkout by that checkout's own code, into a folder. What it refuses stands in place of the files. Nothing of this
 * process' environment that could be a secret goes along: the code is whatever somebody proposes.
 */
function renderStack(checkout: string, file: string, out: string): void {
  if (!existsSync(join(checkout, file))) {
    mkdirSync(out, { recursive: true });
    return;
  }
  const command = ["tools/render.ts", "--stack-file", file, "--out", out];
  const { PATH = "", HOME = "" } = process.env;
  const { status, stdout, stderr } = spawnSync(join(checkout, "node_modules/.bin/tsx"), command, {
    ...{ cwd: checkout, encoding: "utf8", env: { PATH, HOME } },
  });
  if (status === 0) return;
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "REFUSED"), stdout + stderr);
}

/** A difference as one folded part of a comment. */
function section(file: string, text: string): string {
  const files = counted(text.match(/^diff --git /gm)?.length ?? 0, "file");
  return folded(`${file}: ${files}`, fenced("diff", text));
}

function compared(base: string, head: string, file: string): string {
  const work = mkdtempSync(join(tmpdir(), "render-diff-"));
  try {
    renderStack(base, file, join(work, "base"));
    renderStack(head, file, join(work, "head"));
    return difference(work);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What changes in the files of every host between two checkouts, as the text of a comment. */
export function renderDiff(base: string, head: string): string {
  const files = [...new Set([...stackFiles(base), ...stackFiles(head)])].sort();
  const found = files.map((file) => ({ file, text: compared(base, head, file) }));
  const changed = found.filter(({ text }) => text !== "");
  const same = counted(found.length - changed.length, "stack");
  const title = `### Files of the hosts\n\nRendered without any secret; ${same} unchanged.\n\n`;
  return title + changed.map(({ file, text }) => section(file, text)).join("\n");
}

function main(args: string[]): Outcome {
  const options = { base: { type: "string" }, head: { type: "string" }, out: { type: "string" } } as const;
  const words = wordsOf(args, options, ["base", "head", "out"]);
  if (words === undefined) return wrongUsage(USAGE);
  const { base, head, out } = words;
  const text = renderDiff(resolve(base), resolve(head));
  writeFileSync(out, shortened(text));
  writeFileSync(`${out}.whole`, text);
  return { code: 0, stdout: [`${out}: ${counted(text.length, "character")}`], stderr: [] };
}

if (require.main === module) {
  finish(main(process.argv.slice(2)));
}
