import { tableLines } from "../tools/markdown";
import type { CrowdReport } from "./generator";
import type { Span } from "./samples";

/** One run. */
export interface Result {
  /** What was different in this run, in the words of whoever ran it. */
  label: string;
  perSecond: number;
  crowd: CrowdReport;
  /** From the first arrival until everybody was in. */
  join: Span;
  /** While all were in. */
  hold: Span;
  leave: Span;
  /** Mean load of the machine of the last minute before the run, generator and core together in the lab. */
  loadBefore: number;
}

const HEADINGS = [
  "run",
  "joined, lost",
  "arrival to joined p50 / p95",
  "join to own presence p50 / p95",
  "all in after",
  "Prosody CPU per join",
  "nginx CPU per join",
  "holding: Prosody / nginx, share of a core",
  "Prosody memory",
  "all out after",
  "generator CPU",
  "others' CPU, load before",
];

/** A table of all runs. */
export function table(results: Result[]): string {
  return `${tableLines(HEADINGS, results.map(row)).join("\n")}\n`;
}

function row({ label, perSecond, crowd, join, hold, loadBefore }: Result): string[] {
  const { participants, joined, lost, lostWhileHolding, joinedSeconds, joinSeconds } = crowd;
  const perJoin = (cpuSeconds: number) => `${Math.round((1000 * cpuSeconds) / joined)} ms`;
  const share = (cpuSeconds: number) => `${Math.round((100 * cpuSeconds) / hold.seconds)} %`;
  const known = join.prosody.cpuSeconds + join.nginx.cpuSeconds + join.jicofoCpuSeconds;
  const others = join.busySeconds - known - crowd.generatorJoinSeconds;
  return [
    `${participants} @ ${perSecond}/s, stream management ${crowd.streamManagement ? "on" : "off"}${label && `, ${label}`}`,
    `${joined}, ${lost + lostWhileHolding}`,
    `${seconds(joinedSeconds.p50)} / ${seconds(joinedSeconds.p95)}`,
    `${seconds(joinSeconds.p50)} / ${seconds(joinSeconds.p95)}`,
    `${crowd.allInSeconds.toFixed(0)} s`,
    perJoin(join.prosody.cpuSeconds),
    perJoin(join.nginx.cpuSeconds),
    `${share(hold.prosody.cpuSeconds)} / ${share(hold.nginx.cpuSeconds)}`,
    `${Math.round(hold.prosody.memoryKilobytes / 1024)} MB`,
    `${crowd.leftSeconds.toFixed(0)} s`,
    `${crowd.generatorJoinSeconds.toFixed(0)} s`,
    `${Math.max(0, others).toFixed(0)} s, ${loadBefore.toFixed(1)}`,
  ];
}

function seconds(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 0)} s`;
}
