import type { DeploymentPlan } from "../plan/types";
import { firewallGroup } from "./firewall";
import type { FileGroup } from "./manifest";

/** What every host gets, whatever runs on it, in this order: the firewall before any daemon of ours opens a port. */
export const SYSTEM_GROUPS: ((plan: DeploymentPlan, hostId: string) => FileGroup)[] = [firewallGroup];
