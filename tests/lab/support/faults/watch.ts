import { type ChildProcessByStdio, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { LabStack } from "../labStack";

const LAB = "lab/hosts/lab";

/** What is seen on the core. */
export interface CoreLook {
  at: number;
  units: Record<string, string>;
  /** Bridges that jicofo uses; null: it does not answer. */
  bridges: string[] | null;
  /** Status of jicofo's own health check, 0 without an answer. */
  health: number;
}

/** What is seen on a bridge. */
export interface BridgeLook {
  at: number;
  /** People on it as of the last 5 s, as most of its figures are, and at this moment. */
  endpoints: number;
  now: number;
}

/** What is seen on the monitoring machine. */
export interface AlertLook {
  at: number;
  /** "NAME pending" or "NAME firing". */
  alerts: string[];
}

/** Looks at a guest twice a second, without any network, so that no fault of one disturbs it (watch.py). */
export class Watch<Look extends { at: number }> {
  readonly looks: Look[] = [];
  private child: ChildProcessByStdio<Writable, Readable, null> | undefined;

  constructor(
    private readonly stack: LabStack,
    private readonly guest: string,
    private readonly words: string[],
    /** Tries again each so many seconds while the guest is not there; 0: never. */
    private readonly againSeconds = 0,
  ) {
    this.open();
  }

  /** Once more, after the guest was down. */
  open(): void {
    this.close();
    const command = ["exec", this.guest, "--", "python3", "-", ...this.words];
    const env = { ...process.env, AUDIO_MEET_LAB: this.stack.folder };
    const isPatient = this.againSeconds > 0;
    const child = spawn(LAB, command, { env, stdio: ["pipe", "pipe", isPatient ? "ignore" : "inherit"] });
    child.stdin.on("error", () => undefined);
    child.stdin.end(readFileSync(join(__dirname, "watch.py")));
    createInterface(child.stdout).on("line", (line) => this.looks.push(JSON.parse(line) as Look));
    this.child = child;
    if (!isPatient) return;
    const again = () => {
      if (this.child === child) this.open();
    };
    child.on("close", () => setTimeout(again, 1000 * this.againSeconds).unref());
  }

  /** What was seen since a moment. */
  since(from: number): Look[] {
    return this.looks.filter(({ at }) => at >= from);
  }

  get last(): Look | undefined {
    return this.looks.at(-1);
  }

  close(): void {
    this.child?.stdout.destroy();
    this.child?.kill();
    this.child = undefined;
  }
}
