import { dirname } from "node:path";
import { publicNames } from "../plan/turn";
import type { DeploymentPlan } from "../plan/types";
import { systemd } from "./escapers";
import { file, files, restart } from "./files";
import type { CertificateManifest, Check, FileGroup, Files } from "./manifest";
import { PATHS, UNITS } from "./paths";
import { render } from "./render";
import { webUnits } from "./trust";

/** What renews a certificate that an authority issues; where nobody does, there is no such group. */
export function certificateGroup(): FileGroup {
  return { group: "certificate", files: renewal(), run: [UNITS.certificateTimer] };
}

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

/** A certificate that no timer renews is missed in time: a new one takes days to get in many a company. */
const MINIMUM_DAYS = 7;

/** Whom a browser that is meant for this deployment trusts, and how fresh the certificate must be, as the https check takes it. */
export function browserTrust({
  certificate,
}: DeploymentPlan): Pick<Extract<Check, { kind: "https" }>, "caFile" | "trial" | "minimumDays"> {
  if (certificate.kind === "internal") return { caFile: PATHS.ca, minimumDays: MINIMUM_DAYS };
  if (certificate.kind === "acme" && certificate.isTrial)
    return { caFile: PATHS.webCertificate, trial: true };
  return {
    ...(certificate.caBundle !== undefined && { caFile: PATHS.webAuthorities }),
    ...(certificate.kind === "provided" && { minimumDays: MINIMUM_DAYS }),
  };
}

/** The renewal is proven by what lies on the host and what its unit can do, since the next one may be months away. */
export function certificateChecks(plan: DeploymentPlan): Check[] {
  if (plan.certificate.kind !== "acme") return [];
  const names = publicNames(plan);
  return [
    { kind: "unit", name: UNITS.certificateTimer },
    { kind: "certificate", path: PATHS.webCertificate, names, unit: UNITS.certificate },
  ];
}
