import { existsSync, readFileSync } from "node:fs";
import { parseGoTest } from "./goTest";
import { parseJest } from "./jestReport";
import { parsePython } from "./pythonReport";
import { Ending, Tally } from "./stage";

/** A check that passes or fails as a whole. */
export function asOneTest(name: string): (ending: Ending) => Tally {
  return (ending) =>
    ending.exitCode === 0 ? { passed: 1, failed: [], skipped: [] } : asOneFailure(name, howItEnded(ending));
}

/** Tests whose runner wrote a report to `file`. */
export function fromReport(
  name: string,
  file: string,
  parse: typeof parseJest | typeof parsePython,
): (ending: Ending) => Tally {
  return (ending) => {
    if (!existsSync(file)) return asOneFailure(name, `${howItEnded(ending)} and left no report`);
    return guarded(name, ending, () => parse(readFileSync(file, "utf8")));
  };
}

/** Tests reported by `go test -json` on standard output. */
export function fromGoTest(name: string): (ending: Ending) => Tally {
  return (ending) => guarded(name, ending, () => parseGoTest(ending.output));
}

/** A run without any test, and a failed run without a failed test, are failures: both hide something. */
export function guarded(name: string, ending: Ending, parse: () => Tally): Tally {
  let tally: Tally;
  try {
    tally = parse();
  } catch (error) {
    return asOneFailure(name, `${howItEnded(ending)}; its report is unreadable: ${String(error)}`);
  }
  if (ending.exitCode !== 0 && tally.failed.length === 0) {
    return { ...tally, failed: [{ name, detail: howItEnded(ending) }] };
  }
  const total = tally.passed + tally.failed.length + tally.skipped.length;
  return total === 0 ? asOneFailure(name, "found no test") : tally;
}

/** The tally of a stage that could not count. */
export function asOneFailure(name: string, detail: string): Tally {
  return { passed: 0, failed: [{ name, detail }], skipped: [] };
}

function howItEnded(ending: Ending): string {
  if (ending.timedOut) return "was ended at its time limit";
  return ending.exitCode === null ? "was ended by a signal" : `exit code ${ending.exitCode}`;
}
