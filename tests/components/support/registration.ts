import type { RegisterResourceRequest } from "@pulumi/pulumi/proto/resource_pb";
import { plain, type Properties, type Value } from "../../../lab/plugins/shared/values";

/**
 * One resource as the program asked the engine for it. Other resources are named by their label. All names are shown without the
 * name of the deployment that they begin with.
 */
export interface Registration {
  type: string;
  name: string;
  /** Type and name, e.g. "command:remote:Command core-secrets"; unique in a stack. */
  label: string;
  parent?: string;
  /** URNs that the resource may have had before. */
  aliases: string[];
  /** The explicit provider, by its name. */
  provider?: string;
  /** Everything that must be there before, whether the program or an input says so. */
  dependsOn: string[];
  replaceWith: string[];
  deletedWith?: string;
  deleteBeforeReplace: boolean;
  /** A new value of it replaces the resource. */
  replacementTrigger?: Value;
  ignoreChanges: string[];
  /** Another value of these replaces the resource. */
  replaceOnChanges: string[];
  retainOnDelete: boolean;
  protect: boolean;
  additionalSecretOutputs: string[];
  hideDiffs: string[];
  /** How long the provider may try, in its own words. */
  timeouts: { create: string; update: string; delete: string };
  /** As they travel: secrets in their markers, unknown values as UNKNOWN. */
  inputs: Properties;
}

/** Reads a request of the SDK. */
export function registrationOf(request: RegisterResourceRequest, deployment: string): Registration {
  const prefix = `${deployment}-`;
  const bare = (text: string) => (text.startsWith(prefix) ? text.slice(prefix.length) : text);
  const labelOf = (urn: string) => {
    // "urn:pulumi:dev::jitsi::<type of the parent>$<type>::<name>" → "<type> <name>"
    const [, , types = "", name = ""] = urn.split("::");
    return `${types.split("$").at(-1) ?? ""} ${bare(name)}`;
  };
  const [type, name] = [request.getType(), bare(request.getName())];
  const [parent, deletedWith] = [request.getParent(), request.getDeletedwith()];
  const provider = request.getProvider();
  const trigger = request.getReplacementTrigger();
  return {
    type,
    name,
    label: `${type} ${name}`,
    ...(parent !== "" && { parent: labelOf(parent) }),
    aliases: request.getAliasesList().map((alias) => alias.getUrn()),
    ...(provider !== "" && { provider: labelOf(provider).split(" ")[1] ?? "" }),
    dependsOn: request.getDependenciesList().map(labelOf),
    replaceWith: request.getReplaceWithList().map(labelOf),
    ...(deletedWith !== "" && { deletedWith: labelOf(deletedWith) }),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    ...(trigger && { replacementTrigger: trigger.toJavaScript() as Value }),
    ignoreChanges: request.getIgnorechangesList(),
    replaceOnChanges: request.getReplaceonchangesList(),
    retainOnDelete: request.getRetainondelete() ?? false,
    protect: request.getProtect() ?? false,
    additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
    hideDiffs: request.getHidediffsList(),
    timeouts: {
      create: request.getCustomtimeouts()?.getCreate() ?? "",
      update: request.getCustomtimeouts()?.getUpdate() ?? "",
      delete: request.getCustomtimeouts()?.getDelete() ?? "",
    },
    inputs: request.getObject()?.toJavaScript() ?? {},
  };
}

/** An input that is a text, secret or not; empty where it is not set. */
export function textOf(inputs: Properties, name: string): string {
  const value = plain(inputs[name] ?? "");
  if (typeof value !== "string") throw new Error(`the input ${name} is no text: ${JSON.stringify(value)}`);
  return value;
}
