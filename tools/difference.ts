import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const OPTIONS = ["diff", "--no-index", "--no-color", "--no-ext-diff", "--src-prefix=", "--dst-prefix="];

/** The difference between two files or folders with the names `base` and `head` below `work`, as git shows it. */
export function difference(work: string): string {
  const { status, stdout, stderr } = spawnSync("git", [...OPTIONS, "base", "head"], {
    ...{ cwd: work, encoding: "utf8", maxBuffer: 1 << 28 },
  });
  if (status !== 0 && status !== 1) throw new Error(stderr);
  return stdout;
}

/** The hunks of the difference between two texts. */
export function hunks(before: string, after: string): string {
  const work = mkdtempSync(join(tmpdir(), "difference-"));
  try {
    writeFileSync(join(work, "base"), before);
    writeFileSync(join(work, "head"), after);
    const text = difference(work);
    return text.slice(text.indexOf("@@"));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
