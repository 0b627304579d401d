import { createHash } from "node:crypto";
import { awsType, randomId } from "../core/awsType";
import { apiError } from "../core/account";
import { required, text, type Failure } from "../../shared/schema";
import { textOf, UNKNOWN, type Properties } from "../../shared/values";

const PUBLIC_KEY = /^(ssh-ed25519|ssh-rsa) ([A-Za-z0-9+/]+={0,2})( .*)?$/;

function keyFailures(inputs: Properties): Failure[] {
  const key = inputs["publicKey"];
  if (typeof key !== "string" || key === UNKNOWN || PUBLIC_KEY.test(key)) return [];
  return [
    { property: "publicKey", reason: "publicKey: not one line of an RSA or ED25519 key in OpenSSH's form" },
  ];
}

function keyName(inputs: Properties, resource: string): string {
  return textOf(inputs, "keyName") || `${resource}-${randomId("").slice(-7)}`;
}

/** `aws:ec2/keyPair:KeyPair`; its id is its name. */
export const keyPair = awsType({
  kind: "keyPair",
  newId: (inputs, name) => keyName(inputs, name),
  inputs: { publicKey: required(text), keyName: text },
  outputs: ["arn", "keyName", "keyPairId", "keyType", "fingerprint"],
  replaceOn: ["publicKey", "keyName"],
  check: keyFailures,
  create: (inputs, account, id) => {
    const publicKey = textOf(inputs, "publicKey");
    if (account.get("keyPair", id) !== undefined)
      throw apiError("InvalidKeyPair.Duplicate", `The keypair already exists (${id})`);
    const [type = "", blob = ""] = publicKey.split(" ");
    const outputs = {
      arn: account.arn(`key-pair/${id}`),
      keyName: id,
      keyPairId: randomId("key"),
      keyType: type.replace("ssh-", ""),
      fingerprint: createHash("sha256").update(Buffer.from(blob, "base64")).digest("base64"),
    };
    return { values: { publicKey }, outputs };
  },
});
