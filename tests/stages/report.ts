import { Result, Tally } from "./stage";

/** What is shown when a stage ends: one line if it passed; with its output and each failure if it did not. */
export function stageBlock(result: Result): string {
  const { stage, tally } = result;
  const lines = [`${verdict(tally)} ${stage.name.padEnd(12)} ${duration(result.seconds)}  ${counts(tally)}`];
  // The output of a stage that runs alone has been seen already.
  if (tally.failed.length > 0 && stage.alone !== true && result.output.trim() !== "") {
    lines.push(...indented(readable(result.output)));
  }
  lines.push(...tally.failed.map((test) => `  failed: ${test.name}: ${test.detail}`));
  lines.push(...tally.skipped.map((test) => `  skipped: ${test.name}: ${test.detail}`));
  return lines.join("\n");
}

/** One row per stage with its time and its counts. */
export function table(results: readonly Result[]): string {
  const rows = results.map(({ stage, seconds, tally }) => [
    stage.name,
    duration(seconds).trim(),
    ...sizes(tally).map(String),
  ]);
  const all = [["stage", "duration", "passed", "failed", "skipped"], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  const cell = (text: string, column: number): string =>
    column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  return all.map((row) => row.map(cell).join("  ")).join("\n");
}

/** The last line of a run: `N passed, N failed, N skipped`. */
export function lastLine(results: readonly Result[]): string {
  const sum = (index: number): number =>
    results.reduce((total, { tally }) => total + (sizes(tally)[index] ?? 0), 0);
  return `${sum(0)} passed, ${sum(1)} failed, ${sum(2)} skipped`;
}

function sizes(tally: Tally): number[] {
  return [tally.passed, tally.failed.length, tally.skipped.length];
}

function verdict(tally: Tally): string {
  if (tally.failed.length > 0) return "FAIL";
  return tally.passed === 0 && tally.skipped.length > 0 ? "skip" : "ok  ";
}

function counts(tally: Tally): string {
  const [passed, failed, skipped] = sizes(tally);
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

function duration(seconds: number): string {
  return `${seconds.toFixed(1)} s`.padStart(9);
}

/** `go test -json` wraps its text into events; a reader wants the text. */
function readable(output: string): string[] {
  return output.split("\n").flatMap((line) => {
    if (!line.startsWith('{"Time":') && !line.startsWith('{"ImportPath":')) return [line];
    const event = JSON.parse(line) as { Output?: string };
    return event.Output === undefined ? [] : [event.Output.trimEnd()];
  });
}

function indented(lines: readonly string[]): string[] {
  const trimmed = lines.join("\n").trim().split("\n");
  return trimmed.map((line) => `  | ${line}`.trimEnd());
}
