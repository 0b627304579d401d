import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { engineLogger } from "./log";
import { Provider } from "./provider";
import type { Plugin } from "./resource";

/*
 * The server that @pulumi/pulumi/provider offers hands over neither dry run, custom timeouts nor recorded inputs, and
 * it loads the whole SDK in every plugin process. So this one speaks the protocol with the SDK's generated messages.
 */

/** Largest message in bytes, either way. Source: the engine's own limit, 400 MiB. */
const MESSAGE_LIMIT_BYTES = 400 * 1024 * 1024;

const PARENT_CHECK_MILLISECONDS = 1000;

/** Serves a plugin as the engine expects: a free local port, printed alone on the first line of stdout. */
export function serve(plugin: Plugin): void {
  const address = process.argv.slice(2).find((argument) => !argument.startsWith("-"));
  const server = new grpc.Server({
    "grpc.max_receive_message_length": MESSAGE_LIMIT_BYTES,
    "grpc.max_send_message_length": MESSAGE_LIMIT_BYTES,
  });
  server.addService(ResourceProviderService, new Provider(plugin, engineLogger(address)).service());
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) throw error;
    process.stdout.write(`${port}\n`);
  });
  endWithTheEngine();
}

/** An engine that was killed tells nobody: a plugin whose parent has changed has lost it, and ends as well. */
function endWithTheEngine(): void {
  const engine = process.ppid;
  setInterval(() => {
    if (process.ppid !== engine) process.exit(1);
  }, PARENT_CHECK_MILLISECONDS).unref();
}
