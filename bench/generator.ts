import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Seconds. */
interface Spread {
  p50: number;
  p95: number;
  max: number;
}

/** What the crowd measured about itself; the meaning of each field is in bench/generator/internal/crowd/report.go. */
export interface CrowdReport {
  participants: number;
  joined: number;
  lost: number;
  lostWhileHolding: number;
  failures: Record<string, number>;
  sawAll: number;
  socketSeconds: Spread;
  boundSeconds: Spread;
  joinedSeconds: Spread;
  joinSeconds: Spread;
  allInSeconds: number;
  streamManagement: boolean;
  presenceBytes: number;
  joinPresences: number;
  heldSeconds: number;
  changes: number;
  changesExpected: number;
  changesDelivered: number;
  echoSeconds: Spread;
  heardSeconds: Spread;
  leftSeconds: number;
  generatorJoinSeconds: number;
  generatorSeconds: number;
}

/** Moments at which a phase ended, in milliseconds since 1970. */
export type Phases = Partial<Record<"started" | "allIn" | "held" | "left", number>>;

/** Where a deployment is and whom to trust. */
export interface Target {
  domain: string;
  /** host:port of nginx. */
  address: string;
  caFile: string;
}

/** Builds a program of bench/generator; returns where it lies. */
export async function build(program: "joins" | "requests" | "stays", folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, program);
  const words = ["-C", join(__dirname, "generator"), "build", "-trimpath", "-o", path, `./cmd/${program}`];
  await run("go", words, () => undefined);
  return path;
}

/** The flags of a target. */
export function targetFlags({ domain, address, caFile }: Target): string[] {
  return ["-domain", domain, "-address", address, "-ca", caFile];
}

/** Lets a crowd join, hold and leave; `signal` ends it early. */
export async function crowd(
  program: string,
  flags: string[],
  onPhase: (phase: keyof Phases) => void = () => undefined,
  signal?: AbortSignal,
): Promise<{ report: CrowdReport; phases: Phases }> {
  const phases: Phases = {};
  let report: CrowdReport | undefined;
  const onLine = (line: string) => {
    const said = JSON.parse(line) as {
      phase?: keyof Phases;
      unixMilliseconds?: number;
      report?: CrowdReport;
    };
    if (said.phase !== undefined) {
      onPhase(said.phase);
      phases[said.phase] = said.unixMilliseconds ?? 0;
    }
    if (said.report !== undefined) report = said.report;
  };
  await run(program, flags, onLine, signal);
  if (report === undefined) throw new Error("the generator ended without a report");
  return { report, phases };
}

async function run(
  program: string,
  words: string[],
  onLine: (line: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "inherit"], ...(signal && { signal }) });
  createInterface(child.stdout).on("line", onLine);
  await new Promise<void>((resolve, reject) => {
    child.on("error", (error) => {
      reject(signal?.aborted === true ? (signal.reason as Error) : error);
    });
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ended with ${code ?? "a signal"}`));
    });
  });
}
