import "reflect-metadata";
import { createPrivateKey, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { StoredResource } from "./labStack";

const CURVE = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MILLISECONDS = 86_400_000;

/** Certificates of a page as its own authority would have signed them on other days, with their one key; all PEM. */
export async function pageCertificates(
  domain: string,
  { caPem, caKeyPem }: { caPem: string; caKeyPem: string },
): Promise<{ expired: string; early: string; key: string }> {
  x509.cryptoProvider.set(webcrypto as Crypto);
  const pkcs8 = createPrivateKey(caKeyPem).export({ type: "pkcs8", format: "der" });
  const signingKey = await webcrypto.subtle.importKey("pkcs8", pkcs8, CURVE, false, ["sign"]);
  const keys = await webcrypto.subtle.generateKey(CURVE, true, ["sign", "verify"]);
  const issuer = new x509.X509Certificate(caPem);
  const signed = async (from: number, to: number) => {
    const certificate = await x509.X509CertificateGenerator.create({
      subject: `CN=${domain}`,
      issuer: issuer.subject,
      notBefore: new Date(Date.now() + from * DAY_MILLISECONDS),
      notAfter: new Date(Date.now() + to * DAY_MILLISECONDS),
      signingKey: signingKey,
      publicKey: keys.publicKey,
      signingAlgorithm: CURVE,
      extensions: [
        new x509.SubjectAlternativeNameExtension([{ type: "dns", value: domain }]),
        await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ],
    });
    return `${certificate.toString("pem")}\n`;
  };
  const exported = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  const key = x509.PemConverter.encode(exported, "PRIVATE KEY");
  return { expired: await signed(-30, -1), early: await signed(1, 30), key: `${key}\n` };
}

/** The key of the deployment's own authority, as PEM; from a state that shows its secrets. */
export function authorityKey(resources: StoredResource[]): string {
  const found = resources.find(({ type }) => type.endsWith(":SelfSignedCert"));
  return plain(found?.inputs?.["privateKeyPem"]);
}

/** A secret of the state in clear. */
function plain(value: unknown): string {
  if (typeof value === "string") return value;
  const { plaintext } = value as { plaintext: string };
  return JSON.parse(plaintext) as string;
}
