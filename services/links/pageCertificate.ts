import type { DeploymentPlan } from "../../plan/types";
import type { Check } from "../manifest";
import { PATHS } from "../paths";

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

/** An authority renews it on the host: what comes from here is only there until the first one is issued. */
export function seedOf({ certificate }: DeploymentPlan): { seed?: boolean } {
  return certificate.kind === "acme" ? { seed: true } : {};
}
