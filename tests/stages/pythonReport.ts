import { Tally } from "./stage";

/** Reads the report of pythonTests.py, which has the shape of a tally. Throws on anything else. */
export function parsePython(text: string): Tally {
  const report = JSON.parse(text) as Partial<Tally>;
  if (typeof report.passed !== "number" || !Array.isArray(report.failed) || !Array.isArray(report.skipped)) {
    throw new Error("passed, failed and skipped are expected");
  }
  return { passed: report.passed, failed: report.failed, skipped: report.skipped };
}
