import { type ChildProcessByStdio, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { unattended } from "./unattended";

/** What a daemon with all its processes has used since it started, and holds now. */
export interface Usage {
  cpuSeconds: number;
  memoryKilobytes: number;
  /** Open files and connections. */
  files: number;
}

/** A bridge's own statistics (/colibri/stats), as far as they matter here. */
interface BridgeStatistics {
  endpoints: number;
  packetsInPerSecond: number;
  packetsOutPerSecond: number;
  kilobitsOutPerSecond: number;
  stress: number;
}

/** One look at a host (hostSampler.py). Seconds of CPU are of all cores together, since the host started. */
export interface Look {
  /** Milliseconds since 1970, by the clock of who looks. */
  at: number;
  units: Record<string, Usage>;
  busySeconds: number;
  /** Kept by a hypervisor for others. */
  stealSeconds: number;
  cores: number;
  bridge?: BridgeStatistics;
}

/** Looks at a host over SSH from now until `end`. A host that is not reached has no looks. */
export class HostLooks {
  readonly seen: Look[] = [];
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;

  /** `bridgePort`: where a bridge tells its statistics, on its own loopback. */
  constructor(login: string, periodSeconds: number, bridgePort: number) {
    const sampler = readFileSync(join(__dirname, "hostSampler.py"));
    // The outputs hold the command as text for a shell.
    const command = `exec ${unattended(login)} python3 - ${periodSeconds} ${bridgePort}`;
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
