/** Processor architecture as Canonical's image names have it. */
export type Architecture = "amd64" | "arm64";

/** One EC2 instance type. */
export interface InstanceType {
  architecture: Architecture;
  cores: number;
  memoryMegabytes: number;
  /** What its network carries for long. */
  networkMbps: number;
  /** What EC2 counts and limits; of Intel's processors each is one of the two threads of a core. */
  vcpus: number;
  /** US dollars an hour, on demand, Linux, in us-east-1 on the day of `PRICES_OF` (facts/prices.ts). */
  dollarsPerHour: number;
}

const MEGABYTES_PER_GIGABYTE = 1024;

/** vCPUs of a size; the sizes of a family stand in this order. */
const VCPUS = { large: 2, xlarge: 4, "2xlarge": 8, "4xlarge": 16 } as const;

interface Family {
  architecture: Architecture;
  /** Source: EC2 documentation, "CPU options for Amazon EC2 instances", default threads per core. */
  threadsPerCore: number;
  memoryGigabytesPerVcpu: number;
  /** Sustained network (the "baseline bandwidth" of EC2's documentation) in Mbit/s, for each size that is offered here. */
  networkMbps: readonly number[];
  dollarsPerHour: readonly number[];
}

/** Baseline bandwidth of the sixth and seventh generation with Intel's, and of the seventh with Graviton processors. */
const INTEL_MBPS = [781, 1562, 3125, 6250];
const GRAVITON3_MBPS = [937, 1876, 3750, 7500];

const amd64 = { architecture: "amd64", threadsPerCore: 2, networkMbps: INTEL_MBPS } as const;
const arm64 = { architecture: "arm64", threadsPerCore: 1, networkMbps: GRAVITON3_MBPS } as const;
/** Gigabytes for each vCPU. */
const compute = { memoryGigabytesPerVcpu: 2 };
const general = { memoryGigabytesPerVcpu: 4 };

/**
 * Families with dedicated cores, and t3 for a trial: a burstable core is throttled in the middle of a long conference.
 * Sources: EC2 documentation, "Specifications for compute optimized / general purpose / burstable instances" (vCPUs, memory,
 * baseline bandwidth); EC2 on-demand price list of us-east-1.
 */
const FAMILIES: Record<string, Family> = {
  c6g: {
    ...arm64,
    ...compute,
    networkMbps: [750, 1250, 2500, 5000],
    dollarsPerHour: [0.068, 0.136, 0.272, 0.544],
  },
  c6i: { ...amd64, ...compute, dollarsPerHour: [0.085, 0.17, 0.34, 0.68] },
  c7g: { ...arm64, ...compute, dollarsPerHour: [0.0725, 0.145, 0.29, 0.58] },
  c7i: { ...amd64, ...compute, dollarsPerHour: [0.08925, 0.1785, 0.357, 0.714] },
  m6i: { ...amd64, ...general, dollarsPerHour: [0.096, 0.192, 0.384, 0.768] },
  m7g: { ...arm64, ...general, dollarsPerHour: [0.0816, 0.1632, 0.3264, 0.6528] },
  m7i: { ...amd64, ...general, dollarsPerHour: [0.1008, 0.2016, 0.4032, 0.8064] },
  t3: { ...amd64, ...general, networkMbps: [512, 1024, 2048], dollarsPerHour: [0.0832, 0.1664, 0.3328] },
};

/** The sizes of a family. */
function typesOf(name: string, family: Family): [name: string, type: InstanceType][] {
  const { architecture, threadsPerCore, memoryGigabytesPerVcpu } = family;
  return Object.entries(VCPUS).flatMap(([size, vcpus], at): [string, InstanceType][] => {
    const [networkMbps, dollarsPerHour] = [family.networkMbps[at], family.dollarsPerHour[at]];
    if (networkMbps === undefined || dollarsPerHour === undefined) return [];
    const [cores, memory] = [vcpus / threadsPerCore, vcpus * memoryGigabytesPerVcpu];
    const memoryMegabytes = memory * MEGABYTES_PER_GIGABYTE;
    return [
      [`${name}.${size}`, { architecture, vcpus, cores, memoryMegabytes, networkMbps, dollarsPerHour }],
    ];
  });
}

/** "c7i.xlarge" → what it is made of. */
export const INSTANCE_TYPES: Record<string, InstanceType> = Object.fromEntries(
  Object.entries(FAMILIES).flatMap(([name, family]) => typesOf(name, family)),
);

/** The instance type, which `config/` has found to be one of the table. Throws for another one. */
export function instanceType(name: string): InstanceType {
  const type = INSTANCE_TYPES[name];
  if (type === undefined) throw new Error(`no instance type ${name}; config/ lets none through`);
  return type;
}
