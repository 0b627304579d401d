import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { type Target, targetFlags } from "../../../../bench/generator";

/** What happened to somebody (bench/generator/internal/crowd/stay.go). */
interface Happening {
  at: number;
  what: "in" | "out" | "refused" | "late" | "visited";
  who: number;
  seconds?: number;
  why?: string;
}

/** What people noticed in some time. */
export interface Noticed {
  /** Who fell out and had to come in again. */
  fellOut: number;
  /** Why, most frequent first. */
  why: string[];
  /** Seconds: the longest that a question of somebody who stayed waited for its answer; 0: none over two. */
  longestWait: number;
  /** Seconds: the longest that a newcomer took to get in; 0: nobody came. */
  longestEntry: number;
}

/** People who stay in a room through nginx, and come in again when they fall out, as pages do; and some who come and go. */
export class Crowd {
  private readonly happened: Happening[] = [];
  private readonly inside = new Set<number>();
  private readonly ended: Promise<unknown>;
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;

  constructor(
    program: string,
    target: Target,
    readonly size: number,
    more: string[] = [],
  ) {
    const flags = [...targetFlags(target), "-participants", String(size), ...more];
    this.child = spawn(program, flags, { stdio: ["pipe", "pipe", "inherit"] });
    this.ended = new Promise((resolve) => this.child.on("close", resolve));
    createInterface(this.child.stdout).on("line", (line) => {
      const one = JSON.parse(line) as Happening;
      this.happened.push(one);
      if (one.what === "in") this.inside.add(one.who);
      if (one.what === "out") this.inside.delete(one.who);
    });
  }

  get isComplete(): boolean {
    return this.inside.size === this.size;
  }

  /** When the last one came in. */
  get completeSince(): number {
    return this.happened.filter(({ what }) => what === "in").at(-1)?.at ?? 0;
  }

  async complete(limitSeconds: number): Promise<void> {
    const until = Date.now() + 1000 * limitSeconds;
    while (!this.isComplete) {
      if (Date.now() > until || this.child.exitCode !== null)
        throw new Error(
          `${this.inside.size} of ${this.size} are in after ${limitSeconds} s; ${JSON.stringify(this.happened.slice(-5))}`,
        );
      await pause(100);
    }
  }

  noticed(from: number, to = Date.now()): Noticed {
    const then = this.happened.filter(({ at }) => at >= from && at <= to);
    const out = then.filter(({ what }) => what === "out");
    const reasons = new Map<string, number>();
    for (const { why = "?" } of out) reasons.set(why, (reasons.get(why) ?? 0) + 1);
    const longest = (kind: Happening["what"]) =>
      Math.max(0, ...then.filter(({ what }) => what === kind).map(({ seconds = 0 }) => seconds));
    return {
      fellOut: new Set(out.map(({ who }) => who)).size,
      why: [...reasons].sort(([, one], [, other]) => other - one).map(([why]) => why),
      longestWait: longest("late"),
      longestEntry: longest("visited"),
    };
  }

  /** They leave. */
  async end(): Promise<void> {
    this.child.stdin.end();
    const late = setTimeout(() => this.child.kill("SIGKILL"), 15_000);
    await this.ended;
    clearTimeout(late);
  }
}
