import { certificate as certificateSettings, defaultIssuer } from "../config/certificate";
import type { Settings } from "../config/schema";
import type { CertificatePlan, HostPlan } from "./types";

/** Let's Encrypt's directories. Source: letsencrypt.org/docs/acme-protocol-updates and /docs/staging-environment. */
const LETSENCRYPT = "https://acme-v02.api.letsencrypt.org/directory";
const LETSENCRYPT_STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory";

/** Who issues the certificate that participants see, and how. */
export function certificatePlan(settings: Settings, core: HostPlan): CertificatePlan {
  const certificate =
    settings.certificate ?? certificateSettings.parse({ issuer: defaultIssuer(core.machine.provider) });
  switch (certificate.issuer) {
    case "internal":
      return { kind: "internal" };
    case "letsencrypt":
      return letsencrypt(certificate.staging, certificate.rehearsal);
    case "provided": {
      const { chain, caBundle } = certificate;
      return { kind: "provided", chain: withNewline(chain), ...bundle(caBundle) };
    }
    case "acme": {
      const { server, rehearsalServer, caBundle, externalAccount } = certificate;
      return {
        kind: "acme",
        server,
        isTrial: false,
        ...(rehearsalServer !== undefined && { rehearsalServer }),
        ...bundle(caBundle),
        ...(externalAccount !== undefined && { eabKeyId: externalAccount }),
      };
    }
  }
}

function letsencrypt(staging: boolean, rehearsal: boolean): CertificatePlan {
  if (staging) return { kind: "acme", server: LETSENCRYPT_STAGING, isTrial: true };
  const first = rehearsal ? { rehearsalServer: LETSENCRYPT_STAGING } : {};
  return { kind: "acme", server: LETSENCRYPT, isTrial: false, ...first };
}

function bundle(pem: string | undefined): { caBundle?: string } {
  return pem === undefined ? {} : { caBundle: withNewline(pem) };
}

/** Files end with a line break, however the text was written. */
function withNewline(pem: string): string {
  return `${pem.trim()}\n`;
}
