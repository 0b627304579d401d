import { dirname } from "node:path";
import { publicNames } from "../plan/turn";
import type { DeploymentPlan } from "../plan/types";
import { systemd } from "./escapers";
import { file, files, restart, ROOT_ONLY } from "./files";
import type { CertificateManifest, Files } from "./manifest";
import { PATHS, UNITS } from "./paths";
import { render } from "./render";
import type { Service } from "./service";
import { webUnits } from "./trust";

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
    return file(PATHS.acmeEab, text, ROOT_ONLY);
  },
  files: () => ({ files: renewal(), run: [UNITS.certificateTimer] }),
  checks: (plan) => [
    { kind: "unit", name: UNITS.certificateTimer },
    {
      kind: "certificate",
      path: PATHS.webCertificate,
      names: publicNames(plan),
      unit: UNITS.certificate,
    },
  ],
};

function renewal(): Files {
  const folders = [...new Set([dirname(PATHS.webCertificate), dirname(PATHS.webKey)])];
  const view = { folders: folders.map((path) => ({ path })) };
  const unit = (name: string, content: string, units = {}) =>
    file(`/etc/systemd/system/${name}`, content, { check: "unit", units });
  return files(
    unit(UNITS.certificate, render("certificate/audio-meet-certificate.service", view, systemd)),
    unit(
      UNITS.certificateTimer,
      render("certificate/audio-meet-certificate.timer", {}, systemd),
      restart(UNITS.certificateTimer),
    ),
  );
}

/** What the core asks an authority for. Throws where nobody is asked. */
export function certificateManifest(plan: DeploymentPlan): CertificateManifest {
  const { certificate, contact } = plan;
  if (certificate.kind !== "acme") throw new Error("no authority is asked for a certificate");
  const { server, rehearsalServer, caBundle, eabKeyId } = certificate;
  const core = plan.hosts.find(({ id }) => id === plan.core.hostId);
  if (!core) throw new Error("the plan has no core");
  return {
    names: publicNames(plan),
    contact,
    server,
    ...(rehearsalServer !== undefined && { rehearsalServer }),
    ...(caBundle !== undefined && { authorities: PATHS.webAuthorities }),
    ...(eabKeyId !== undefined && { externalAccount: { keyId: eabKeyId, keyFile: PATHS.acmeEab } }),
    addresses: [core.publicAddress, core.privateAddress, core.ipv6Address].filter((one) => one !== undefined),
    certificate: PATHS.webCertificate,
    key: PATHS.webKey,
    units: webUnits(plan),
  };
}
