import type { DeploymentPlan, HostPlan } from "../../plan/types";
import type { Check } from "../manifest";
import { servicesOn, type Table } from "../service";
import { AUTHORITY } from "./authority";

/** The certificate that participants see, whoever issues it: nginx and coturn show it, certbot renews it, browsers verify it. */
export const PAGE = {
  certificate: "/etc/audio-meet/web/certificate.pem",
  key: "/etc/audio-meet/secrets/web.key",
  /** Who may have signed it, where it is none of the system's authorities. */
  authorities: "/etc/audio-meet/web/authorities.pem",
} as const;

/** Units on a host that show it. */
export function unitsWithPageCertificate(table: Table, plan: DeploymentPlan, host: HostPlan): string[] {
  return servicesOn(table, plan, host).flatMap(({ showsPageCertificate = [] }) => showsPageCertificate);
}

/** A certificate that no timer renews is missed in time: a new one takes days to get in many a company. */
const MINIMUM_DAYS = 7;

/** Whom a browser that is meant for this deployment trusts, and how fresh the certificate must be, as the https check takes it. */
export function browserTrust({
  certificate,
}: DeploymentPlan): Pick<Extract<Check, { kind: "https" }>, "caFile" | "trial" | "minimumDays"> {
  if (certificate.kind === "internal") return { caFile: AUTHORITY, minimumDays: MINIMUM_DAYS };
  if (certificate.kind === "acme" && certificate.isTrial) return { caFile: PAGE.certificate, trial: true };
  return {
    ...(certificate.caBundle !== undefined && { caFile: PAGE.authorities }),
    ...(certificate.kind === "provided" && { minimumDays: MINIMUM_DAYS }),
  };
}

/** An authority renews it on the host: what comes from here is only there until the first one is issued. */
export function seedOf({ certificate }: DeploymentPlan): { seed?: boolean } {
  return certificate.kind === "acme" ? { seed: true } : {};
}
