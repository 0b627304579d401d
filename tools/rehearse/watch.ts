/** Looks at every host over SSH while a rehearsal lasts. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { unattended } from "../unattended";
import type { Look } from "./measured";

/** Looks at hosts by their logins, from `watch` until `end`. A host that is not reached has no looks. */
export class Watch {
  private readonly looks: Record<string, Look[]> = {};
  private readonly children: ChildProcessByStdio<Writable, Readable, null>[] = [];

  /** `bridgePort`: where a bridge tells its statistics, on its own loopback. */
  constructor(logins: Record<string, string>, bridgePort: number) {
    const sampler = readFileSync(join(__dirname, "sampler.py"));
    for (const [id, login] of Object.entries(logins)) {
      const looks: Look[] = (this.looks[id] = []);
      // The outputs hold the command as text for a shell.
      const command = `exec ${unattended(login)} python3 - ${bridgePort}`;
      const child = spawn("bash", ["-c", command], { stdio: ["pipe", "pipe", "inherit"] });
      child.stdin.on("error", () => undefined);
      child.stdin.end(sampler);
      createInterface(child.stdout).on("line", (line) => {
        looks.push({ ...(JSON.parse(line) as Omit<Look, "at">), at: Date.now() });
      });
      this.children.push(child);
    }
  }

  /** Looks no more; what was seen, by host. */
  end(): Record<string, Look[]> {
    for (const child of this.children) {
      child.stdout.destroy();
      child.kill();
    }
    return this.looks;
  }
}
