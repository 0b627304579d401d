import { DEV_RELEASE } from "./labConfig";
import type { StackConfig } from "./labStack";

/** The folder with Jitsi's own Prosody plugins, where this machine has one; `lab/packages/build.sh` makes a package of it. */
const FOLDER = process.env["LAB_JITSI_PLUGINS"] ?? "";

/** Whether that folder was named: then a stack can have Jitsi's own modules in place of the stand-in's. */
export const hasPlugins = FOLDER !== "";

/** Keys of a lab stack that runs with Jitsi's plugins in place of the stand-in. */
export const WITH_PLUGINS: StackConfig = {
  "jitsi:release": { ...DEV_RELEASE, meetProsody: "1.0.0+plugins.*" },
};
