import type { X509Certificate } from "node:crypto";

/** Hashes for which forged signatures are known, by the algorithms that use them (RFC 3279 §2.2, RFC 5758 §3.1). */
const BROKEN: Record<string, string> = {
  "1.2.840.113549.1.1.2": "MD2",
  "1.2.840.113549.1.1.4": "MD5",
  "1.2.840.113549.1.1.5": "SHA-1",
  "1.2.840.10045.4.1": "SHA-1",
  "1.2.840.10040.4.3": "SHA-1",
};

/** Contents of an element of DER at an offset, and where the next one begins (X.690 §8.1). */
function element(der: Buffer, offset: number): { start: number; end: number } {
  const short = der.readUInt8(offset + 1);
  if (short < 0x80) return { start: offset + 2, end: offset + 2 + short };
  const bytes = short & 0x7f;
  const start = offset + 2 + bytes;
  return { start, end: start + der.readUIntBE(offset + 2, bytes) };
}

/** X.690 §8.19: the first byte holds two numbers, the others seven bits each. */
function oidOf(bytes: Buffer): string {
  const [first = 0, ...rest] = bytes;
  const numbers = [Math.floor(first / 40), first % 40];
  let value = 0;
  for (const byte of rest) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(value);
      value = 0;
    }
  }
  return numbers.join(".");
}

/** The hash of a certificate's signature where forged ones are known: "SHA-1". RFC 5280 §4.1.1.2. */
export function brokenHash({ raw }: X509Certificate): string | undefined {
  const body = element(raw, element(raw, 0).start);
  const algorithm = element(raw, element(raw, body.end).start);
  return BROKEN[oidOf(raw.subarray(algorithm.start, algorithm.end))];
}
