import * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Logger } from "./log";
import * as operations from "./operations";
import type { Context, Plugin, ResourceType } from "./resource";
import { plainProperties, type Properties } from "./values";

type Handler<Request, Response> = (request: Request) => Promise<Response>;

function properties(struct: Struct | undefined): Properties {
  return struct === undefined ? {} : struct.toJavaScript();
}

function toStruct(values: Properties): Struct {
  return Struct.fromJavaScript(values);
}

function unary<Request, Response>(
  handler: Handler<Request, Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    handler(call.request).then(
      (response) => {
        callback(null, response);
      },
      (error: unknown) => {
        const details = error instanceof Error ? error.message : String(error);
        callback({ code: grpc.status.UNKNOWN, details });
      },
    );
  };
}

const { Kind } = messages.PropertyDiff;
const KINDS = {
  add: { keep: Kind.ADD, replace: Kind.ADD_REPLACE },
  delete: { keep: Kind.DELETE, replace: Kind.DELETE_REPLACE },
  update: { keep: Kind.UPDATE, replace: Kind.UPDATE_REPLACE },
};

function diffResponse(difference: operations.Difference): messages.DiffResponse {
  const { DiffChanges } = messages.DiffResponse;
  const response = new messages.DiffResponse()
    .setChanges(difference.changes.length > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE)
    .setDiffsList(difference.changedKeys)
    .setReplacesList(difference.replaceKeys)
    .setHasdetaileddiff(true);
  for (const change of difference.changes) {
    const kind = KINDS[change.kind][change.replaces ? "replace" : "keep"];
    const entry = new messages.PropertyDiff().setKind(kind).setInputdiff(change.input);
    response.getDetaileddiffMap().set(change.path, entry);
  }
  return response;
}

/** Answers the engine's calls for one plugin. */
export class Provider {
  private readonly cancelled = new AbortController();

  constructor(
    private readonly plugin: Plugin,
    private readonly log: Logger,
  ) {}

  private type(urn: string): ResourceType {
    const token = urn.split("::")[2]?.split("$").pop() ?? "";
    const type = this.plugin.types[token];
    if (type !== undefined) return type;
    const known = Object.keys(this.plugin.types).join(", ");
    throw new Error(`${this.plugin.name} stand-in: resource type ${token} is not supported; it has ${known}`);
  }

  private context(urn: string, timeoutSeconds: number): Context {
    const { signal } = this.cancelled;
    return {
      urn,
      name: urn.split("::").slice(3).join("::"),
      signal:
        timeoutSeconds > 0 ? AbortSignal.any([signal, AbortSignal.timeout(timeoutSeconds * 1000)]) : signal,
      status: (message) => {
        this.log.send(urn, message, "status");
      },
      warn: (message) => {
        this.log.send(urn, message, "warning");
      },
    };
  }

  check = (request: messages.CheckRequest): messages.CheckResponse => {
    const news = properties(request.getNews());
    const failures = operations
      .checkInputs(this.type(request.getUrn()), news)
      .map((failure) => new messages.CheckFailure().setProperty(failure.property).setReason(failure.reason));
    return new messages.CheckResponse().setInputs(toStruct(news)).setFailuresList(failures);
  };

  diff = (request: messages.DiffRequest): messages.DiffResponse => {
    const type = this.type(request.getUrn());
    const state = properties(request.getOlds());
    // Engines older than the field send the state only; then its inputs are the ones that the type knows.
    const olds = request.hasOldInputs()
      ? properties(request.getOldInputs())
      : Object.fromEntries(Object.entries(state).filter(([key]) => Object.hasOwn(type.inputs, key)));
    return diffResponse(operations.difference(type, state, olds, properties(request.getNews())));
  };

  create = async (request: messages.CreateRequest): Promise<messages.CreateResponse> => {
    const context = this.context(request.getUrn(), request.getTimeout());
    const news = properties(request.getProperties());
    const { id, state } = await operations.create(
      this.type(context.urn),
      news,
      request.getPreview(),
      context,
    );
    return new messages.CreateResponse().setId(id).setProperties(toStruct(state));
  };

  update = async (request: messages.UpdateRequest): Promise<messages.UpdateResponse> => {
    const context = this.context(request.getUrn(), request.getTimeout());
    const [olds, news] = [properties(request.getOlds()), properties(request.getNews())];
    const state = await operations.update(this.type(context.urn), olds, news, request.getPreview(), context);
    return new messages.UpdateResponse().setProperties(toStruct(state));
  };

  delete = async (request: messages.DeleteRequest): Promise<Empty> => {
    const context = this.context(request.getUrn(), request.getTimeout());
    await this.type(context.urn).delete?.(plainProperties(properties(request.getProperties())), context);
    return new Empty();
  };

  /** Drift is never looked for: a refresh gets back what the state says. */
  read = (request: messages.ReadRequest): messages.ReadResponse => {
    const inputs = request.getInputs();
    const state = request.getProperties();
    return new messages.ReadResponse().setId(request.getId()).setProperties(state).setInputs(inputs);
  };

  cancel = (): Empty => {
    this.cancelled.abort(new Error("the deployment was cancelled"));
    return new Empty();
  };

  service(): grpc.UntypedServiceImplementation {
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- each handler keeps its own types
    const sync = <Request, Response>(handler: (request: Request) => Response): grpc.UntypedHandleCall =>
      // eslint-disable-next-line @typescript-eslint/require-await -- turns a throw into a rejection
      unary(async (request: Request) => handler(request)) as grpc.UntypedHandleCall;

    const logged = <Request, Response>(handler: Handler<Request, Response>): grpc.UntypedHandleCall =>
      unary((request: Request) => handler(request).finally(this.log.flush)) as grpc.UntypedHandleCall;
    return {
      getPluginInfo: sync(() => new PluginInfo().setVersion(this.plugin.version)),
      getSchema: sync(() => new messages.GetSchemaResponse().setSchema("{}")),
      checkConfig: sync((request: messages.CheckRequest) =>
        new messages.CheckResponse().setInputs(request.getNews()),
      ),
      diffConfig: sync(() =>
        new messages.DiffResponse().setChanges(messages.DiffResponse.DiffChanges.DIFF_NONE),
      ),
      configure: sync(() => new messages.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true)),
      check: sync(this.check),
      diff: sync(this.diff),
      create: logged(this.create),
      update: logged(this.update),
      delete: logged(this.delete),
      read: sync(this.read),
      cancel: sync(this.cancel),
    };
  }
}
