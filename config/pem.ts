import { X509Certificate } from "node:crypto";

/** RFC 7468 §2: text may stand between the blocks, but hides mistakes such as a key that has come along. */
const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** The certificates of a PEM text, as text; whatever stands between them is left out. */
export function certificateBlocks(pem: string): string[] {
  return pem.match(BLOCK) ?? [];
}

/** The certificates of a PEM text in its order; undefined where it holds none, one that cannot be read, or anything else. */
export function parsedCertificates(pem: string): X509Certificate[] | undefined {
  const blocks = certificateBlocks(pem);
  if (blocks.length === 0 || pem.replaceAll(BLOCK, "").trim() !== "") return undefined;
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}
