import { z } from "zod";
import { fieldInfos, group, oneOf, structure, text, toggle, variant } from "./field";
import { authorities, certificates, OPAQUE_SECRET } from "./pemTexts";
import { url } from "./urls";

/** Who may issue the certificate that participants see. */
const ISSUERS = ["letsencrypt", "acme", "provided", "internal"] as const;

const issuer = oneOf(
  {
    description:
      "Issuer. `letsencrypt`; `acme`: another authority with an ACME server; `provided`: your own certificate; `internal`: the private authority of the deployment, for a closed network. With the last three, private addresses are allowed as public addresses.",
    example: "letsencrypt",
    rule: `An issuer is one of ${ISSUERS.join(", ")}.`,
    fix: "Write { issuer: letsencrypt } for a public name, { issuer: internal } for a closed network.",
  },
  ISSUERS,
);

const info = {
  ...group("Certificate of the page.", "{ issuer: letsencrypt }"),
  fallback: "`{ issuer: letsencrypt }`; `{ issuer: internal }` where the core is a lab host",
};

const caBundle = (description: string) =>
  authorities({ description, example: "|", fallback: "the CA certificates of the core's system" });

/** `jitsi:certificate` with `issuer: letsencrypt`. */
const letsencrypt = structure(info, {
  issuer,
  staging: toggle(
    "Requests the certificate from Let's Encrypt's staging environment, for tests: browsers refuse it, and its rate limits are high.",
  ).default(false),
  rehearsal: toggle(
    "Before the first certificate, does a test run with the staging environment, so that failed attempts do not count against the weekly rate limits.",
  ).default(true),
});

/** `jitsi:certificate` with `issuer: acme`. */
const acme = structure(info, {
  issuer,
  server: url({
    description: "Directory URL of the authority's ACME server.",
    example: "https://ca.example.org/acme/directory",
  }),
  rehearsalServer: url({
    description: "Directory URL of the authority's test server, used before the first certificate.",
    example: "https://test.ca.example.org/acme/directory",
    fallback: "no test run",
  }).exactOptional(),
  caBundle: caBundle(
    "CA certificates in PEM that signed the ACME server's own certificate, and that sign the certificates it issues.",
  ).exactOptional(),
  externalAccount: text(
    {
      description:
        "Key id for external account binding at the authority; the HMAC key is `jitsi:acmeEabKey`.",
      example: "kid-1",
      rule: "A key id is the text that the authority gave you: letters, digits and . _ ~ - without spaces, at most 200 characters.",
      fix: "Copy it from the authority's page for external account binding.",
      fallback: "no external account binding",
    },
    { problem: (value) => (/^[\w.~-]{1,200}$/.test(value) ? undefined : true) },
  ).exactOptional(),
});

/** `jitsi:certificate` with `issuer: provided`. */
const provided = structure(info, {
  issuer,
  chain: certificates({
    description:
      "Certificate chain in PEM: the certificate of the domain, then each certificate that signed the one before it. Its private key is `jitsi:certificateKey`.",
    example: "|",
  }),
  caBundle: caBundle("Authorities that the participants' devices know, PEM.").exactOptional(),
});

/** `jitsi:certificate` with `issuer: internal`. */
const internal = structure(info, { issuer });

const unknown = z.looseObject({ issuer });
fieldInfos.add(unknown, info);

type CertificateSettings =
  | (z.output<typeof letsencrypt> & { issuer: "letsencrypt" })
  | (z.output<typeof acme> & { issuer: "acme" })
  | (z.output<typeof provided> & { issuer: "provided" })
  | (z.output<typeof internal> & { issuer: "internal" });

/** Shapes for the reference page, by issuer. */
export const certificateShapes = { letsencrypt, acme, provided, internal };

function shapeOf(raw: unknown): z.ZodType<CertificateSettings> {
  const name = typeof raw === "object" && raw !== null ? (raw as { issuer?: unknown }).issuer : undefined;
  const isKnown = ISSUERS.some((known) => known === name);
  // A structure with another issuer always has an error, so nothing of that shape gets through.
  return (isKnown ? certificateShapes[name as keyof typeof certificateShapes] : unknown) as never;
}

/** `jitsi:certificate`. */
export const certificate = variant(shapeOf).register(fieldInfos, info);

/** The issuer that knows public names alone. */
export const PUBLIC_ISSUER = "letsencrypt";

/** Who issues where nothing is said: Let's Encrypt, but for a core in the lab, which it cannot reach. */
export function defaultIssuer(coreProvider: string | undefined) {
  return coreProvider === "lab" ? "internal" : PUBLIC_ISSUER;
}

/** HMAC key of an external account, as authorities give it out (RFC 8555 §7.3.4: base64url). */
export const acmeEabKey = text(
  {
    description: "HMAC key for external account binding at the authority (secret).",
    example: "pulumi config set --secret jitsi:acmeEabKey --stack STACK",
    rule: "It is the HMAC key in base64url, as the authority gave it to you.",
    fix: "Copy it again from the authority's page for external account binding, without spaces.",
    fallback: "none",
  },
  {
    secret: true,
    problem: (value) => (value === OPAQUE_SECRET || /^[\w-]{16,}=*$/.test(value) ? undefined : true),
  },
);
