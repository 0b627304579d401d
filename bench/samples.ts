import { HostLooks } from "../tools/hostLooks";
import type { Look, Usage } from "../tools/rehearse/measured";

const PERIOD_SECONDS = 0.5;

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
  private constructor(private readonly looks: HostLooks) {}

  /** Resolves once the first look is there; fails when the core cannot be reached or lacks a daemon. */
  static async open(login: string): Promise<Samples> {
    const looks = new HostLooks(login, PERIOD_SECONDS);
    for (const deadline = Date.now() + 20_000; looks.seen.length === 0;) {
      if (Date.now() > deadline || looks.hasEnded) throw new Error("the core cannot be watched over SSH");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    for (const unit of ["prosody", "nginx"])
      if (looks.seen[0]?.units[unit] === undefined) throw new Error(`${unit} does not run on the core`);
    return new Samples(looks);
  }

  close(): void {
    this.looks.end();
  }

  /** What was used from one moment to another, in milliseconds since 1970 by this machine's clock. */
  between(from: number, to: number): Span {
    const [first, last] = [this.nearest(from), this.nearest(to)];
    return {
      seconds: (last.at - first.at) / 1000,
      prosody: used(first, last, "prosody"),
      nginx: used(first, last, "nginx"),
      jicofoCpuSeconds: used(first, last, "jicofo").cpuSeconds,
      busySeconds: last.busySeconds - first.busySeconds,
      stealSeconds: last.stealSeconds - first.stealSeconds,
    };
  }

  private nearest(moment: number): Look {
    return this.looks.seen.reduce((best, one) =>
      Math.abs(one.at - moment) < Math.abs(best.at - moment) ? one : best,
    );
  }
}

/** A daemon that does not run uses nothing. */
function used(first: Look, last: Look, unit: string): Usage {
  const nothing = { cpuSeconds: 0, memoryKilobytes: 0, files: 0 };
  const [before, after] = [first.units[unit] ?? nothing, last.units[unit] ?? nothing];
  return { ...after, cpuSeconds: after.cpuSeconds - before.cpuSeconds };
}
