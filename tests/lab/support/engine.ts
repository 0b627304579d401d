import { mkdirSync } from "node:fs";
import { mustRun } from "../../../lab/run";

/** The environment in which `pulumi` is the lab's engine, with a state of its own in `folder`; `before`: shell commands that come first. */
export async function engineEnvironment(folder: string, before = ":"): Promise<NodeJS.ProcessEnv> {
  mkdirSync(folder, { recursive: true });
  const script = `. lab/env.sh; use_engine; ${before}; env -0`;
  const env = { ...process.env, AUDIO_MEET_LAB: folder };
  const { stdout } = await mustRun("bash", ["-c", script], { env });
  const entries = stdout.split("\0").filter((entry) => entry.includes("="));
  return Object.fromEntries(entries.map((entry) => entry.split(/=(.*)/s).slice(0, 2) as [string, string]));
}
