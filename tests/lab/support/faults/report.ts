import { tableLines } from "../../../../tools/markdown";
import type { Outcome } from "./run";

const HEADINGS = [
  "fault",
  "who fell out, and why",
  "longest wait of who stayed",
  "bridge out of use after, its people elsewhere after",
  "all well again after",
  "what was not well meanwhile",
  "alerts",
];

/** Outcomes as a table of Markdown. */
export function faultTable(outcomes: Outcome[]): string {
  return tableLines(HEADINGS, outcomes.map(cells)).join("\n");
}

function cells(outcome: Outcome): string[] {
  const { name, fellOut, why, longestWait, outOfUse, moved, well, troubles, alerts } = outcome;
  return [
    name,
    fellOut === 0 ? "nobody" : `${fellOut} (${why[0] ?? "?"})`,
    longestWait === 0 ? "under 2 s" : seconds(longestWait),
    outOfUse === undefined ? "" : `${seconds(outOfUse)}, ${moved === undefined ? "never" : seconds(moved)}`,
    seconds(well),
    troubles.join(", "),
    alerts.join(", "),
  ];
}

function seconds(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} s`;
}
