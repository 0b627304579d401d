import { z } from "zod";
import { fieldInfos, group, oneOf, structure, text, toggle, variant } from "./field";
import { authorities, certificates, OPAQUE_SECRET } from "./pemTexts";
import { url } from "./urls";

/** Who may issue the certificate that participants see. */
const ISSUERS = ["letsencrypt", "acme", "provided", "internal"] as const;

const issuer = oneOf(
  {
    description:
      "Who issues it: `letsencrypt`; `acme`, any other authority with an ACME server; `provided`, a certificate that you have; `internal`, our own authority, for a closed network. Stating one of the last three allows private addresses as public ones.",
    example: "letsencrypt",
    rule: `An issuer is one of ${ISSUERS.join(", ")}.`,
    fix: "Write { issuer: letsencrypt } for a public name, { issuer: internal } for a closed network.",
  },
  ISSUERS,
);

const info = {
  ...group("The certificate that participants see.", "{ issuer: letsencrypt }"),
  fallback: "`{ issuer: letsencrypt }`; `{ issuer: internal }` where the core is a lab host",
};

const caBundle = (description: string) =>
  authorities({ description, example: "|", fallback: "the authorities that the core's system knows" });

/** `jitsi:certificate` with `issuer: letsencrypt`. */
const letsencrypt = structure(info, {
  issuer,
  staging: toggle(
    "The certificate itself comes from Let's Encrypt's staging, which browsers refuse and whose limits are high: for trying out.",
  ).default(false),
  rehearsal: toggle(
    "Before the first certificate a test run asks staging, so that failed tries never meet the weekly limits.",
  ).default(true),
});

/** `jitsi:certificate` with `issuer: acme`. */
const acme = structure(info, {
  issuer,
  server: url({
    description: "Directory of the authority's ACME server.",
    example: "https://ca.example.org/acme/directory",
  }),
  rehearsalServer: url({
    description: "Directory of the authority's test server, asked before the first certificate.",
    example: "https://test.ca.example.org/acme/directory",
    fallback: "no test run",
  }).exactOptional(),
  caBundle: caBundle(
    "Authorities that signed the ACME server's own certificate and that sign its certificates, PEM.",
  ).exactOptional(),
  externalAccount: text(
    {
      description:
        "Key id of the account at the authority to which ours is bound; its HMAC key is `jitsi:acmeEabKey`.",
      example: "kid-1",
      rule: "A key id is what the authority gave out: letters, digits and . _ ~ - without spaces, at most 200 characters.",
      fix: "Copy it from the authority's page for external account binding.",
      fallback: "no account at the authority",
    },
    { problem: (value) => (/^[\w.~-]{1,200}$/.test(value) ? undefined : true) },
  ).exactOptional(),
});

/** `jitsi:certificate` with `issuer: provided`. */
const provided = structure(info, {
  issuer,
  chain: certificates({
    description:
      "The certificate of the domain, then each certificate that signed the one before it, PEM; its key is `jitsi:certificateKey`.",
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

/** HMAC key of an external account, as authorities give it out (RFC 8555 §7.3.4: base64url). */
export const acmeEabKey = text(
  {
    description: "HMAC key of the external account at the authority (secret).",
    example: "pulumi config set --secret jitsi:acmeEabKey --stack STACK",
    rule: "It is the HMAC key in base64url, as the authority gave it out.",
    fix: "Copy it again from the authority's page for external account binding, without spaces.",
    fallback: "none",
  },
  {
    secret: true,
    problem: (value) => (value === OPAQUE_SECRET || /^[\w-]{16,}=*$/.test(value) ? undefined : true),
  },
);
