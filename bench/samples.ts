import { type ChildProcessByStdio, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** What one daemon with all its processes has used since it started, and holds now. */
interface Usage {
  cpuSeconds: number;
  memoryKilobytes: number;
  files: number;
}

/** One look at the core (bench/sampler.py). */
interface Sample {
  prosody: Usage;
  nginx: Usage;
  jicofo?: Usage;
  machine: { busySeconds: number; stealSeconds: number };
}

/** What happened on the core between two moments. CPU in seconds, memory and files at the end. */
export interface Span {
  seconds: number;
  prosody: Usage;
  nginx: Usage;
  jicofoCpuSeconds: number;
  busySeconds: number;
  stealSeconds: number;
}

/** Looks at the core over SSH, twice a second, from `open` until `close`. */
export class Samples {
  private readonly seen: { at: number; sample: Sample }[] = [];
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;

  private constructor(sshCommand: string) {
    // The outputs hold the command as text for a shell.
    this.child = spawn("bash", ["-c", `exec ${sshCommand} python3 -`], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.child.stdin.end(readFileSync(join(__dirname, "sampler.py")));
    createInterface(this.child.stdout).on("line", (line) => {
      this.seen.push({ at: Date.now(), sample: JSON.parse(line) as Sample });
    });
  }

  /** Resolves once the first look is there; fails when the core cannot be reached or lacks a daemon. */
  static async open(sshCommand: string): Promise<Samples> {
    const samples = new Samples(sshCommand);
    for (const deadline = Date.now() + 20_000; samples.seen.length === 0;) {
      if (Date.now() > deadline || samples.child.exitCode !== null)
        throw new Error("the core cannot be watched over SSH");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return samples;
  }

  close(): void {
    this.child.stdout.destroy();
    this.child.kill();
  }

  /** What was used from one moment to another, in milliseconds since 1970 by this machine's clock. */
  between(from: number, to: number): Span {
    const [first, last] = [this.nearest(from), this.nearest(to)];
    const used = (unit: "prosody" | "nginx"): Usage => ({
      ...last.sample[unit],
      cpuSeconds: last.sample[unit].cpuSeconds - first.sample[unit].cpuSeconds,
    });
    return {
      seconds: (last.at - first.at) / 1000,
      prosody: used("prosody"),
      nginx: used("nginx"),
      jicofoCpuSeconds: (last.sample.jicofo?.cpuSeconds ?? 0) - (first.sample.jicofo?.cpuSeconds ?? 0),
      busySeconds: last.sample.machine.busySeconds - first.sample.machine.busySeconds,
      stealSeconds: last.sample.machine.stealSeconds - first.sample.machine.stealSeconds,
    };
  }

  private nearest(moment: number): { at: number; sample: Sample } {
    return this.seen.reduce((best, one) =>
      Math.abs(one.at - moment) < Math.abs(best.at - moment) ? one : best,
    );
  }
}
