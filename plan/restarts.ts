import { readWindow } from "../config/restarts";
import type { Settings } from "../config/schema";
import type { RestartsPlan } from "./types";

/** When restarts happen that would throw people out. */
export function restartsPlan({ restarts }: Settings): RestartsPlan {
  if (typeof restarts === "string") return restarts;
  const window = readWindow(restarts.window);
  if ("rule" in window) throw new Error("config/load.ts lets no such window through");
  return { ...window, text: restarts.window };
}

/** Until when a restart waits, in words; undefined where it does not. */
export function untilWhen(restarts: RestartsPlan): string | undefined {
  if (restarts === "now") return undefined;
  return restarts === "whenEmpty" ? "nobody is in a conference" : restarts.text;
}
