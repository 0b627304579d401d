import { existsSync } from "node:fs";
import { join } from "node:path";
import { DEV_RELEASE } from "./labConfig";
import type { StackConfig } from "./labStack";

/** The folder with Jitsi's own Prosody plugins, where this machine has one; `lab/packages/build.sh` makes a package of it. */
const FOLDER = process.env["LAB_JITSI_PLUGINS"] ?? "";

/** Whether that folder was named: then a stack can have Jitsi's own modules in place of the stand-in's. */
export const hasPlugins = FOLDER !== "";

/** Why a test that needs plugins of Jitsi cannot run: empty where all are there. Goes into the name of the skipped test. */
export function missingPlugins(...modules: string[]): string {
  if (!hasPlugins) return "LAB_JITSI_PLUGINS names no folder with Jitsi's plugins";
  const missing = modules.filter((name) => !existsSync(join(FOLDER, `mod_${name}.lua`)));
  return missing.length === 0 ? "" : `LAB_JITSI_PLUGINS has no ${missing.join(", ")}`;
}

/** Keys of a lab stack that runs with Jitsi's plugins in place of the stand-in. */
export const WITH_PLUGINS: StackConfig = {
  "jitsi:release": { ...DEV_RELEASE, meetProsody: "1.0.0+plugins.*" },
};
