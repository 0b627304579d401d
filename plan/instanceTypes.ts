import type { MachineSize } from "./types";

/** Processor architecture as Canonical's image names have it. */
export type Architecture = "amd64" | "arm64";

/** One EC2 instance type. */
export interface InstanceType extends Required<MachineSize> {
  architecture: Architecture;
  /** US dollars an hour, on demand, Linux, in us-east-1 on the day of `PRICES_OF` (plan/prices.ts). */
  dollarsPerHour: number;
}

const MEGABYTES_PER_GIGABYTE = 1024;

interface Family {
  architecture: Architecture;
  memoryGigabytesPerCore: number;
  /** Cores, sustained network (the "baseline bandwidth" of EC2's documentation) in Mbit/s, dollars an hour; by size. */
  sizes: Record<string, readonly [cores: number, networkMbps: number, dollarsPerHour: number]>;
}

/**
 * Families with dedicated cores, and t3 for a trial: a burstable core is throttled in the middle of a long conference.
 * Sources: EC2 documentation, "Specifications for compute optimized / general purpose / burstable instances" (vCPUs, memory,
 * baseline bandwidth); EC2 on-demand price list of us-east-1.
 */
const FAMILIES: Record<string, Family> = {
  c6g: {
    architecture: "arm64",
    memoryGigabytesPerCore: 2,
    sizes: {
      large: [2, 750, 0.068],
      xlarge: [4, 1250, 0.136],
      "2xlarge": [8, 2500, 0.272],
      "4xlarge": [16, 5000, 0.544],
    },
  },
  c6i: {
    architecture: "amd64",
    memoryGigabytesPerCore: 2,
    sizes: {
      large: [2, 781, 0.085],
      xlarge: [4, 1562, 0.17],
      "2xlarge": [8, 3125, 0.34],
      "4xlarge": [16, 6250, 0.68],
    },
  },
  c7g: {
    architecture: "arm64",
    memoryGigabytesPerCore: 2,
    sizes: {
      large: [2, 937, 0.0725],
      xlarge: [4, 1876, 0.145],
      "2xlarge": [8, 3750, 0.29],
      "4xlarge": [16, 7500, 0.58],
    },
  },
  c7i: {
    architecture: "amd64",
    memoryGigabytesPerCore: 2,
    sizes: {
      large: [2, 781, 0.08925],
      xlarge: [4, 1562, 0.1785],
      "2xlarge": [8, 3125, 0.357],
      "4xlarge": [16, 6250, 0.714],
    },
  },
  m6i: {
    architecture: "amd64",
    memoryGigabytesPerCore: 4,
    sizes: {
      large: [2, 781, 0.096],
      xlarge: [4, 1562, 0.192],
      "2xlarge": [8, 3125, 0.384],
      "4xlarge": [16, 6250, 0.768],
    },
  },
  m7g: {
    architecture: "arm64",
    memoryGigabytesPerCore: 4,
    sizes: {
      large: [2, 937, 0.0816],
      xlarge: [4, 1876, 0.1632],
      "2xlarge": [8, 3750, 0.3264],
      "4xlarge": [16, 7500, 0.6528],
    },
  },
  m7i: {
    architecture: "amd64",
    memoryGigabytesPerCore: 4,
    sizes: {
      large: [2, 781, 0.1008],
      xlarge: [4, 1562, 0.2016],
      "2xlarge": [8, 3125, 0.4032],
      "4xlarge": [16, 6250, 0.8064],
    },
  },
  t3: {
    architecture: "amd64",
    memoryGigabytesPerCore: 4,
    sizes: { large: [2, 512, 0.0832], xlarge: [4, 1024, 0.1664], "2xlarge": [8, 2048, 0.3328] },
  },
};

/** "c7i.xlarge" → what it is made of. */
export const INSTANCE_TYPES: Record<string, InstanceType> = Object.fromEntries(
  Object.entries(FAMILIES).flatMap(([family, { architecture, memoryGigabytesPerCore, sizes }]) =>
    Object.entries(sizes).map(([size, [cores, networkMbps, dollarsPerHour]]) => [
      `${family}.${size}`,
      {
        architecture,
        cores,
        memoryMegabytes: cores * memoryGigabytesPerCore * MEGABYTES_PER_GIGABYTE,
        networkMbps,
        dollarsPerHour,
      },
    ]),
  ),
);

/** The instance type, which `config/` has found to be one of the table. Throws for another one. */
export function instanceType(name: string): InstanceType {
  const type = INSTANCE_TYPES[name];
  if (type === undefined) throw new Error(`no instance type ${name}; config/ lets none through`);
  return type;
}
