import * as grpc from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

/** The engine's side of the log: keeps what a plugin reports. */
export class LogServer {
  readonly lines: { message: string; ephemeral: boolean; severity: number }[] = [];
  address = "";
  private readonly server = new grpc.Server();

  static async start(): Promise<LogServer> {
    const log = new LogServer();
    log.server.addService(EngineService, {
      log: (call: grpc.ServerUnaryCall<LogRequest, Empty>, done: grpc.sendUnaryData<Empty>) => {
        const { message, ephemeral, severity } = call.request.toObject();
        log.lines.push({ message, ephemeral, severity });
        done(null, new Empty());
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      log.server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    log.address = `127.0.0.1:${port}`;
    return log;
  }

  stop(): void {
    this.server.forceShutdown();
  }
}
