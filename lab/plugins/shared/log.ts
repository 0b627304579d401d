import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/** Sends messages about one resource to the CLI. */
export type Logger = (urn: string, message: string, kind: "status" | "warning") => void;

/** A logger for the engine at `address` (host:port); without an address messages are dropped, as nobody listens. */
export function engineLogger(address: string | undefined): Logger {
  if (address === undefined) return () => undefined;
  const client = new EngineClient(address, grpc.credentials.createInsecure());
  return (urn, message, kind) => {
    const request = new LogRequest()
      .setUrn(urn)
      .setMessage(message)
      .setSeverity(kind === "status" ? LogSeverity.INFO : LogSeverity.WARNING)
      .setEphemeral(kind === "status");
    // A lost log line must not fail the resource that wrote it.
    client.log(request, () => undefined);
  };
}
