import { X509Certificate } from "node:crypto";
import { CERTIFICATE_BLOCK, certificateBlocks } from "../facts/pem";

/** The certificates of a PEM text in its order; undefined where it holds none, one that cannot be read, or anything else, such as a key that has come along. */
export function parsedCertificates(pem: string): X509Certificate[] | undefined {
  const blocks = certificateBlocks(pem);
  if (blocks.length === 0 || pem.replaceAll(CERTIFICATE_BLOCK, "").trim() !== "") return undefined;
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}
