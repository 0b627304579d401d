import { dirname } from "node:path";
import { coreHostOf } from "../plan/hosts";
import { publicNames } from "../plan/turn";
import type { DeploymentPlan } from "../plan/types";
import { destination } from "./destinations";
import { systemd } from "./escapers";
import { file, files, restart, ROOT_ONLY } from "./files";
import type { CertificateManifest, Files } from "./manifest";
import { PAGE, unitsWithPageCertificate } from "./links/pageCertificate";
import { PRICES } from "./prices";
import { render } from "./render";
import type { Service, Table } from "./service";
import { ofKind } from "./way";

const UNITS = { service: "audio-meet-certificate.service", timer: "audio-meet-certificate.timer" };
/** certbot's settings for the external account. */
export const EXTERNAL_ACCOUNT = "/etc/audio-meet/secrets/acme-eab.ini";

/** What renews a certificate that an authority issues. It is proven by what lies on the host and what its unit can do, since the next renewal may be months away. */
export const certificate: Service = {
  name: "certificate",
  role: "core",
  isOn: (plan) => plan.certificate.kind === "acme",
  // certbot asks for certificates; openssl, which it does not need itself, reads them for the helper.
  packages: () => ({ versions: { certbot: "*", openssl: "*" } }),
  secrets: ({ certificate: wanted }, _, secret) => {
    if (wanted.kind !== "acme" || wanted.eabKeyId === undefined) return {};
    const text = `eab-kid = ${wanted.eabKeyId}\neab-hmac-key = ${secret("acmeEabKey")}\n`;
    return file(EXTERNAL_ACCOUNT, text, ROOT_ONLY);
  },
  destinations: ({ certificate: wanted }) =>
    wanted.kind === "acme"
      ? [...new Set([wanted.server, wanted.rehearsalServer ?? wanted.server])].map((url) =>
          destination(url, "certificates"),
        )
      : [],
  files: () => ({ files: renewal(), run: [UNITS.timer] }),
  prices: { [UNITS.timer]: PRICES.background },
  checks: (plan) => [
    { kind: "unit", name: UNITS.timer },
    {
      kind: "certificate",
      path: PAGE.certificate,
      names: publicNames(plan),
      unit: UNITS.service,
    },
  ],
  way: (_, __, checks) => ({ certificate: ofKind(checks, "certificate") }),
};

function renewal(): Files {
  const folders = [...new Set([dirname(PAGE.certificate), dirname(PAGE.key)])];
  const view = { folders: folders.map((path) => ({ path })) };
  const unit = (name: string, content: string, units = {}) =>
    file(`/etc/systemd/system/${name}`, content, { check: "unit", units });
  return files(
    unit(UNITS.service, render("certificate/audio-meet-certificate.service", view, systemd)),
    unit(UNITS.timer, render("certificate/audio-meet-certificate.timer", {}, systemd), restart(UNITS.timer)),
  );
}

/** What the core asks an authority for. Throws where nobody is asked. */
export function certificateManifestOf(table: Table, plan: DeploymentPlan): CertificateManifest {
  const { certificate, contact } = plan;
  if (certificate.kind !== "acme") throw new Error("no authority is asked for a certificate");
  const { server, rehearsalServer, caBundle, eabKeyId } = certificate;
  const core = coreHostOf(plan);
  return {
    names: publicNames(plan),
    contact,
    server,
    ...(rehearsalServer !== undefined && { rehearsalServer }),
    ...(caBundle !== undefined && { authorities: PAGE.authorities }),
    ...(eabKeyId !== undefined && { externalAccount: { keyId: eabKeyId, keyFile: EXTERNAL_ACCOUNT } }),
    addresses: [core.publicAddress, core.privateAddress, core.ipv6Address].filter((one) => one !== undefined),
    certificate: PAGE.certificate,
    key: PAGE.key,
    units: unitsWithPageCertificate(table, plan, core),
  };
}
