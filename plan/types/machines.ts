import type { LabSuite } from "../../facts/labHost";
import type { ReleaseFacts } from "../../facts/releases";

/** How a machine is reached and where it comes from. */
export type MachinePlan = AwsMachinePlan | LabMachinePlan | ExistingMachinePlan;

/** An EC2 instance that this program creates. Its addresses are known once it was created (plan/addressBook.ts). */
export interface AwsMachinePlan {
  provider: "aws";
  /** Where SSH connects: the elastic address. */
  address: string;
  instanceType: string;
  /** A new number makes a new instance with a new address beside the old one. */
  generation: number;
}

/** One AWS region's share of the deployment. */
export interface AwsRegionPlan {
  /** Name of the region in the config; resource names come from it. */
  name: string;
  /** AWS's own name, e.g. "eu-central-1". */
  awsRegion: string;
  /** From where port 22 opens, CIDR. */
  adminCidrs: string[];
  ubuntu: "22.04" | "24.04";
  /** Image to take instead of the newest of that release. */
  image?: string;
  volumeGigabytes: number;
  terminationProtection: boolean;
  ipv6: boolean;
  /** Availability zone of our own subnet, e.g. "eu-central-1a"; absent: AWS chooses one. */
  zone?: string;
  /** A network to adopt; absent: a VPC of our own. */
  network?: { vpc: string; subnet: string };
}

/** A guest on the machine that runs `pulumi`. Address, name and folder follow from domain, id and generation. */
export interface LabMachinePlan {
  provider: "lab";
  /** Name of the guest, e.g. "am-3f9a1c-fra-1-g1". */
  name: string;
  /** Address on the lab's bridge, known before the guest exists. */
  address: string;
  /** Who logs in. */
  user: string;
  suite: LabSuite;
  mirror?: string;
  memoryMegabytes?: number;
  generation: number;
}

/** A server that already exists and that we log in to. */
export interface ExistingMachinePlan {
  provider: "existing";
  /** Where SSH connects. */
  address: string;
  user: string;
  port: number;
  /** One authorized_keys-style line. */
  hostKey: string;
  jumpHost?: JumpHost;
}

/** A host between us and the machine. */
export interface JumpHost {
  address: string;
  user: string;
  port: number;
  hostKey: string;
}

/** What the machine is made of; where a host has none, cores and memory are read on the host. */
export interface MachineSize {
  cores: number;
  memoryMegabytes: number;
  /** Not known unless it is stated: nothing on a host tells what its network carries. */
  networkMbps?: number;
}

/** What a machine is for. */
export type Role = "core" | "videobridge" | "recorder" | "monitoring";

/** One machine and who lives on it. */
export interface HostPlan {
  /** "core" for the core, "monitoring" for the machine with Prometheus, else the id of the bridge or recorder. */
  id: string;
  region: string;
  machine: MachinePlan;
  /** Reachable from participants. */
  publicAddress: string;
  /** Reachable from the other hosts of the same region. */
  privateAddress?: string;
  /** Reachable from participants, beside an IPv4 `publicAddress`. */
  ipv6Address?: string;
  /** Public address of the first machine that had this place, where each has one of its own; absent: of this very machine. */
  firstPublicAddress?: string;
  size?: MachineSize;
  /** What differs on it from every other machine of its release. */
  ownFacts?: Partial<ReleaseFacts>;
  /** HTTP proxy through which it reaches the Internet, e.g. "http://proxy.example.org:3128"; absent: the host's own settings say. */
  httpProxy?: string;
  roles: Role[];
}

/** An HTTP proxy that the deployment names, and what is reached without it: names, addresses, networks. */
export interface ProxyPlan {
  url: string;
  except: string[];
}
