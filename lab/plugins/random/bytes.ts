import { randomBytes as draw } from "node:crypto";
import { map, number, required, text, type Failure, type Schema } from "../shared/schema";
import type { ResourceType } from "../shared/resource";
import { UNKNOWN, type Properties } from "../shared/values";

function checkLength(property: string): (inputs: Properties) => Failure[] {
  return (inputs) => {
    const length = inputs[property];
    if (length === UNKNOWN || (Number.isInteger(length) && (length as number) >= 1)) return [];
    return [{ property, reason: `${property} must be a whole number of at least 1` }];
  };
}

const ID_INPUTS: Schema = { byteLength: required(number), keepers: map, prefix: text };

/** `random:index/randomId:RandomId`: random bytes in four notations, each behind the prefix. */
export const randomId: ResourceType = {
  inputs: ID_INPUTS,
  outputs: ["b64Std", "b64Url", "hex", "dec"],
  replaceOn: Object.keys(ID_INPUTS),
  check: checkLength("byteLength"),
  create: (inputs) => {
    const bytes = draw(Number(inputs["byteLength"]));
    const prefix = typeof inputs["prefix"] === "string" ? inputs["prefix"] : "";
    const outputs = {
      b64Std: prefix + bytes.toString("base64"),
      b64Url: prefix + bytes.toString("base64url"),
      hex: prefix + bytes.toString("hex"),
      dec: prefix + BigInt(`0x${bytes.toString("hex")}`).toString(),
    };
    return Promise.resolve({ id: bytes.toString("base64url"), outputs });
  },
};

const BYTES_INPUTS: Schema = { length: required(number), keepers: map };

/** `random:index/randomBytes:RandomBytes`: secret random bytes. */
export const randomBytes: ResourceType = {
  inputs: BYTES_INPUTS,
  outputs: ["base64", "hex"],
  secretOutputs: ["base64", "hex"],
  replaceOn: Object.keys(BYTES_INPUTS),
  check: checkLength("length"),
  create: (inputs) => {
    const bytes = draw(Number(inputs["length"]));
    return Promise.resolve({
      id: "none",
      outputs: { base64: bytes.toString("base64"), hex: bytes.toString("hex") },
    });
  },
};
