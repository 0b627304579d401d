import type { DeploymentPlan } from "../plan/types";
import { firewallGroup } from "./firewall";
import { kernelGroup } from "./kernel";
import type { FileGroup } from "./manifest";
import { upkeepGroup } from "./upkeep";

/** What every host gets, whatever runs on it, in this order: the firewall before any daemon of ours opens a port. */
export const SYSTEM_GROUPS: ((plan: DeploymentPlan, hostId: string) => FileGroup)[] = [
  firewallGroup,
  kernelGroup,
  upkeepGroup,
];
