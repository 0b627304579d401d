import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/** Sends messages about resources to the CLI. */
export interface Logger {
  send: (urn: string, message: string, kind: "status" | "warning") => void;
  /** Waits until the engine has everything, so that no line comes after the end of its resource. */
  flush: () => Promise<void>;
}

/** A logger for the engine at `address` (host:port); without an address messages are dropped, as nobody listens. */
export function engineLogger(address: string | undefined): Logger {
  if (address === undefined) return { send: () => undefined, flush: () => Promise.resolve() };
  const client = new EngineClient(address, grpc.credentials.createInsecure());
  const pending = new Set<Promise<void>>();
  const send: Logger["send"] = (urn, message, kind) => {
    const request = new LogRequest()
      .setUrn(urn)
      .setMessage(message)
      .setSeverity(kind === "status" ? LogSeverity.INFO : LogSeverity.WARNING)
      .setEphemeral(kind === "status");
    const sent = new Promise<void>((resolve) => {
      // A lost log line must not fail the resource that wrote it.
      client.log(request, () => {
        resolve();
      });
    });
    pending.add(sent);
    void sent.then(() => pending.delete(sent));
  };
  return { send, flush: () => Promise.all(pending).then(() => undefined) };
}
