import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { PROSODY_LUA, PROSODY_TREE } from "./prosodyLua";

const START_MILLISECONDS = 20_000;

/** A port of the loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** Megabytes of memory that a process has. */
export function megabytesOf(pid: number | undefined): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

/** Seconds of CPU that a process has used, in its own code and in the kernel (proc(5): clock ticks of 10 ms). */
export function cpuSecondsOf(pid: number | undefined): number {
  const [, numbers = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const [user = "0", system = "0"] = numbers.split(" ").slice(11, 13);
  return (Number(user) + Number(system)) / 100;
}

/** A real Prosody 13 that runs. */
export interface ProsodyProcess {
  pid: number | undefined;
  log: () => string;
  /** Waits until something is in the log, from a place on. */
  says: (what: RegExp, from?: number) => Promise<void>;
  kill: (signal: NodeJS.Signals) => void;
  stop: (signal?: NodeJS.Signals) => Promise<void>;
}

/** Starts the unpacked Prosody with a configuration in a folder of its own, and waits until its service listens. */
export async function startProcess(
  folder: string,
  configuration: string,
  service: "http" | "c2s",
): Promise<ProsodyProcess> {
  const [program, config] = [join(folder, "prosody"), join(folder, "prosody.cfg.lua")];
  const packaged = readFileSync(join(PROSODY_TREE, "../../bin/prosody"), "utf8");
  writeFileSync(program, packaged.replaceAll("/usr/lib/prosody", PROSODY_TREE));
  writeFileSync(config, configuration);
  const child = spawn(PROSODY_LUA, [program, "--config", config, "-F"]);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += String(data)));
  const ended = new Promise((done) => child.once("exit", done));
  const kill = (signal: NodeJS.Signals) => {
    child.kill(signal);
  };
  const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
    kill(signal);
    await ended;
  };
  const says = async (what: RegExp, from = 0) => {
    const deadline = Date.now() + START_MILLISECONDS;
    while (!what.test(said.slice(from))) {
      if (Date.now() > deadline || child.exitCode !== null) {
        await stop("SIGKILL");
        throw new Error(`Prosody does not say ${what.source}:\n${said.slice(-3000)}`);
      }
      await new Promise((done) => setTimeout(done, 20));
    }
  };
  await says(new RegExp(`Activated service '${service}' on`));
  return { pid: child.pid, log: () => said, says, kill, stop };
}
