import { setTimeout as pause } from "node:timers/promises";

/** Waits until something holds, and gives the seconds that it took; says what did not hold after so many. */
export async function until(
  what: string,
  seconds: number,
  holds: () => boolean | Promise<boolean>,
): Promise<number> {
  const began = Date.now();
  while (!(await holds())) {
    if (Date.now() - began > seconds * 1000) throw new Error(`${what}: not within ${seconds} s`);
    await pause(500);
  }
  return (Date.now() - began) / 1000;
}
