import * as x509 from "@peculiar/x509";

const { KeyUsageFlags } = x509;

/** Key usages by the provider's names. Source: @pulumi/tls selfSignedCert.d.ts `allowedUses`, RFC 5280 §4.2.1.3. */
const KEY_USAGES: Record<string, x509.KeyUsageFlags> = {
  digital_signature: KeyUsageFlags.digitalSignature,
  content_commitment: KeyUsageFlags.nonRepudiation,
  key_encipherment: KeyUsageFlags.keyEncipherment,
  data_encipherment: KeyUsageFlags.dataEncipherment,
  key_agreement: KeyUsageFlags.keyAgreement,
  cert_signing: KeyUsageFlags.keyCertSign,
  crl_signing: KeyUsageFlags.cRLSign,
  encipher_only: KeyUsageFlags.encipherOnly,
  decipher_only: KeyUsageFlags.decipherOnly,
};

/** Extended key usages. Source: RFC 5280 §4.2.1.12 and Go's crypto/x509 for the vendors' own. */
const EXTENDED_USAGES: Record<string, string> = {
  any_extended: "2.5.29.37.0",
  server_auth: "1.3.6.1.5.5.7.3.1",
  client_auth: "1.3.6.1.5.5.7.3.2",
  code_signing: "1.3.6.1.5.5.7.3.3",
  email_protection: "1.3.6.1.5.5.7.3.4",
  ipsec_end_system: "1.3.6.1.5.5.7.3.5",
  ipsec_tunnel: "1.3.6.1.5.5.7.3.6",
  ipsec_user: "1.3.6.1.5.5.7.3.7",
  timestamping: "1.3.6.1.5.5.7.3.8",
  ocsp_signing: "1.3.6.1.5.5.7.3.9",
  microsoft_server_gated_crypto: "1.3.6.1.4.1.311.10.3.3",
  netscape_server_gated_crypto: "2.16.840.1.113730.4.1",
  microsoft_commercial_code_signing: "1.3.6.1.4.1.311.2.1.22",
  microsoft_kernel_code_signing: "1.3.6.1.4.1.311.61.1.1",
};

/** Why each name that is no usage is refused. The SDK's documentation shows camelCase, the provider takes snake_case. */
export function unknownUsages(usages: readonly string[]): string[] {
  const known = { ...KEY_USAGES, ...EXTENDED_USAGES };
  return usages
    .filter((usage) => !Object.hasOwn(known, usage))
    .map((usage) => {
      const snake = usage.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return `${usage} is no key usage${Object.hasOwn(known, snake) ? `; write ${snake}` : ""}`;
    });
}

function union(flags: x509.KeyUsageFlags[]): x509.KeyUsageFlags {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- a union of bit flags has no name of its own
  return flags.reduce<number>((sum, flag) => sum | flag, 0);
}

/** The usage extensions for a list of names. */
export function usageExtensions(usages: readonly string[]): x509.Extension[] {
  const flags = usages.map((name) => KEY_USAGES[name]).filter((flag) => flag !== undefined);
  const extended = usages.flatMap((name) => EXTENDED_USAGES[name] ?? []);
  return [
    ...(flags.length === 0 ? [] : [new x509.KeyUsagesExtension(union(flags), true)]),
    ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
  ];
}
