import { createPrivateKey, createPublicKey, webcrypto, type KeyObject } from "node:crypto";

/** A key pair as the X.509 library takes it. */
export interface SigningKey {
  pair: webcrypto.CryptoKeyPair;
  algorithm: webcrypto.Algorithm | webcrypto.EcdsaParams;
  /** Name that the tls provider gives the kind of key. */
  name: "RSA" | "ECDSA" | "ED25519";
}

type ImportAlgorithm = webcrypto.RsaHashedImportParams | webcrypto.EcKeyImportParams | webcrypto.Algorithm;

/** Hash that goes with each curve, as Go chooses it. Source: crypto/x509, signingParamsForKey. */
const CURVES: Record<string, { namedCurve: string; hash: string }> = {
  prime256v1: { namedCurve: "P-256", hash: "SHA-256" },
  secp384r1: { namedCurve: "P-384", hash: "SHA-384" },
  secp521r1: { namedCurve: "P-521", hash: "SHA-512" },
};

function algorithms(key: KeyObject): Omit<SigningKey, "pair"> & { imported: ImportAlgorithm } {
  switch (key.asymmetricKeyType) {
    case "rsa": {
      const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
      return { name: "RSA", algorithm, imported: algorithm };
    }
    case "ed25519":
      return { name: "ED25519", algorithm: { name: "Ed25519" }, imported: { name: "Ed25519" } };
    case "ec": {
      const named = key.asymmetricKeyDetails?.namedCurve ?? "";
      const curve = CURVES[named];
      if (curve === undefined)
        throw new Error(`curve ${named} cannot sign here; use ecdsaCurve P256, P384 or P521 for this key`);
      const algorithm = { name: "ECDSA", hash: curve.hash };
      return { name: "ECDSA", algorithm, imported: { name: "ECDSA", namedCurve: curve.namedCurve } };
    }
    default:
      throw new Error("the key must be an RSA, ECDSA or ED25519 private key");
  }
}

function parsePrivateKey(pem: string, property: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // The cause may quote the key.
    throw new Error(`${property} is not a private key in PEM form`);
  }
}

/** Reads a PEM private key for signing. `property` names the input in errors, which never quote the key. */
export async function signingKey(pem: string, property: string): Promise<SigningKey> {
  const key = parsePrivateKey(pem, property);
  const { imported, ...rest } = algorithms(key);
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  const pkcs8 = key.export({ format: "der", type: "pkcs8" });
  const { subtle } = webcrypto;
  const pair = {
    privateKey: await subtle.importKey("pkcs8", pkcs8, imported, false, ["sign"]),
    publicKey: await subtle.importKey("spki", spki, imported, true, ["verify"]),
  };
  return { ...rest, pair };
}
