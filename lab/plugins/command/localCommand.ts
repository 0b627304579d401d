import { spawn } from "node:child_process";
import { text, texts, type Failure } from "../shared/schema";
import { textOf, type Properties } from "../shared/values";
import { commandType, environmentOf, previousEnvironment, type Run } from "./commandType";
import { Capture, failure } from "./output";

/** Source: @pulumi/command local/command.d.ts, `interpreter`. */
const DEFAULT_INTERPRETER = ["/bin/sh", "-c"];

/** Files as outputs are the one part of local.Command that the stand-in leaves out. */
function refuseAssets(inputs: Properties): Failure[] {
  return ["assetPaths", "archivePaths"]
    .filter((name) => inputs[name] !== undefined)
    .map((property) => ({
      property,
      reason: `${property} is not supported by the offline stand-in; read the file in the command`,
    }));
}

function runLocal(run: Run): Promise<{ stdout: string; stderr: string }> {
  const { command, properties, context } = run;
  const interpreter = (properties["interpreter"] as string[] | undefined) ?? DEFAULT_INTERPRETER;
  const capture = new Capture(textOf(properties, "logging") || "stdoutAndStderr", context);
  const child = spawn(interpreter[0] ?? "", [...interpreter.slice(1), command], {
    ...(textOf(properties, "dir") === "" ? {} : { cwd: textOf(properties, "dir") }),
    env: { ...process.env, ...environmentOf(properties), ...previousEnvironment(run) },
    signal: context.signal,
    killSignal: "SIGKILL",
  });
  child.stdout.on("data", (data: Buffer) => {
    capture.add("stdout", data);
  });
  child.stderr.on("data", (data: Buffer) => {
    capture.add("stderr", data);
  });
  // A command may end without reading its input.
  child.stdin.on("error", () => undefined);
  child.stdin.end(textOf(properties, "stdin"));
  return new Promise((resolve, reject) => {
    child.on("error", (error) => {
      reject(failure(error.message, command, capture));
    });
    child.on("close", (code, signal) => {
      if (code === 0) resolve(capture.outputs());
      else reject(failure(signal === null ? `exit status ${code}` : `signal: ${signal}`, command, capture));
    });
  });
}

/** `command:local:Command`: runs a command on this machine. */
export const localCommand = commandType(
  { dir: text, interpreter: texts, assetPaths: texts, archivePaths: texts },
  runLocal,
  refuseAssets,
);
