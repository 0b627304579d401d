import type { Client, ClientChannel } from "ssh2";
import { required } from "../shared/schema";
import { textOf } from "../shared/values";
import { commandType, environmentOf, previousEnvironment, type Run } from "./commandType";
import { CONNECTION, type Connection } from "./connection";
import { dial } from "./dial";
import { confirmEnvironment } from "./environment";
import { Capture, failure } from "./output";

/** Exit status that a shell gives to a signal. Source: x/crypto/ssh session.go, the `signals` table. */
const SIGNALS: Record<string, number> = {
  ABRT: 6,
  ALRM: 14,
  FPE: 8,
  HUP: 1,
  ILL: 4,
  INT: 2,
  KILL: 9,
  PIPE: 13,
  QUIT: 3,
  SEGV: 11,
  TERM: 15,
};

/** How a session that did not end with status 0 is described. */
function ending(code: number | null | undefined, signal: string | undefined): string {
  if (code === undefined) return "wait: remote command exited without exit status or exit signal";
  if (signal === undefined) return `Process exited with status ${code ?? 0}`;
  const name = signal.replace(/^SIG/, "");
  return `Process exited with status ${128 + (SIGNALS[name] ?? 0)} from signal ${name}`;
}

/** Collects what a session writes and resolves when it is over. */
function followSession(channel: ClientChannel, run: Run): Promise<{ stdout: string; stderr: string }> {
  const capture = new Capture(textOf(run.properties, "logging") || "stdoutAndStderr", run.context);
  return new Promise((resolve, reject) => {
    let code: number | null | undefined;
    let signal: string | undefined;
    channel.on("data", (data: Buffer) => {
      capture.add("stdout", data);
    });
    channel.stderr.on("data", (data: Buffer) => {
      capture.add("stderr", data);
    });
    channel.on("exit", (status: number | null, name?: string) => {
      code = status;
      signal = name;
    });
    // The remote end may close before it has read its input.
    channel.on("error", () => undefined);
    channel.on("close", () => {
      if (code === 0) resolve(capture.outputs());
      else reject(failure(ending(code, signal), run.command, capture));
    });
    channel.end(textOf(run.properties, "stdin"));
  });
}

/**
 * Runs the command in a session without a terminal, to its end; like upstream it cannot be interrupted once it has
 * started. A refused `environment` name is an error, a refused previous output a warning.
 */
function runSession(client: Client, run: Run): Promise<{ stdout: string; stderr: string }> {
  const wanted = environmentOf(run.properties);
  const env = { ...wanted, ...previousEnvironment(run) };
  return new Promise((resolve, reject) => {
    const onRefused = (name: string): Error | undefined => {
      const text = `could not set environment variable ${name} on the remote host: its sshd refuses names that AcceptEnv does not list`;
      if (Object.hasOwn(wanted, name)) return new Error(text);
      run.context.warn(text);
      return undefined;
    };
    if (Object.keys(env).length > 0) confirmEnvironment(client, onRefused, reject);
    client.exec(run.command, { env }, (error, channel) => {
      // Listens at once: a short command's exit status may be in the packet that opens the session.
      if (error === undefined) followSession(channel, run).then(resolve, reject);
      else reject(error);
    });
  });
}

async function runRemote(run: Run): Promise<{ stdout: string; stderr: string }> {
  const { client, close } = await dial(run.properties["connection"] as unknown as Connection, run.context);
  try {
    return await runSession(client, run);
  } finally {
    close();
  }
}

/** `command:remote:Command`: runs a command over SSH. */
export const remoteCommand = commandType({ connection: required({ kind: CONNECTION }) }, runRemote);
