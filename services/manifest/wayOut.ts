export type { ProxyPlan as ProxySpec } from "../../plan/types";

/** One address that a host has to reach. */
export interface DestinationSpec {
  url: string;
  /** What is there, in a word or two. */
  purpose: string;
  /** Whether a first installation fails without it. */
  isNeeded: boolean;
  /** "<ID>-<VERSION_ID>" of the releases that ask there; absent: all. */
  releases?: string[];
  /** Who asks there knows no proxy at all, or none but the one that the deployment names; `reason` says who. */
  straight?: "always" | "unlessNamed";
  reason?: string;
}
