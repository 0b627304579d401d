import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";

let queue: Promise<unknown> = Promise.resolve();

/**
 * Runs an action while this process holds the lock on a folder, one action after the other. The lock is the kernel's, held by
 * `flock` of util-linux for as long as its stdin is open: a plugin that is killed gives it up, and no file is left of it.
 */
export function withLock<T>(folder: string, action: () => Promise<T>): Promise<T> {
  const turn = queue.then(() => locked(folder, action));
  queue = turn.catch(() => undefined);
  return turn;
}

async function locked<T>(folder: string, action: () => Promise<T>): Promise<T> {
  mkdirSync(folder, { recursive: true });
  const holder = spawn("flock", [folder, "sh", "-c", "echo locked; exec cat >/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const closed = once(holder, "close");
  const [first] = (await Promise.race([once(holder.stdout, "data"), closed])) as unknown[];
  if (!(first instanceof Buffer)) throw new Error(`flock ${folder} ended with ${String(first)}`);
  try {
    return await action();
  } finally {
    holder.stdin.end();
    await closed;
  }
}
