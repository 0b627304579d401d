import type { Port } from "../facts/ports";
import type { ReleaseFacts } from "../facts/releases";
import type { DeploymentPlan, HostPlan, Role, VideobridgePlan } from "../plan/types";
import { joinedGroup } from "./joinedGroup";
import type {
  Check,
  DestinationSpec,
  FileGroup,
  Files,
  PackagesManifest,
  RepositorySpec,
  UnpackSpec,
} from "./manifest";
import type { Price } from "./prices";

/** Checks by the link of a call's way that they prove. */
export type Way = Record<string, Check[]>;

/** What a service installs on a host of one release. */
export interface Packages {
  repositories?: RepositorySpec[];
  /** Package → exact version or pattern; "*" is whatever the repositories hold. */
  versions?: Record<string, string>;
  unpack?: Record<string, UnpackSpec>;
  preseed?: PackagesManifest["preseed"];
}

/** A source of metrics on a host, and a name that proves that it is the right one. */
export interface MetricsSource {
  /** Job in Prometheus and module at the door. */
  name: string;
  port: Port;
  metric: string;
}

/** What monitoring looks at, of a service. */
interface Watched {
  packages?: string[];
  /** Units whose main process's open files are counted. */
  units?: string[];
  /** Absolute paths of PEM files whose ends are told. */
  certificates?: string[];
  /** Figures of the plan itself, by metric. */
  gauges?: (plan: DeploymentPlan) => Record<string, number>;
  /** Absolute path of what says where recordings are. */
  recordings?: string;
}

/** Certificates in PEM form; those of the Prosodys and of the page on the core alone. */
export interface TrustPems {
  caPem: string;
  mainCertPem?: string;
  techCertPem?: string;
  visitorsCertPem?: string;
  webCertPem?: string;
}

/** Megabytes without which a service would not start, or not for long. */
interface Needs {
  /** Resident memory while nobody is there. */
  memoryMegabytes: number;
  /** Its packages once they are installed, with all that they bring. */
  packagesMegabytes: number;
}

/** Reads a secret by its name, as in `focusClient`. */
export type Secret = (name: string) => string;

/**
 * Everything that concerns one daemon, or one thing that a host is given. All that is said of hosts (files, packages, secrets, checks,
 * ports, metrics) is made by going through the table of them (services/table.ts). Pure.
 */
export interface Service {
  /** Name of its group on a host, and of its folder in templates/. */
  name: string;
  /** Group on a host that it shares with other services, and with it their step; absent: one of its own. */
  sharedGroup?: string;
  /** On hosts of which role. */
  role: Role | "every";
  /** Whether the plan has it at all; absent: always. */
  isOn?(plan: DeploymentPlan): boolean;
  /** Participants get in by it: on its host it starts after everything that is behind it. */
  isDoor?: boolean;
  /** Ports on which it listens. */
  ports?: readonly Port[];
  packages?(plan: DeploymentPlan, host: HostPlan, release: ReleaseFacts): Packages;
  /** Beginnings of the names of packages that change by an `up` or by an operator's hand, never by night. */
  keptPackages?: string[];
  /** Least limits of the kernel (key of sysctl → number). */
  kernel?: Record<string, number>;
  /** Files with secrets in them, for root or for one daemon; `secret` says which they are made of. */
  secrets?(plan: DeploymentPlan, host: HostPlan, secret: Secret): Files;
  /** Certificates that it shows, and whom it trusts beside our own authority. */
  trust?(plan: DeploymentPlan, pems: TrustPems, table: Table, host: HostPlan): Files;
  /** Units that show the certificate of the page. */
  showsPageCertificate?: string[];
  /** Units of Java, which trust our authority by a file of their own. */
  javaUnits?: string[];
  /** Its files without secrets, and what runs, restarts and reloads by them. */
  files(plan: DeploymentPlan, host: HostPlan, table: Table): Omit<FileGroup, "group">;
  /** What it has on the core for each bridge: a group that comes and goes with the bridge. */
  forBridge?(bridge: VideobridgePlan): FileGroup;
  /** What must be true where it runs. */
  checks?(plan: DeploymentPlan, host: HostPlan, table: Table): Check[];
  /** Which links of a call's way its checks prove (services/way.ts), by link; an empty list: somebody else looks at that one. */
  way?(plan: DeploymentPlan, host: HostPlan, checks: Check[]): Way;
  /** What the restart of each of its units costs people. */
  prices?: Record<string, Price | ((group: FileGroup) => Price)>;
  /** What it asks for on the Internet beside its packages. */
  destinations?(plan: DeploymentPlan, host: HostPlan): DestinationSpec[];
  needs?: Needs;
  metrics?: MetricsSource[];
  watched?: Watched;
}

/** All services in the order in which they come to a host. */
export type Table = readonly Service[];

/** Whether a host has a service, or would have it if the plan switched it on. */
function isMeantFor({ role }: Service, { roles }: HostPlan): boolean {
  return role === "every" || roles.includes(role);
}

/** The services of a host in the order of the table. `even`: those that the plan switches off as well. */
export function servicesOn(
  table: Table,
  plan: DeploymentPlan,
  host: HostPlan,
  { evenOff = false } = {},
): Service[] {
  return table.filter((one) => isMeantFor(one, host) && (evenOff || one.isOn?.(plan) !== false));
}

/** Services that come to a host in one group: they hold no secret, and what changes one of them often changes another. */
export function inOneGroup(sharedGroup: string, ...services: Service[]): Service[] {
  return services.map((service) => ({ ...service, sharedGroup }));
}

/** Of services that share a group the first one alone, so that there is one for each group. */
export function onePerGroup(services: Service[]): Service[] {
  const isFirst = ({ sharedGroup }: Service, index: number) =>
    sharedGroup === undefined || services.findIndex((one) => one.sharedGroup === sharedGroup) === index;
  return services.filter(isFirst);
}

/** The one group of a service on a host, which others may share. */
export function groupOf(service: Service, plan: DeploymentPlan, host: HostPlan, table: Table): FileGroup {
  const own = (one: Service) => ({ group: one.name, ...one.files(plan, host, table) });
  const { sharedGroup } = service;
  if (sharedGroup === undefined) return own(service);
  const parts = servicesOn(table, plan, host).filter((one) => one.sharedGroup === sharedGroup);
  return joinedGroup(sharedGroup, parts.map(own));
}
