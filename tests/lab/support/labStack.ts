import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as YAML from "yaml";
import { type Ended, mustRun, run, type RunOptions } from "../../../lab/run";

const REPOSITORY = join(__dirname, "..", "..", "..");

/** Stack config as in a stack file: `jitsi:key` → value. */
export type StackConfig = Record<string, unknown>;

/** One resource that an update touched. */
export interface Step {
  op: string;
  /** Resource name, the last part of its URN. */
  name: string;
  type: string;
}

/** A resource as `pulumi stack export` shows it. */
export interface StoredResource {
  urn: string;
  type: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** A stack of its own with lab hosts of its own, driven by the real CLI as a user would. */
export class LabStack {
  readonly folder: string;
  /** What every command of this stack gets beside what is said here. */
  readonly more: NodeJS.ProcessEnv = {};
  private env: NodeJS.ProcessEnv = {};
  /** How to log in to the hosts, as long as nothing can have changed it: a question to Pulumi takes longer than one to a host. */
  private logins: Promise<Record<string, string>> | undefined;

  constructor(
    readonly name: string,
    public config: StackConfig,
  ) {
    this.folder = join(REPOSITORY, ".lab-tests", name);
  }

  /** Engine, backend and passphrase of this stack; the lab's network and package archive. */
  async open(): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    const script = ". lab/env.sh; use_engine; create_stack; env -0";
    const printed = await mustRun("bash", ["-c", script], { env: this.labEnv() });
    // The event log, which says what an update did, is an option of debugging.
    this.env["PULUMI_DEBUG_COMMANDS"] = "1";
    for (const entry of printed.stdout.split("\0")) {
      const at = entry.indexOf("=");
      if (at > 0) this.env[entry.slice(0, at)] = entry.slice(at + 1);
    }
    await this.lab("archive", "start");
    this.writeConfig();
  }

  async up(options: RunOptions = {}): Promise<Ended> {
    this.writeConfig();
    return this.pulumi(["up", "--yes", "--skip-preview", "--suppress-outputs"], options);
  }

  /** `up` that must succeed; returns what it did as well. */
  async mustUp(): Promise<Ended & { steps: Step[] }> {
    const ended = await this.counted("up", "--skip-preview");
    if (ended.code !== 0) throw new Error(`pulumi up failed:\n${ended.output.slice(-8000)}`);
    return ended;
  }

  /** An update, however it ends, and what it did. Without `--skip-preview` its preview comes first, which does nothing. */
  async counted(verb: "up" | "destroy", ...options: string[]): Promise<Ended & { steps: Step[] }> {
    const log = join(this.folder, "events.json");
    writeFileSync(log, "");
    this.writeConfig();
    const ended = await this.pulumi([verb, "--yes", "--suppress-outputs", "--event-log", log, ...options]);
    return { ...ended, steps: stepsOf(readFileSync(log, "utf8")) };
  }

  /** A value as the stack file holds it once it is encrypted; to put into `config`. */
  async encrypted(key: string, value: string): Promise<unknown> {
    this.writeConfig();
    const args = ["config", "set", "--secret", key, "--stack", this.name, "--config-file", this.configFile];
    await mustRun("pulumi", [...args, "--non-interactive"], { env: this.env, stdin: value });
    const stored = YAML.parse(readFileSync(this.configFile, "utf8")) as { config: StackConfig };
    return stored.config[key];
  }

  async preview(...args: string[]): Promise<Ended> {
    this.writeConfig();
    return this.pulumi(["preview", ...args]);
  }

  async outputs<T>(): Promise<T> {
    const printed = await this.must("stack", "output", "--json");
    return JSON.parse(printed.stdout) as T;
  }

  /** The state; with `showSecrets` the real values are in it. */
  async resources(showSecrets = false): Promise<StoredResource[]> {
    const printed = await this.must("stack", "export", ...(showSecrets ? ["--show-secrets"] : []));
    const parsed = JSON.parse(printed.stdout) as { deployment: { resources?: StoredResource[] } };
    return parsed.deployment.resources ?? [];
  }

  async destroy(): Promise<Ended> {
    return this.pulumi(["destroy", "--yes", "--skip-preview", "--suppress-outputs"]);
  }

  /** Removes everything of this lab, whatever state it is in. */
  async close(): Promise<void> {
    await this.lab("down", "--at-once");
    await mustRun("rm", ["-rf", this.folder]);
  }

  /** Runs pulumi on this stack. */
  async pulumi(args: string[], options: RunOptions = {}): Promise<Ended> {
    const [verb, ...rest] = args;
    const takesConfig = ["up", "preview", "destroy", "refresh"].includes(verb ?? "");
    const config = takesConfig ? ["--config-file", this.configFile] : [];
    const words = [verb ?? "", ...rest, "--stack", this.name, ...config, "--non-interactive"];
    const ended = run("pulumi", words, { ...options, env: { ...this.env, ...this.more } });
    return ["stack", "preview"].includes(verb ?? "") ? ended : this.changing(ended);
  }

  /** Runs one of the program's tools (package.json) on this stack, as an operator does. */
  async tool(name: string, ...args: string[]): Promise<Ended> {
    return this.changing(mustRun("npm", this.toolWords(name, args), { env: this.env }));
  }

  /** The same for a tool whose exit code says what it found. */
  async ask(name: string, ...args: string[]): Promise<Ended> {
    return this.changing(run("npm", this.toolWords(name, args), { env: this.env }));
  }

  /** The same however it ends, on a machine whose /etc/hosts is that text. */
  async toolWhere(hosts: string, name: string, ...args: string[]): Promise<Ended> {
    const file = join(this.folder, "etc-hosts");
    writeFileSync(file, hosts);
    const script = 'mount --bind "$0" /etc/hosts && exec npm run --silent "$@"';
    const command = [script, file, name, "--", "--stack", this.name, ...args];
    return run("unshare", ["--mount", "bash", "-c", ...command], { env: this.env });
  }

  /** Runs the lab's own command on this lab folder. */
  async lab(...args: string[]): Promise<Ended> {
    return mustRun("lab/hosts/lab", args, { env: this.labEnv() });
  }

  /** Runs a shell script in a guest by its key; returns its stdout. */
  async on(hostId: string, script: string): Promise<string> {
    const command = await this.loginOf(hostId);
    if (command === undefined) throw new Error(`no host ${hostId} in the outputs`);
    const ended = await mustRun("bash", ["-c", `${command} bash -s`], { stdin: script, env: this.env });
    return ended.stdout;
  }

  private async loginOf(hostId: string): Promise<string | undefined> {
    this.logins ??= this.outputs<{ ssh: Record<string, string> }>().then(({ ssh }) => ssh);
    try {
      return (await this.logins)[hostId];
    } catch (error) {
      this.logins = undefined;
      throw error;
    }
  }

  /** Something that may change how to log in to the hosts, while it runs as well. */
  private async changing(running: Promise<Ended>): Promise<Ended> {
    this.logins = undefined;
    try {
      return await running;
    } finally {
      this.logins = undefined;
    }
  }

  private async must(...args: string[]): Promise<Ended> {
    const ended = await this.pulumi(args);
    if (ended.code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${ended.output.slice(-4000)}`);
    return ended;
  }

  /** The stack file that every run of this stack reads. */
  get configFile(): string {
    return join(this.folder, "project", `Pulumi.${this.name}.yaml`);
  }

  private toolWords(name: string, args: string[]): string[] {
    const of = ["--stack", this.name, "--config-file", this.configFile];
    return ["run", "--silent", name, "--", ...of, ...args];
  }

  private labEnv(): NodeJS.ProcessEnv {
    return { ...process.env, AUDIO_MEET_LAB: this.folder, STACK: this.name };
  }

  /** Our keys; the salt that Pulumi wrote stays. */
  private writeConfig(): void {
    let salt: string | undefined;
    try {
      const stored = YAML.parse(readFileSync(this.configFile, "utf8")) as { encryptionsalt?: string };
      salt = stored.encryptionsalt;
    } catch {
      salt = undefined;
    }
    writeFileSync(
      this.configFile,
      YAML.stringify({ ...(salt && { encryptionsalt: salt }), config: this.config }),
    );
  }
}

/** Operations other than `same` in an engine event log, in their order. */
function stepsOf(log: string): Step[] {
  const steps: Step[] = [];
  for (const line of log.split("\n")) {
    if (!line.trim()) continue;
    const event = JSON.parse(line) as {
      resOutputsEvent?: { metadata: { op: string; urn: string; type: string }; planning?: boolean };
    };
    const { metadata, planning } = event.resOutputsEvent ?? {};
    if (metadata && planning !== true && metadata.op !== "same") {
      steps.push({
        op: metadata.op,
        name: (metadata.urn.split("::").at(-1) ?? "").replace(/^meet-/, ""),
        type: metadata.type,
      });
    }
  }
  return steps;
}
