import { tableLines } from "../../tools/markdown";
import type { CrowdReport } from "../generator";
import type { CoreUsage } from "./core";

/** One run: what the crowd saw, and the core at the end of each phase. */
export interface RoomResult {
  way: string;
  perSecond: number;
  crowd: CrowdReport;
  core: Record<"started" | "allIn" | "held" | "left", CoreUsage>;
  loadBefore: number;
}

const HEADINGS = [
  "run",
  "joined, lost",
  "arrival to joined p50 / p95",
  "all in after",
  "CPU per join: Prosody / nginx",
  "holding, share of a core: Prosody / nginx",
  "a change heard p50 / p95",
  "all out after",
  "Prosody waited for the CPU: joining / holding",
  "Prosody's memory",
  "load before",
];

/** A table of all runs. */
export function table(results: RoomResult[]): string {
  return `${tableLines(HEADINGS, results.map(row)).join("\n")}\n`;
}

function row({ way, perSecond, crowd, core, loadBefore }: RoomResult): string[] {
  const { started, allIn, held } = core;
  const perJoin = (unit: "prosody" | "nginx") =>
    `${((1000 * (allIn[unit].cpuSeconds - started[unit].cpuSeconds)) / crowd.joined).toFixed(1)} ms`;
  const share = (unit: "prosody" | "nginx", what: "cpuSeconds" | "waitedSeconds" = "cpuSeconds") =>
    `${Math.round((100 * (held[unit][what] - allIn[unit][what])) / crowd.heldSeconds)} %`;
  const waited = (100 * (allIn.prosody.waitedSeconds - started.prosody.waitedSeconds)) / crowd.allInSeconds;
  return [
    `${way}, ${crowd.participants} @ ${perSecond}/s`,
    `${crowd.joined}, ${crowd.lost + crowd.lostWhileHolding}`,
    `${seconds(crowd.joinedSeconds.p50)} / ${seconds(crowd.joinedSeconds.p95)}`,
    `${crowd.allInSeconds.toFixed(0)} s`,
    `${perJoin("prosody")} / ${perJoin("nginx")}`,
    `${share("prosody")} / ${share("nginx")}`,
    `${seconds(crowd.heardSeconds.p50)} / ${seconds(crowd.heardSeconds.p95)}`,
    `${crowd.leftSeconds.toFixed(1)} s`,
    `${Math.round(waited)} % / ${share("prosody", "waitedSeconds")}`,
    `${Math.round(held.prosody.megabytes)} MB`,
    loadBefore.toFixed(1),
  ];
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}
