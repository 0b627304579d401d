import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { LogServer } from "./engine";
import { PluginProcess } from "./plugin";

export type Properties = Record<string, unknown>;

/** What the engine sends for a value that is not known in a preview. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const MARKER = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

export function secret(value: unknown): unknown {
  return { [MARKER]: SECRET, value };
}

/** Whether the value is marked as a secret at its top. */
export function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && (value as Properties)[MARKER] === SECRET;
}

/** The value without secret markers. */
function reveal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reveal);
  if (typeof value !== "object" || value === null) return value;
  if (isSecret(value)) return reveal((value as Properties)["value"]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, reveal(item)]));
}

function struct(properties: Properties): Struct {
  return Struct.fromJavaScript(properties as Record<string, JavaScriptValue>);
}

function raw(value: Struct | undefined): Properties {
  return value?.toJavaScript() ?? {};
}

/** One resource as the engine records it. */
export interface Recorded {
  id: string;
  inputs: Properties;
  /** With secret markers. */
  state: Properties;
  /** Without them. */
  outputs: Properties;
}

export interface Plan {
  changes: boolean;
  replaces: string[];
  paths: string[];
}

interface Operation {
  preview?: boolean;
  timeoutSeconds?: number;
}

/** A plugin, driven call by call as the engine would drive it. */
export class ProviderUnderTest {
  private constructor(
    readonly plugin: PluginProcess,
    readonly log: LogServer,
  ) {}

  static async start(name: string, environment: NodeJS.ProcessEnv = {}): Promise<ProviderUnderTest> {
    const log = await LogServer.start();
    return new ProviderUnderTest(await PluginProcess.start(name, log.address, environment), log);
  }

  stop(): void {
    this.plugin.stop();
    this.log.stop();
  }

  private urn(type: string): string {
    return `urn:pulumi:test::conformance::${type}::subject`;
  }

  private async checked(
    type: string,
    inputs: Properties,
  ): Promise<{ inputs: Properties; failures: string[] }> {
    const request = new messages.CheckRequest()
      .setUrn(this.urn(type))
      .setNews(struct(inputs))
      .setOlds(struct({}));
    request.setRandomseed(new Uint8Array(32));
    const response = await this.plugin.call<messages.CheckResponse>((client, done) =>
      client.check(request, done),
    );
    const failures = response
      .getFailuresList()
      .map((failure) => `${failure.getProperty()}: ${failure.getReason()}`);
    return { inputs: raw(response.getInputs()), failures };
  }

  /** Reasons to refuse the inputs, whether the plugin lists them or answers with an error. */
  async refusals(type: string, inputs: Properties): Promise<string[]> {
    return (await this.checked(type, inputs).catch((error: unknown) => ({ failures: [String(error)] })))
      .failures;
  }

  async create(
    type: string,
    given: Properties,
    { preview = false, timeoutSeconds = 0 }: Operation = {},
  ): Promise<Recorded> {
    const { inputs, failures } = await this.checked(type, given);
    if (failures.length > 0) throw new Error(failures.join("\n"));
    const request = new messages.CreateRequest().setUrn(this.urn(type)).setProperties(struct(inputs));
    request.setPreview(preview).setTimeout(timeoutSeconds);
    const response = await this.plugin.call<messages.CreateResponse>((client, done) =>
      client.create(request, done),
    );
    const state = raw(response.getProperties());
    return { id: response.getId(), inputs, state, outputs: reveal(state) as Properties };
  }

  async diff(type: string, old: Recorded, given: Properties): Promise<Plan> {
    const { inputs } = await this.checked(type, given);
    const request = new messages.DiffRequest()
      .setId(old.id)
      .setUrn(this.urn(type))
      .setOlds(struct(old.state));
    request.setOldInputs(struct(old.inputs)).setNews(struct(inputs));
    const response = await this.plugin.call<messages.DiffResponse>((client, done) =>
      client.diff(request, done),
    );
    const detailed: [string, number][] = [];
    response.getDetaileddiffMap().forEach((change, path) => detailed.push([path, change.getKind()]));
    // Every kind has a replacing twin with the next odd number.
    const replacing = detailed.filter(([, kind]) => kind % 2 === 1).map(([path]) => path);
    return {
      changes: response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
      replaces: [...new Set([...response.getReplacesList(), ...replacing])],
      paths: detailed.map(([path]) => path),
    };
  }

  async update(
    type: string,
    old: Recorded,
    given: Properties,
    { preview = false }: Operation = {},
  ): Promise<Recorded> {
    const { inputs } = await this.checked(type, given);
    const request = new messages.UpdateRequest()
      .setId(old.id)
      .setUrn(this.urn(type))
      .setOlds(struct(old.state));
    request.setOldInputs(struct(old.inputs)).setNews(struct(inputs)).setPreview(preview);
    const response = await this.plugin.call<messages.UpdateResponse>((client, done) =>
      client.update(request, done),
    );
    const state = raw(response.getProperties());
    return { id: old.id, inputs, state, outputs: reveal(state) as Properties };
  }

  async delete(type: string, old: Recorded): Promise<void> {
    const request = new messages.DeleteRequest()
      .setId(old.id)
      .setUrn(this.urn(type))
      .setProperties(struct(old.state));
    request.setOldInputs(struct(old.inputs));
    await this.plugin.call((client, done) => client.delete(request, done));
  }

  async read(type: string, old: Recorded): Promise<Properties> {
    const request = new messages.ReadRequest()
      .setId(old.id)
      .setUrn(this.urn(type))
      .setProperties(struct(old.state));
    request.setInputs(struct(old.inputs));
    const response = await this.plugin.call<messages.ReadResponse>((client, done) =>
      client.read(request, done),
    );
    return raw(response.getProperties());
  }
}
