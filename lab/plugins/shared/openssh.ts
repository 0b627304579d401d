import { createHash, randomBytes, type KeyObject } from "node:crypto";

/** SSH names of the curves that SSH knows; P-224 has none. Source: RFC 5656 §6.1. */
const CURVES: Record<string, string> = { "P-256": "nistp256", "P-384": "nistp384", "P-521": "nistp521" };

/** Padding unit of an unencrypted private key file. Source: OpenSSH PROTOCOL.key. */
const BLOCK_BYTES = 8;

/** An SSH string: length in four bytes, then the bytes. */
function field(data: Buffer | string): Buffer {
  const bytes = Buffer.from(data);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A positive multiple precision integer: no leading zero byte except in front of a set top bit. */
function integer(base64url: string | undefined): Buffer {
  let bytes = Buffer.from(base64url ?? "", "base64url");
  while (bytes.length > 1 && bytes[0] === 0) bytes = bytes.subarray(1);
  return field((bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
}

interface KeyBlobs {
  type: string;
  public: Buffer;
  /** Public and private fields as OpenSSH writes them in a private key file. */
  private: Buffer;
}

/** The wire forms of a private key, or undefined where SSH has none for it. Source: RFC 4253, 5656, 8709. */
function keyBlobs(key: KeyObject): KeyBlobs | undefined {
  // Node cannot write the curves that SSH does not know as JWK either.
  if (key.asymmetricKeyDetails?.namedCurve === "secp224r1") return undefined;
  const jwk = key.export({ format: "jwk" });
  const seed = Buffer.from(jwk.d ?? "", "base64url");
  if (jwk.kty === "RSA") {
    const type = "ssh-rsa";
    const parts = [jwk.n, jwk.e, jwk.d, jwk.qi, jwk.p, jwk.q].map(integer);
    return {
      type,
      public: Buffer.concat([field(type), integer(jwk.e), integer(jwk.n)]),
      private: Buffer.concat(parts),
    };
  }
  if (jwk.kty === "OKP" && jwk.crv === "Ed25519") {
    const type = "ssh-ed25519";
    const point = Buffer.from(jwk.x ?? "", "base64url");
    const both = Buffer.concat([field(point), field(Buffer.concat([seed, point]))]);
    return { type, public: Buffer.concat([field(type), field(point)]), private: both };
  }
  const curve = CURVES[jwk.crv ?? ""];
  if (curve === undefined) return undefined;
  const type = `ecdsa-sha2-${curve}`;
  const coordinates = [jwk.x, jwk.y].map((part) => Buffer.from(part ?? "", "base64url"));
  const point = Buffer.concat([field(curve), field(Buffer.concat([Buffer.from([4]), ...coordinates]))]);
  return {
    type,
    public: Buffer.concat([field(type), point]),
    private: Buffer.concat([point, integer(jwk.d)]),
  };
}

function pem(body: Buffer): string {
  const lines = body.toString("base64").match(/.{1,70}/g) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join(
    "\n",
  );
}

/** The key as an unencrypted OpenSSH private key file, "" if SSH knows no such key. Source: OpenSSH PROTOCOL.key. */
export function openSshPrivateKey(key: KeyObject): string {
  const blobs = keyBlobs(key);
  if (blobs === undefined) return "";
  const check = randomBytes(4);
  const secrets = Buffer.concat([check, check, field(blobs.type), blobs.private, field("")]);
  const padding = Buffer.from(Array.from({ length: -secrets.length & (BLOCK_BYTES - 1) }, (_, i) => i + 1));
  const oneKey = Buffer.from([0, 0, 0, 1]);
  const header = [
    Buffer.from("openssh-key-v1\0"),
    field("none"),
    field("none"),
    field(""),
    oneKey,
    field(blobs.public),
  ];
  return pem(Buffer.concat([...header, field(Buffer.concat([secrets, padding]))]));
}

/** Public key line and fingerprints in the forms that ssh-keygen prints; all "" if SSH knows no such key. */
export function openSshPublicKey(key: KeyObject): { line: string; md5: string; sha256: string } {
  const blobs = keyBlobs(key);
  if (blobs === undefined) return { line: "", md5: "", sha256: "" };
  const md5 = createHash("md5").update(blobs.public).digest("hex").match(/../g)?.join(":") ?? "";
  const sha256 = createHash("sha256").update(blobs.public).digest("base64").replace(/=+$/, "");
  return { line: `${blobs.type} ${blobs.public.toString("base64")}\n`, md5, sha256: `SHA256:${sha256}` };
}
