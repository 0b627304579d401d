import { spawn } from "node:child_process";

/** How a command ended. `output` holds stdout and stderr as they came; `stdout` alone is for parsing. */
export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  output: string;
  seconds: number;
}

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  stdin?: string;
  /** Sends SIGKILL to the process itself as soon as the output so far satisfies this. */
  killWhen?: (output: string, elapsedSeconds: number) => boolean;
  timeoutSeconds?: number;
}

/** Runs a program to its end; never rejects for a bad exit code. */
export async function run(file: string, args: string[], options: RunOptions = {}): Promise<Ended> {
  const started = Date.now();
  const elapsed = () => (Date.now() - started) / 1000;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: options.env ?? process.env, stdio: ["pipe", "pipe", "pipe"] });
    let stdout = "";
    let output = "";
    const poll = setInterval(() => {
      const tooLong = elapsed() > (options.timeoutSeconds ?? 900);
      if (tooLong || options.killWhen?.(output, elapsed())) child.kill("SIGKILL");
    }, 50);
    child.stdout.on("data", (data: Buffer) => {
      stdout += data.toString();
      output += data.toString();
    });
    child.stderr.on("data", (data: Buffer) => (output += data.toString()));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearInterval(poll);
      resolve({ code, signal, stdout, output, seconds: elapsed() });
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.stdin ?? "");
  });
}

/** Runs a program that must succeed; the error shows the end of its output. */
export async function mustRun(file: string, args: string[], options: RunOptions = {}): Promise<Ended> {
  const ended = await run(file, args, options);
  if (ended.code !== 0) {
    throw new Error(`${file} ${args.join(" ")} ended with ${ended.code}:\n${ended.output.slice(-6000)}`);
  }
  return ended;
}
