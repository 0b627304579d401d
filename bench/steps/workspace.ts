import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as YAML from "yaml";
import { bundle } from "../../lab/plugins/build";
import type { Stored } from "./bare";

const REPOSITORY = join(__dirname, "..", "..");
const METER = join(__dirname, "meter.py");

/** What a command and everything below it has used. */
export interface Used {
  wallSeconds: number;
  cpuSeconds: number;
  /** Most memory that the Node process of the program has held. */
  programMegabytes: number;
}

/** A folder with stacks of its own, the lab's engine, and the stand-in of the command provider that logs in nowhere. */
export class Workspace {
  private readonly env: NodeJS.ProcessEnv;

  private constructor(readonly folder: string) {
    const lab = { ...process.env, AUDIO_MEET_LAB: folder, AUDIO_MEET_PLUGINS: "offline" };
    const script = ". lab/env.sh; use_engine; env -0";
    const printed = execFileSync("bash", ["-c", script], { cwd: REPOSITORY, env: lab, encoding: "utf8" });
    const entries = printed.split("\0").map((entry) => entry.split(/=(.*)/s).slice(0, 2) as [string, string]);
    this.env = Object.fromEntries(entries);
  }

  static async open(folder: string): Promise<Workspace> {
    mkdirSync(folder, { recursive: true });
    const workspace = new Workspace(folder);
    await workspace.installPlugins();
    return workspace;
  }

  /** The stand-ins of random and tls as they are, that of command another one. */
  private async installPlugins(): Promise<void> {
    const own = join(this.folder, "pulumi-home", "plugins");
    rmSync(own, { recursive: true, force: true });
    mkdirSync(own, { recursive: true });
    const theirs = join(this.env["PULUMI_HOME"] ?? "", "plugins");
    for (const name of readdirSync(theirs).filter((each) => /^resource-(random|tls)-/.test(each)))
      cpSync(join(theirs, name), join(own, name), { recursive: true });
    await bundle("command", own, join(__dirname, "plugin.ts"));
    this.env["PULUMI_HOME"] = join(this.folder, "pulumi-home");
  }

  /** A stack of the program in `project`, a folder with a Pulumi.yaml. */
  stack(name: string, project: string, config: Record<string, unknown> = {}): BenchStack {
    return new BenchStack(name, project, config, this.folder, this.env);
  }
}

/** One stack, driven by the real engine. */
export class BenchStack {
  private readonly file: string;

  constructor(
    private readonly name: string,
    private readonly project: string,
    config: Record<string, unknown>,
    private readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {
    const place = join(folder, name);
    this.file = join(place, `Pulumi.${name}.yaml`);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "Pulumi.yaml"), readFileSync(join(project, "Pulumi.yaml")));
    writeFileSync(this.file, "");
    this.run(["stack", "init", name, "--non-interactive"], place);
    const { encryptionsalt } = YAML.parse(readFileSync(this.file, "utf8")) as { encryptionsalt: string };
    writeFileSync(this.file, YAML.stringify({ encryptionsalt, config }));
  }

  /** Another configuration for the next command. */
  configure(config: Record<string, unknown>): void {
    const stored = YAML.parse(readFileSync(this.file, "utf8")) as object;
    writeFileSync(this.file, YAML.stringify({ ...stored, config }));
  }

  up(stepMilliseconds = 0): Used {
    return this.measured(["up", "--yes", "--skip-preview", "--suppress-outputs"], stepMilliseconds);
  }

  /** Throws where the preview would change anything: what is measured is an unchanged deployment. */
  preview(): Used {
    return this.measured(["preview", "--expect-no-changes", "--suppress-outputs"]);
  }

  resources(): Stored[] {
    const text = this.run(["stack", "export", "--show-secrets", "--stack", this.name]);
    return (JSON.parse(text) as { deployment: { resources: Stored[] } }).deployment.resources;
  }

  private measured(words: string[], stepMilliseconds = 0): Used {
    const report = join(this.folder, "used.json");
    const options = ["--stack", this.name, "--config-file", this.file, "--non-interactive"];
    const metered = ["--net", "python3", METER, report, "pulumi", ...words, ...options];
    // The engine would write the whole state after each of a thousand resources.
    const once = { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };
    const env = { ...this.env, ...once, BENCH_STEP_MILLISECONDS: String(stepMilliseconds) };
    const ended = spawnSync("unshare", metered, { cwd: this.project, env, encoding: "utf8" });
    if (ended.status !== 0) {
      const said = `${ended.stdout}${ended.stderr}`.slice(-4000);
      throw new Error(`pulumi ${words.join(" ")} of ${this.name} ended with ${ended.status}:\n${said}`);
    }
    return JSON.parse(readFileSync(report, "utf8")) as Used;
  }

  private run(words: string[], cwd = this.project): string {
    const buffer = { maxBuffer: 512 * 1024 * 1024 };
    return execFileSync("pulumi", words, { cwd, env: this.env, encoding: "utf8", ...buffer });
  }
}
