import { constants, createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** A key pair of an issuer under an id. */
export interface IssuerKey {
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

export function rsaKey(kid: string, bits = 2048): IssuerKey {
  return { kid, ...generateKeyPairSync("rsa", { modulusLength: bits }) };
}

export function ecKey(kid: string, curve = "P-256"): IssuerKey {
  return { kid, ...generateKeyPairSync("ec", { namedCurve: curve }) };
}

/** A key as a JWKS has it. */
export function jwkOf({ kid, publicKey }: IssuerKey, more: object = {}): object {
  return { ...publicKey.export({ format: "jwk" }), kid, use: "sig", ...more };
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

type Signer = (content: string, key: KeyObject) => Buffer;
const SIGNERS: Record<string, Signer> = {
  RS256: (content, key) => sign("sha256", Buffer.from(content), key),
  PS256: (content, key) =>
    sign("sha256", Buffer.from(content), { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
  ES256: (content, key) => sign("sha256", Buffer.from(content), { key, dsaEncoding: "ieee-p1363" }),
};

/** A token that the key signs (RFC 7515). */
export function signed(key: IssuerKey, claims: object, alg = "RS256", header: object = {}): string {
  const content = `${part({ alg, typ: "JWT", kid: key.kid, ...header })}.${part(claims)}`;
  const signature = SIGNERS[alg]?.(content, key.privateKey);
  if (signature === undefined) throw new Error(`no signer for ${alg}`);
  return `${content}.${signature.toString("base64url")}`;
}

/** A token with a MAC, HS256. */
export function authenticated(secret: string | Buffer, claims: object, header: object = {}): string {
  const content = `${part({ alg: "HS256", typ: "JWT", ...header })}.${part(claims)}`;
  return `${content}.${createHmac("sha256", secret).update(content).digest("base64url")}`;
}

/** A token with whatever stands in its header, and whatever follows its claims. */
export function raw(header: object, claims: object, signature: string): string {
  return `${part(header)}.${part(claims)}.${signature}`;
}
