import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";
import { brokenHash } from "./brokenHash";
import type { ConfigError } from "./errors";
import { RSA_BITS } from "./keyForms";
import { shownPublic } from "./quoted";

export const CHAIN = "jitsi:certificate.chain";

export const NEW_FIX =
  "Get a new certificate from the authority that issued this one, and write its chain and its key.";

/** Whom a certificate is for, as an error names it. */
export const named = ({ subject, subjectAltName }: X509Certificate): string =>
  shownPublic((subject || (subjectAltName ?? "")).replaceAll("\n", ", "));

const isSignedBy = (one: X509Certificate, signer: X509Certificate) =>
  one.checkIssued(signer) && one.verify(signer.publicKey);

/** Why browsers refuse a key, as the end of "has"; undefined where they take it. */
function weakness({ publicKey }: X509Certificate): string | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  const bits = details?.modulusLength ?? 0;
  if (type === "rsa") return bits < RSA_BITS ? `an RSA key of ${bits} bits` : undefined;
  return type === "ec" ? undefined : `a key of the kind ${type ?? "unknown"}`;
}

/** A certificate whose key or signature no browser takes. The signature of a root is not looked at by anybody. */
export function strengthErrors(one: X509Certificate): ConfigError[] {
  const key = weakness(one);
  const hash = isSignedBy(one, one) ? undefined : brokenHash(one);
  return [
    ...(key === undefined
      ? []
      : [
          {
            key: CHAIN,
            finding: `holds ${named(one)}, which has ${key}`,
            rule: `Browsers accept RSA of at least ${RSA_BITS} bits, and elliptic curves as in P-256.`,
            fix: `${NEW_FIX} A key and a request: openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -out request.pem`,
          },
        ]),
    ...(hash === undefined
      ? []
      : [
          {
            key: CHAIN,
            finding: `holds ${named(one)}, which is signed with ${hash}`,
            rule: "Signatures with MD5 and SHA-1 can be forged, and browsers refuse them.",
            fix: `${NEW_FIX} Check it with: openssl x509 -in cert.pem -noout -text | grep Signature`,
          },
        ]),
  ];
}

/** Whether a root that browsers know signed it. */
function isSignedByPublicRoot(one: X509Certificate): boolean {
  return rootCertificates.some((pem) => isSignedBy(one, new X509Certificate(pem)));
}

/**
 * A chain whose last certificate says where its signer is to be fetched, which browsers do not do, and whose signer nobody knows.
 * Without that word the signer may be a root that the participants' devices have.
 */
export function endErrors(certificates: X509Certificate[], known: X509Certificate[]): ConfigError[] {
  const last = certificates.at(-1);
  const place = /CA Issuers - URI:(\S+)/.exec(last?.infoAccess ?? "")?.[1];
  if (!last || place === undefined || isSignedBy(last, last)) return [];
  if (known.some((authority) => isSignedBy(last, authority)) || isSignedByPublicRoot(last)) return [];
  return [
    {
      key: CHAIN,
      finding: `ends with ${named(last)}, but the certificate that signed it is missing`,
      rule: "After the certificate of the domain comes each certificate that signed the one before it, up to one that is signed by a root certificate known to browsers.",
      fix: `Use the file that the authority calls full chain, or add the signer: curl -s ${shownPublic(place)} | openssl x509 (with -inform der where it asks for it); a root of your own belongs into caBundle.`,
    },
  ];
}
