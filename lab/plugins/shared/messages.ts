import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { Difference } from "./operations";
import type { Failure } from "./schema";
import { plainProperties, type Properties, type Value } from "./values";

/** The values of a message; none where it has no such part. */
export function properties(struct: Struct | undefined): Properties {
  return struct === undefined ? {} : struct.toJavaScript();
}

/** The values as a part of a message. */
export function toStruct(values: Properties): Struct {
  return Struct.fromJavaScript(values);
}

const { Kind } = messages.PropertyDiff;
const KINDS = {
  add: { keep: Kind.ADD, replace: Kind.ADD_REPLACE },
  delete: { keep: Kind.DELETE, replace: Kind.DELETE_REPLACE },
  update: { keep: Kind.UPDATE, replace: Kind.UPDATE_REPLACE },
};

/** The plan for a resource as the engine reads it. */
export function diffResponse(difference: Difference): messages.DiffResponse {
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

/** One refused input as the engine reads it. */
export function checkFailure({ property, reason }: Failure): messages.CheckFailure {
  return new messages.CheckFailure().setProperty(property).setReason(reason);
}

/** Inputs, and what is wrong with them. */
export function checkResponse(news: Properties, failures: Failure[]): messages.CheckResponse {
  return new messages.CheckResponse().setInputs(toStruct(news)).setFailuresList(failures.map(checkFailure));
}

/** What the engine adds to a provider's configuration for itself. */
const OF_THE_ENGINE = ["version", "pluginDownloadURL", "pluginChecksums"];

/** A provider's configuration. The SDK sends everything but text as JSON text. */
export function configurationOf(values: Properties): Properties {
  const entries = Object.entries(plainProperties(values)).filter(([key]) => !OF_THE_ENGINE.includes(key));
  return Object.fromEntries(entries.map(([key, value]) => [key, parsedJson(value)]));
}

function parsedJson(value: Value): Value {
  if (typeof value !== "string" || !/^(\[|\{|true$|false$)/.test(value)) return value;
  return JSON.parse(value) as Value;
}
