import type { Failure, Schema } from "./schema";
import type { Properties } from "./values";

/** What an operation may use besides its inputs. */
export interface Context {
  urn: string;
  /** The resource's logical name, the last part of the URN. */
  name: string;
  /** Id of the resource; "" while it is created. */
  id: string;
  /** The provider's own configuration, plain; nested values are no longer JSON text. */
  config: Properties;
  /** Aborted by a cancelled deployment and by the resource's custom timeout. */
  signal: AbortSignal;
  /** Shows a line as ephemeral status text of the resource. */
  status: (message: string) => void;
  warn: (message: string) => void;
}

/** How one resource type behaves. All properties arrive plain: without secret markers. */
export interface ResourceType {
  inputs: Schema;
  /** Names of the computed outputs; they are unknown in every preview that creates or updates. */
  outputs: readonly string[];
  /** Computed outputs that are always secret. */
  secretOutputs?: readonly string[];
  /** Inputs whose change replaces the resource: names, or paths such as `rootBlockDevice.encrypted`. */
  replaceOn: readonly string[];
  /** Whether a preview of an update may show the computed outputs as they are; else they are unknown there. */
  keepsOutputs?: true;
  /** Rules beyond types; called with inputs that may hold unknown values. */
  check?: (inputs: Properties) => Failure[];
  /** The outputs whose recorded value forces a replacement although no input changed, else an empty list. */
  expired?: (state: Properties, inputs: Properties) => string[];
  /** Returns the id and the computed outputs, with any input default that the type records. */
  create: (inputs: Properties, context: Context) => Promise<{ id: string; outputs: Properties }>;
  /** Returns the computed outputs after an update in place. Without it they stay as they are. */
  update?: (inputs: Properties, state: Properties, context: Context) => Promise<Properties>;
  /** Undoes a create with what the state recorded. Without it nothing has to be done. */
  delete?: (state: Properties, context: Context) => Promise<void>;
}

/** The configuration that a provider takes. */
export type Configuration = Pick<ResourceType, "inputs" | "replaceOn" | "check">;

/** A question to the provider; throws where it has no answer. Arguments and answer are plain. */
export interface Invoke {
  inputs: Schema;
  answer: (inputs: Properties, context: Pick<Context, "config" | "signal">) => Promise<Properties>;
}

/** Resource types of a plugin by their type token, such as `random:index/randomId:RandomId`. */
export interface Plugin {
  name: string;
  version: string;
  types: Record<string, ResourceType>;
  /** Absent where a provider has nothing to configure. */
  configuration?: Configuration;
  /** Functions by token, such as `aws:ec2/getAmi:getAmi`. */
  invokes?: Record<string, Invoke>;
}
