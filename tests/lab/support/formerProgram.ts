import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import * as YAML from "yaml";
import { standIns } from "../../../lab/choice";
import { mustRun } from "../../../lab/run";
import type { StackConfig } from "./labStack";

const REPOSITORY = join(__dirname, "..", "..", "..");

/** Whether this clone's history reaches back to a commit; one without history, as of a build server, does not. */
export function hasCommit(commit: string): boolean {
  const { status } = spawnSync("git", ["-C", REPOSITORY, "cat-file", "-e", `${commit}^{commit}`]);
  return status === 0;
}

/** The program of an earlier commit, in a folder of its own with the packages that its lock names. */
export class FormerProgram {
  constructor(
    readonly commit: string,
    readonly folder: string,
  ) {}

  async make(): Promise<void> {
    await mustRun("git", [
      "-C",
      REPOSITORY,
      "worktree",
      "add",
      "--force",
      "--detach",
      this.folder,
      this.commit,
    ]);
    const packages = join(REPOSITORY, "node_modules");
    if (dependencies(this.folder) === dependencies(REPOSITORY))
      symlinkSync(packages, join(this.folder, "node_modules"));
    else await mustRun("npm", ["--prefix", this.folder, "ci", "--omit=dev", "--prefer-offline"]);
  }

  /**
   * Its own dev stack with these bridges, with the stand-ins of today in place of Jitsi's packages.
   *
   * @param bridges id → where it is: its own id for a machine of its own, or `core`
   */
  config(domain: string, bridges: Readonly<Record<string, string>>): StackConfig {
    const file = readFileSync(join(this.folder, "Pulumi.dev.yaml"), "utf8");
    const { config } = YAML.parse(file) as { config: StackConfig };
    const others = Object.entries(config).filter(([key]) => !key.startsWith("jitsi:recording"));
    const videobridges = Object.entries(bridges).map(([id, place]) =>
      place === id ? { id } : { id, on: place },
    );
    const region = { name: "local", machines: { provider: "lab" }, core: {} };
    return {
      ...Object.fromEntries(others),
      // It has no ear, and no key for one.
      ...Object.fromEntries(Object.entries(standIns()).filter(([key]) => key !== "jitsi:verification")),
      "jitsi:domain": domain,
      "jitsi:regions": [{ ...region, videobridges }],
    };
  }

  async remove(): Promise<void> {
    if (existsSync(this.folder))
      await mustRun("git", ["-C", REPOSITORY, "worktree", "remove", "--force", this.folder]);
  }
}

/** What the program runs with, exact versions. */
function dependencies(folder: string): string {
  const { dependencies: all } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  return JSON.stringify(Object.entries(all).sort());
}
