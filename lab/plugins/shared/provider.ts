import * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { abortedAfter } from "./deadline";
import type { Logger } from "./log";
import { checkFailure, checkResponse, configurationOf, diffResponse, properties, toStruct } from "./messages";
import * as operations from "./operations";
import type { Context, Plugin, ResourceType } from "./resource";
import { checkProperties } from "./schema";
import { plainProperties, type Properties } from "./values";

type Handler<Request, Response> = (request: Request) => Promise<Response>;

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

/** Answers the engine's calls for one plugin. */
export class Provider {
  private readonly cancelled = new AbortController();
  private config: Properties = {};

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

  private context(urn: string, timeoutSeconds: number, id = ""): Context {
    const { signal } = this.cancelled;
    return {
      urn,
      id,
      config: this.config,
      name: urn.split("::").slice(3).join("::"),
      signal: timeoutSeconds > 0 ? abortedAfter(timeoutSeconds, signal) : signal,
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
    return checkResponse(news, operations.checkInputs(this.type(request.getUrn()), news));
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

  checkConfig = (request: messages.CheckRequest): messages.CheckResponse => {
    const news = properties(request.getNews());
    const { configuration } = this.plugin;
    return checkResponse(
      news,
      configuration ? operations.checkInputs(configuration, configurationOf(news)) : [],
    );
  };

  diffConfig = (request: messages.DiffRequest): messages.DiffResponse => {
    const { configuration } = this.plugin;
    if (configuration === undefined)
      return new messages.DiffResponse().setChanges(messages.DiffResponse.DiffChanges.DIFF_NONE);
    const olds = configurationOf(properties(request.getOldInputs() ?? request.getOlds()));
    const news = configurationOf(properties(request.getNews()));
    return diffResponse(operations.difference(configuration, olds, olds, news));
  };

  configure = (request: messages.ConfigureRequest): messages.ConfigureResponse => {
    this.config = configurationOf(properties(request.getArgs()));
    return new messages.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
  };

  invoke = async (request: messages.InvokeRequest): Promise<messages.InvokeResponse> => {
    const found = this.plugin.invokes?.[request.getTok()];
    if (found === undefined)
      throw new Error(`${this.plugin.name} stand-in: the function ${request.getTok()} is not supported`);
    const inputs = plainProperties(properties(request.getArgs()));
    const failures = checkProperties(inputs, found.inputs);
    if (failures.length > 0) return new messages.InvokeResponse().setFailuresList(failures.map(checkFailure));
    const answer = await found.answer(inputs, { config: this.config, signal: this.cancelled.signal });
    return new messages.InvokeResponse().setReturn(toStruct(answer));
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
    const context = this.context(request.getUrn(), request.getTimeout(), request.getId());
    const [olds, news] = [properties(request.getOlds()), properties(request.getNews())];
    const state = await operations.update(this.type(context.urn), olds, news, request.getPreview(), context);
    return new messages.UpdateResponse().setProperties(toStruct(state));
  };

  delete = async (request: messages.DeleteRequest): Promise<Empty> => {
    const context = this.context(request.getUrn(), request.getTimeout(), request.getId());
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
      checkConfig: sync(this.checkConfig),
      diffConfig: sync(this.diffConfig),
      configure: sync(this.configure),
      invoke: logged(this.invoke),
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
