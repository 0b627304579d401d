import { spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Waits until nobody else on this machine holds `file`, and holds it until the returned function is called, or this process ends.
 */
export async function turnAt(file: string): Promise<() => void> {
  const holder = spawn("flock", [file, "sh", "-c", "echo held; cat"], { stdio: ["pipe", "pipe", "ignore"] });
  await once(holder.stdout, "data");
  return () => {
    holder.stdin.end();
  };
}

/** One lab of a machine has instances of EC2 at a time: the stand-in's networks and translations are the machine's. */
export async function turnWithInstances(): Promise<() => void> {
  return turnAt("/run/amlab-instances.lock");
}
