import type { DeploymentPlan } from "../plan/types";
import { file, files, restart } from "./files";
import { TRUSTSTORE } from "./java";
import { AUTHORITY } from "./links/authority";
import type { FileGroup } from "./manifest";
import { hostPlanOf } from "./roles";
import { servicesOn, type TrustPems } from "./service";
import { SERVICES } from "./table";
import { javaTruststore } from "./truststore";

/**
 * What a host trusts and shows: our authority, the truststore of its Java daemons, the certificates of its services. Java reads a new
 * authority at a restart.
 *
 * @param truststore base64; default: made of the authority's certificate
 */
export function trustGroup(
  plan: DeploymentPlan,
  hostId: string,
  pems: TrustPems,
  truststore = javaTruststore(pems.caPem).toString("base64"),
): FileGroup {
  const host = hostPlanOf(plan, hostId);
  const services = servicesOn(SERVICES, plan, host);
  const java = services.flatMap(({ javaUnits = [] }) => javaUnits);
  return {
    group: "trust",
    files: files(
      file(AUTHORITY, pems.caPem),
      java.length > 0 ? file(TRUSTSTORE, truststore, { encoding: "base64", units: restart(...java) }) : {},
      ...services.map((service) => service.trust?.(plan, pems, SERVICES, host) ?? {}),
    ),
    run: [],
  };
}
