import { createHash, X509Certificate } from "node:crypto";
import { certificateBlocks } from "../facts/pem";

/**
 * Password of the truststore, Java's own customary one. It protects nothing and need not: the store holds public
 * certificates, and the file is root's. Java wants some password to check the store's digest.
 */
export const TRUSTSTORE_PASSWORD = "changeit";

const MAGIC = 0xfeedfeed;
const VERSION = 2;
const TRUSTED_CERTIFICATE = 2;
/** Part of the digest of every JKS file. Source: sun.security.provider.JavaKeyStore. */
const DIGEST_SALT = "Mighty Aphrodite";

/**
 * A Java truststore (JKS, version 2) that trusts the certificates of a PEM text and no others. The same text gives
 * the same bytes: the date of an entry is the start of its certificate.
 *
 * @throws Error when the text holds no certificate or a broken one
 */
export function javaTruststore(caPem: string): Buffer {
  const blocks = certificateBlocks(caPem);
  if (blocks.length === 0)
    throw new Error("the truststore needs a certificate in PEM form, the text holds none");
  const entries = blocks.map((pem, index) =>
    trustedEntry(`audio-meet-${index + 1}`, new X509Certificate(pem)),
  );
  const body = Buffer.concat([uint32(MAGIC), uint32(VERSION), uint32(entries.length), ...entries]);
  return Buffer.concat([body, digest(body)]);
}

function trustedEntry(alias: string, certificate: X509Certificate): Buffer {
  const created = Buffer.alloc(8);
  created.writeBigInt64BE(BigInt(Date.parse(certificate.validFrom)));
  const der = certificate.raw;
  return Buffer.concat([
    uint32(TRUSTED_CERTIFICATE),
    utf(alias),
    created,
    utf("X.509"),
    uint32(der.length),
    der,
  ]);
}

/** SHA-1 over the password in UTF-16, the salt and the store. An integrity check of the format, not a protection. */
function digest(body: Buffer): Buffer {
  const password = Buffer.from(TRUSTSTORE_PASSWORD, "utf16le").swap16();
  return createHash("sha1").update(password).update(DIGEST_SALT).update(body).digest();
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Java's writeUTF for ASCII: two bytes of length, then the text. */
function utf(text: string): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(text.length);
  return Buffer.concat([length, Buffer.from(text, "ascii")]);
}
