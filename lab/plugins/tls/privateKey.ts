import { createHash, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { openSshPrivateKey, openSshPublicKey } from "../shared/openssh";
import { number, required, type Failure, type Schema } from "../shared/schema";
import type { ResourceType } from "../shared/resource";
import type { Properties } from "../shared/values";

const generate = promisify(generateKeyPair);

/** OpenSSL names of the curves that can be asked for. */
const CURVES: Record<string, string> = {
  P224: "secp224r1",
  P256: "prime256v1",
  P384: "secp384r1",
  P521: "secp521r1",
};

/** Source: @pulumi/tls privateKey.d.ts. */
const DEFAULT_CURVE = "P224";
const DEFAULT_RSA_BITS = 2048;

const INPUTS: Schema = {
  algorithm: required({ kind: "string", oneOf: ["RSA", "ECDSA", "ED25519"] }),
  ecdsaCurve: { kind: "string", oneOf: Object.keys(CURVES) },
  rsaBits: number,
};

function checkBits(inputs: Properties): Failure[] {
  const bits = inputs["rsaBits"];
  const fine = typeof bits !== "number" || (Number.isInteger(bits) && bits >= 1024);
  return fine ? [] : [{ property: "rsaBits", reason: "rsaBits must be a whole number of at least 1024" }];
}

async function generateKey(inputs: Properties): Promise<{ key: KeyObject; settings: Properties }> {
  const { algorithm } = inputs;
  const ecdsaCurve = typeof inputs["ecdsaCurve"] === "string" ? inputs["ecdsaCurve"] : DEFAULT_CURVE;
  const rsaBits = typeof inputs["rsaBits"] === "number" ? inputs["rsaBits"] : DEFAULT_RSA_BITS;
  const settings = { ecdsaCurve, rsaBits };
  if (algorithm === "ED25519") return { key: (await generate("ed25519")).privateKey, settings };
  if (algorithm === "RSA")
    return { key: (await generate("rsa", { modulusLength: rsaBits })).privateKey, settings };
  return { key: (await generate("ec", { namedCurve: CURVES[ecdsaCurve] ?? "" })).privateKey, settings };
}

/** The classic PEM form of a private key: PKCS#1 for RSA, SEC 1 for ECDSA, PKCS#8 for Ed25519. */
function classicPem(key: KeyObject): string {
  const type = { rsa: "pkcs1", ec: "sec1" } as const;
  const form = type[key.asymmetricKeyType as keyof typeof type] as "pkcs1" | undefined;
  return key.export({ format: "pem", type: form ?? "pkcs8" }).toString();
}

/** `tls:index/privateKey:PrivateKey`: a new key pair in the forms of PEM and OpenSSH. */
export const privateKey: ResourceType = {
  inputs: INPUTS,
  outputs: [
    "privateKeyPem",
    "privateKeyPemPkcs8",
    "privateKeyOpenssh",
    "publicKeyPem",
    "publicKeyOpenssh",
    "publicKeyFingerprintMd5",
    "publicKeyFingerprintSha256",
  ],
  secretOutputs: ["privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"],
  replaceOn: Object.keys(INPUTS),
  check: checkBits,
  create: async (inputs) => {
    const { key, settings } = await generateKey(inputs);
    const publicKey = createPublicKey(key);
    const ssh = openSshPublicKey(key);
    const outputs = {
      ...settings,
      privateKeyPem: classicPem(key),
      privateKeyPemPkcs8: key.export({ format: "pem", type: "pkcs8" }).toString(),
      privateKeyOpenssh: openSshPrivateKey(key),
      publicKeyPem: publicKey.export({ format: "pem", type: "spki" }).toString(),
      publicKeyOpenssh: ssh.line,
      publicKeyFingerprintMd5: ssh.md5,
      publicKeyFingerprintSha256: ssh.sha256,
    };
    const id = createHash("sha1")
      .update(publicKey.export({ format: "der", type: "spki" }))
      .digest("hex");
    return { id, outputs };
  },
};
