import { type ChildProcessByStdio, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { PORTS } from "../facts/ports";
import type { Look } from "./rehearse/measured";
import { unattended } from "./unattended";

/** Looks at a host over SSH from now until `end`. A host that is not reached has no looks. */
export class HostLooks {
  readonly seen: Look[] = [];
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;

  constructor(login: string, periodSeconds: number) {
    const sampler = readFileSync(join(__dirname, "hostSampler.py"));
    // The outputs hold the command as text for a shell.
    const command = `exec ${unattended(login)} python3 - ${periodSeconds} ${PORTS.videobridgeHttp.port}`;
    this.child = spawn("bash", ["-c", command], { stdio: ["pipe", "pipe", "inherit"] });
    this.child.stdin.on("error", () => undefined);
    this.child.stdin.end(sampler);
    createInterface(this.child.stdout).on("line", (line) => {
      this.seen.push({ ...(JSON.parse(line) as Omit<Look, "at">), at: Date.now() });
    });
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null;
  }

  end(): void {
    this.child.stdout.destroy();
    this.child.kill();
  }
}
