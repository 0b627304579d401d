import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "./fault";
import type { Scene } from "./scene";

const MEMORY = "/sys/fs/cgroup/memory";

/** A process of a guest as this machine numbers it, with its memory group. */
function processOf(guest: string, inner: number): { pid: string; group: string } {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const [, group = ""] = /^\d+:memory:(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8")) ?? [];
      const [, numbers = ""] = /^NSpid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
      if (group.includes(guest) && Number(numbers.split(/\s+/).at(-1)) === inner) return { pid, group };
    } catch {
      // The process ended between the calls.
    }
  }
  throw new Error(`${guest} has no process ${inner} in a memory group of ${MEMORY}`);
}

/** Puts a unit's main process into a memory group that has nothing left: the kernel ends it when it wants more. */
export async function takeMemory(scene: Scene, host: Host, unit: string): Promise<void> {
  const main = await scene.on(host, `systemctl show -p MainPID --value ${unit}`);
  const { pid, group } = processOf(scene.guest(host), Number(main));
  const own = join(MEMORY, group, "none-left");
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, "memory.limit_in_bytes"), "0");
  writeFileSync(join(own, "cgroup.procs"), pid);
}
