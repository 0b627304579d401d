import { execFileSync } from "node:child_process";
import { closeSync, existsSync, openSync, readSync } from "node:fs";

/** Files of this repository by language, found by their ending or, for scripts without one, by their first line. */
export interface Sources {
  readonly shell: readonly string[];
  readonly python: readonly string[];
  readonly go: readonly string[];
}

/** All files that git tracks or would track, so that a new file is checked before its first commit. */
export function findSources(): Sources {
  // The clone may belong to somebody else than root, who runs the lab: git refuses that unless told.
  const listing = execFileSync(
    "git",
    ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
  );
  const files = listing.split("\0").filter((file) => file !== "" && existsSync(file));
  return sortByLanguage(files, firstLineOf);
}

/** The same for a given list; `firstLine` is asked only for files without an ending. */
export function sortByLanguage(files: readonly string[], firstLine: (file: string) => string): Sources {
  const written = (ending: string, interpreter: RegExp) => (file: string) =>
    file.endsWith(ending) || (!/\.[^/]*$/.test(file) && interpreter.test(firstLine(file)));
  return {
    shell: files.filter(written(".sh", /^#!.*\b(ba)?sh\b/)),
    python: files.filter(written(".py", /^#!.*\bpython3?\b/)),
    go: files.filter((file) => file.endsWith(".go")),
  };
}

function firstLineOf(file: string): string {
  const start = Buffer.alloc(128);
  const descriptor = openSync(file, "r");
  try {
    const length = readSync(descriptor, start, 0, start.length, 0);
    return start.toString("utf8", 0, length).split("\n")[0] ?? "";
  } finally {
    closeSync(descriptor);
  }
}
