import { ChildProcess, spawn } from "node:child_process";
import { asOneFailure } from "./counting";
import { Ending, Result, Stage, Tally } from "./stage";

/** How long a stage may take to end after it was asked to, before it is killed. */
const GRACE_SECONDS = 20;

const running = new Set<ChildProcess>();
let interrupted = false;

/** Runs one stage to its end; never rejects. */
export async function execute(stage: Stage): Promise<Result> {
  const started = Date.now();
  const { tally, output } = await attempt(stage);
  return { stage, seconds: (Date.now() - started) / 1000, tally, output };
}

/** Runs the stages `width` at a time, and those that want the machine to themselves one by one after the others. */
export async function executeAll(
  stages: readonly Stage[],
  width: number,
  report: (result: Result) => void,
): Promise<Result[]> {
  const results = new Map<Stage, Result>();
  const finish = async (stage: Stage): Promise<void> => {
    const result = await execute(stage);
    results.set(stage, result);
    report(result);
  };
  const waiting = stages.filter((stage) => stage.alone !== true);
  const worker = async (): Promise<void> => {
    for (let stage = waiting.shift(); stage !== undefined; stage = waiting.shift()) await finish(stage);
  };
  await Promise.all(Array.from({ length: width }, worker));
  for (const stage of stages.filter((each) => each.alone === true)) await finish(stage);
  return stages.flatMap((stage) => results.get(stage) ?? []);
}

/** Passes a signal on to everything that runs (stages have process groups of their own) and starts nothing more. */
export function interrupt(signal: NodeJS.Signals): void {
  interrupted = true;
  for (const child of running) signalGroup(child, signal);
}

async function attempt(stage: Stage): Promise<{ tally: Tally; output: string }> {
  if (stage.skipReason !== undefined) {
    const skipped = [{ name: stage.name, detail: stage.skipReason }];
    return { tally: { passed: 0, failed: [], skipped }, output: "" };
  }
  const failReason = interrupted ? "was not started: interrupted" : stage.failReason;
  if (failReason !== undefined) return { tally: asOneFailure(stage.name, failReason), output: "" };
  try {
    const ending = await run(stage);
    return { tally: stage.count(ending), output: ending.output };
  } catch (error) {
    return { tally: asOneFailure(stage.name, `did not start: ${String(error)}`), output: "" };
  }
}

function run(stage: Stage): Promise<Ending> {
  const [program = "", ...args] = stage.command;
  if (stage.alone === true) process.stdout.write(`\n${stage.name}:\n`);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: plainEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    running.add(child);
    let timedOut = false;
    const limit = setTimeout(() => {
      timedOut = true;
      signalGroup(child, "SIGTERM");
      setTimeout(() => {
        signalGroup(child, "SIGKILL");
      }, GRACE_SECONDS * 1000).unref();
    }, stage.limitMinutes * 60_000);
    const chunks: Buffer[] = [];
    const collect = (chunk: Buffer): void => {
      chunks.push(chunk);
      if (stage.alone === true) process.stdout.write(chunk);
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    const done = (): void => {
      clearTimeout(limit);
      running.delete(child);
    };
    child.on("error", (error) => {
      done();
      reject(error);
    });
    child.on("close", (exitCode) => {
      done();
      resolve({ exitCode, output: Buffer.concat(chunks).toString("utf8"), timedOut });
    });
  });
}

/** The whole group, so that a runner's workers end with it. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Output is collected, so colour codes would only be in the way. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: "1" };
  delete environment["FORCE_COLOR"];
  return environment;
}
