import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { ConfigureRequest } from "@pulumi/pulumi/proto/provider_pb";

const REPOSITORY = resolve(__dirname, "../../..");

let built: string | undefined;

/** Where the plugins to test are: AUDIO_MEET_PLUGIN_DIR, else the offline ones, built when their sources changed. */
function pluginFolder(): string {
  const given = process.env["AUDIO_MEET_PLUGIN_DIR"];
  if (given !== undefined) return given;
  if (built !== undefined) return built;
  const folder = join(tmpdir(), "audio-meet-conformance-plugins");
  const tsx = join(REPOSITORY, "node_modules/tsx/dist/cli.mjs");
  execFileSync(process.execPath, [tsx, join(REPOSITORY, "lab/plugins/build.ts"), folder]);
  built = folder;
  return folder;
}

function executable(name: string): string {
  const folder = pluginFolder();
  const found = readdirSync(folder).find((entry) => entry.startsWith(`resource-${name}-v`));
  if (found === undefined) throw new Error(`${folder} has no resource-${name}-v* folder`);
  return join(folder, found, `pulumi-resource-${name}`);
}

function promised<Response>(
  call: (done: (error: Error | null, response: Response) => void) => void,
): Promise<Response> {
  return new Promise((resolvePromise, reject) => {
    call((error, response) => {
      if (error === null) resolvePromise(response);
      else reject(error);
    });
  });
}

/** A running plugin process and the client of its provider. */
export class PluginProcess {
  private constructor(
    readonly client: ResourceProviderClient,
    private readonly child: ChildProcess,
  ) {}

  /** Starts the plugin as the engine does: the address of the engine in argv, the port on the first line of stdout. */
  static async start(
    name: string,
    engineAddress: string,
    environment: NodeJS.ProcessEnv = {},
  ): Promise<PluginProcess> {
    const child = spawn(executable(name), [engineAddress], {
      // The agent of whoever runs the tests must not take part.
      env: { ...process.env, SSH_AUTH_SOCK: "", ...environment },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const port = await new Promise<string>((resolvePort, reject) => {
      child.once("error", reject);
      child.once("exit", () => {
        reject(new Error(`plugin ${name} ended at once`));
      });
      createInterface({ input: child.stdout }).once("line", resolvePort);
    });
    const client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    const request = new ConfigureRequest().setAcceptsecrets(true).setAcceptresources(true);
    await promised((done) => client.configure(request, done));
    return new PluginProcess(client, child);
  }

  call<Response>(
    method: (client: ResourceProviderClient, done: (error: Error | null, response: Response) => void) => void,
  ): Promise<Response> {
    return promised((done) => {
      method(this.client, done);
    });
  }

  stop(): void {
    this.client.close();
    this.child.kill();
  }
}
