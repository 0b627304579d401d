import type { Service } from "./service";

/** Below these a deployment would not start, or not for long; what a room of a size needs is in docs/SCALING.md. */
export interface Requirements {
  memoryMegabytes: number;
  /** Absolute path → megabytes. */
  diskMegabytes: Record<string, number>;
}

/** The system itself, SSH, and apt while it installs. */
const BASE_MEMORY_MEGABYTES = 400;

/** What apt downloads before it unpacks, about half of that, and its lists of what there is. */
const DOWNLOAD_SHARE = 0.5;

/** Journal and logs of some days, before the first rotation. */
const LOGS_MEGABYTES = 200;

/**
 * The least that a host of these services must have. A machine sold with "1 GB" carries a small core or a bridge, and one with "2 GB"
 * both.
 */
export function requirements(services: Service[]): Requirements {
  const needs = services.flatMap((service) => service.needs ?? []);
  const packages = needs.reduce((sum, { packagesMegabytes }) => sum + packagesMegabytes, 0);
  return {
    memoryMegabytes: needs.reduce((sum, { memoryMegabytes }) => sum + memoryMegabytes, BASE_MEMORY_MEGABYTES),
    diskMegabytes: {
      "/usr": packages,
      "/var/cache/apt/archives": Math.ceil(packages * DOWNLOAD_SHARE),
      "/var/log": LOGS_MEGABYTES,
    },
  };
}
