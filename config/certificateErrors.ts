import { createPrivateKey, type X509Certificate } from "node:crypto";
import type { ConfigError } from "./errors";
import { canonicalHost } from "./host";
import { valueAt } from "./issues";
import { parsedCertificates } from "./pem";
import { CHAIN, endErrors, named, NEW_FIX, strengthErrors } from "./certificateStrength";
import { OPAQUE_SECRET } from "./pemTexts";
import { shown } from "./quoted";

const KEY = "jitsi:certificateKey";
const EAB_KEY = "jitsi:acmeEabKey";

/** id-kp-serverAuth (RFC 5280 §4.2.1.12). */
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

/**
 * What is wrong between `jitsi:certificate` and the secrets that belong to it, and with a provided certificate itself.
 * @param raw all keys by name, secrets included; none of them appears in an error
 * @param failed keys, as in errors, whose own value is wrong already
 */
export function certificateErrors(
  raw: Readonly<Record<string, unknown>>,
  failed: ReadonlySet<string>,
  now = new Date(),
): ConfigError[] {
  const issuer = valueAt(raw, ["certificate", "issuer"]);
  const chain = valueAt(raw, ["certificate", "chain"]);
  const isGood = issuer === "provided" && typeof chain === "string" && !failed.has(CHAIN);
  const certificates = isGood ? parsedCertificates(chain) : undefined;
  const authorities = valueAt(raw, ["certificate", "caBundle"]);
  const bundle = (typeof authorities === "string" && parsedCertificates(authorities)) || [];
  return [
    ...secretErrors(raw, issuer, valueAt(raw, ["certificate", "externalAccount"]) !== undefined),
    ...(certificates ? chainErrors(certificates, bundle, wantedNames(raw), now) : []),
    ...(certificates?.[0] && !failed.has(KEY) ? keyErrors(certificates[0], raw["certificateKey"]) : []),
  ];
}

function secretErrors(
  raw: Readonly<Record<string, unknown>>,
  issuer: unknown,
  hasExternalAccount: boolean,
): ConfigError[] {
  return [
    ...pairing(KEY, raw["certificateKey"], issuer === "provided", "{ issuer: provided }"),
    ...pairing(
      EAB_KEY,
      raw["acmeEabKey"],
      issuer === "acme" && hasExternalAccount,
      "an externalAccount of { issuer: acme }",
    ),
  ];
}

/** A secret is there exactly if something uses it. */
function pairing(key: string, value: unknown, isNeeded: boolean, user: string): ConfigError[] {
  if ((value !== undefined) === isNeeded) return [];
  const rule = `This secret belongs to ${user}: both are needed.`;
  return isNeeded
    ? [{ key, finding: "is missing", rule, fix: `Set it: pulumi config set --secret ${key} --stack STACK` }]
    : [
        {
          key,
          finding: "is set (value not shown), but nothing uses it",
          rule,
          fix: `Remove it: pulumi config rm ${key} --stack STACK`,
        },
      ];
}

/** The domain and the name of the TURN server, as far as they can be read; the same as in plan/turn.ts. */
function wantedNames(raw: Readonly<Record<string, unknown>>): string[] {
  if (typeof raw["domain"] !== "string") return [];
  const domain = canonicalHost(raw["domain"]);
  const turn = (name: string) => valueAt(raw, ["turn", name]);
  const stated = turn("name");
  if (turn("enabled") === false) return [domain];
  if (typeof stated === "string") return [...new Set([domain, canonicalHost(stated)])];
  return turn("tls443") === true ? [domain, `turn.${domain}`] : [domain];
}

function chainErrors(
  certificates: X509Certificate[],
  known: X509Certificate[],
  names: string[],
  now: Date,
): ConfigError[] {
  const [leaf, ...signers] = certificates;
  const errors: ConfigError[] = [];
  const add = (finding: string, rule: string, fix: string) => errors.push({ key: CHAIN, finding, rule, fix });
  if (leaf?.ca && signers.length > 0) {
    add(
      `begins with ${named(leaf)}, which is an authority`,
      "The certificate of the domain comes first, then each certificate that signed the one before it.",
      "Turn the order round: first the certificate of the domain, then its authorities.",
    );
  } else {
    signers.forEach((signer, index) => {
      const signed = certificates[index];
      if (!signed || (signed.checkIssued(signer) && signed.verify(signer.publicKey))) return;
      add(
        `has ${named(signer)} at place ${index + 2}, which did not sign ${named(signed)} before it`,
        "The certificate of the domain comes first, then each certificate that signed the one before it.",
        "Use the file that the authority calls full chain or bundle; remove everything else.",
      );
    });
  }
  for (const one of certificates) {
    const [from, to] = [new Date(one.validFrom), new Date(one.validTo)];
    if (from <= now && now < to) continue;
    const ended = to <= now;
    add(
      `holds ${named(one)}, which ${ended ? `ended on ${one.validTo}` : `begins on ${one.validFrom}`}`,
      "Every certificate of the chain is valid today.",
      ended ? NEW_FIX : "Wait until then, or correct the clock of this machine.",
    );
  }
  for (const one of certificates) errors.push(...strengthErrors(one));
  if (leaf) errors.push(...leafErrors(leaf, names), ...endErrors(certificates, known));
  return errors;
}

function leafErrors(leaf: X509Certificate, names: string[]): ConfigError[] {
  const errors: ConfigError[] = [];
  const missing = names.filter((name) => !leaf.checkHost(name, { subject: "never" }));
  if (missing.length > 0) {
    errors.push({
      key: CHAIN,
      finding: `is for ${leaf.subjectAltName ?? "no name at all"}, not for ${missing.map((name) => shown(name)).join(" and ")}`,
      rule: "The certificate has the domain and the name of TURN among its alternative names (a common name alone does not count).",
      fix: NEW_FIX,
    });
  }
  // Node calls the extended usages keyUsage; without the extension any use is allowed.
  const usages = leaf.keyUsage as string[] | undefined;
  if (usages && usages.length > 0 && !usages.includes(SERVER_AUTH)) {
    errors.push({
      key: CHAIN,
      finding: `begins with ${named(leaf)}, which is not for servers`,
      rule: "The certificate of the domain may be used for server authentication.",
      fix: NEW_FIX,
    });
  }
  return errors;
}

function keyErrors(leaf: X509Certificate, key: unknown): ConfigError[] {
  if (typeof key !== "string" || key === OPAQUE_SECRET || leaf.checkPrivateKey(createPrivateKey(key)))
    return [];
  return [
    {
      key: KEY,
      finding: `does not belong to ${named(leaf)} (value not shown)`,
      rule: "The key is that of the first certificate of the chain.",
      fix: `Set the key that was made for it: pulumi config set --secret ${KEY} --stack STACK < key.pem`,
    },
  ];
}
