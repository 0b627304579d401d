import { cpus, loadavg, totalmem } from "node:os";
import { tableLines } from "../../tools/markdown";
import type { Used } from "./workspace";

/** What it costs to preview deployments that do not change, and bare programs with as many resources. */
export interface Previews {
  bridges: number;
  resources: number;
  /** Runs, in pairs: one after the other. */
  program: Used[];
  bare: Used[];
}

/** What it costs to add bridges, when every step on a host takes the same. */
export interface Ups {
  stepMilliseconds: number;
  one: Used;
  ten: Used;
}

export interface Report {
  label: string;
  machine: { processor: string; cores: number; memoryGigabytes: number; node: string; loadBefore: number };
  previews: Previews[];
  ups?: Ups;
}

export function machine(): Report["machine"] {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? "unknown",
    cores: processors.length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    loadBefore: Number((loadavg()[0] ?? 0).toFixed(1)),
  };
}

/** The middle one by wall time of each field. */
function median(runs: Used[], field: keyof Used): number {
  const sorted = runs.map((run) => run[field]).sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

const HEADINGS = [
  "run",
  "bridges",
  "resources",
  "wall",
  "bare",
  "ratio",
  "CPU",
  "bare",
  "ratio",
  "memory of the program",
  "bare",
];

/** Tables of all reports of a file. */
export function tables(reports: Report[]): string {
  const rows = reports.flatMap((report) => report.previews.map((previews) => row(report.label, previews)));
  const table = tableLines(HEADINGS, rows);
  const ups = reports.flatMap(({ label, ups: measured }) => (measured ? [sentence(label, measured)] : []));
  const machines = reports.map(
    ({ label, machine: { processor, cores, memoryGigabytes, node, loadBefore } }) =>
      `${label}: ${processor}, ${cores} cores, ${memoryGigabytes} GB, Node ${node}, load before ${loadBefore}`,
  );
  return `${[...table, "", ...ups, "", ...machines].join("\n")}\n`;
}

function row(label: string, { bridges, resources, program, bare }: Previews): string[] {
  const pair = (field: keyof Used, unit: string) => {
    const [own, theirs] = [median(program, field), median(bare, field)];
    return [`${own.toFixed(1)} ${unit}`, `${theirs.toFixed(1)} ${unit}`, (own / theirs).toFixed(2)];
  };
  const memory = [program, bare].map((runs) => `${median(runs, "programMegabytes")} MB`);
  return [
    label,
    String(bridges),
    String(resources),
    ...pair("wallSeconds", "s"),
    ...pair("cpuSeconds", "s"),
    ...memory,
  ];
}

function sentence(label: string, { stepMilliseconds, one, ten }: Ups): string {
  const ratio = (ten.wallSeconds / one.wallSeconds).toFixed(2);
  return (
    `${label}: \`up\` of one new bridge ${one.wallSeconds.toFixed(1)} s, of ten ${ten.wallSeconds.toFixed(1)} s ` +
    `(${ratio} times), each step on a host ${stepMilliseconds} ms.`
  );
}
