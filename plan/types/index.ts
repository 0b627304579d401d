/**
 * The deployment plan: every decision made, nothing rendered, no Pulumi value in it.
 * `config/` produces a Settings, `plan/deployment.ts` turns it into a DeploymentPlan, `services/` and `components/` read that.
 */

import type { PackageSources } from "../../facts/packageSources";
import type { PackageVersions } from "../../facts/packageVersions";
import type { Window } from "../../config/restarts";
import type { Settings } from "../../config/schema";
import type { ExtraPlan } from "./extra";
import type { AwsRegionPlan, HostPlan } from "./machines";
import type { MonitoringPlan } from "./monitoring";
import type {
  AccessPlan,
  CertificatePlan,
  FeaturesPlan,
  NearnessPlan,
  TurnPlan,
  WebPlan,
} from "./participants";
import type { RecordingPlan } from "./recording";
import type { BreweryPlan, CorePlan, RecorderPlan, VideobridgePlan, XmppNames } from "./roles";
import type { VisitorsPlan } from "./visitors";

export type * from "./extra";
export type * from "./machines";
export type * from "./monitoring";
export type * from "./participants";
export type * from "./recording";
export type * from "./roles";
export type * from "./visitors";

/** Rotation counters: a new number makes a new secret. */
export type SecretCounters = Omit<Settings["secrets"], "moderators">;

/** `now`, as soon as nobody is in a conference, or in a time of the week: its parts, and as it was written. */
export type RestartsPlan = "now" | "whenEmpty" | (Window & { text: string });

/** Paths that two synthetic participants listen to: over UDP and over TURN, over TURN alone, none. */
export type EarPlan = "all" | "relayed" | "none";

/** A conference for which parked bridges are woken. */
export interface EventPlan {
  /** As it was written. */
  at: string;
  hours: number;
  participants: number;
  /** From when to when its bridges are in service, milliseconds of the epoch. */
  wakes: number;
  parks: number;
}

/** Everything that the rest of the program needs to know. */
export interface DeploymentPlan {
  names: XmppNames;
  contact: string;
  /** The core first, then the bridges' own machines in the order of the config, then the recorders. */
  hosts: HostPlan[];
  core: CorePlan;
  videobridges: VideobridgePlan[];
  recorders: RecorderPlan[];
  /** In the order in which they begin. Nothing on a host depends on them. */
  events: EventPlan[];
  /** There as soon as there is a recorder. */
  recording?: RecordingPlan;
  regions: string[];
  /** Regions of EC2 instances. */
  awsRegions: AwsRegionPlan[];
  /** Hosts whose addresses stand for ones that only exist once the machine does. */
  provisionalHosts: string[];
  audienceParticipants: number;
  /** Absent: everybody in a room may speak. */
  visitors?: VisitorsPlan;
  /** Hours a month in which the whole audience listens, for the cost. */
  conferenceHoursPerMonth: number;
  maxBridgeParticipants: number;
  release: PackageVersions;
  packages: PackageSources;
  secrets: SecretCounters;
  access: AccessPlan;
  drainDeadlineMinutes: number;
  /** Steps that were repaired, by `HOST/STEP`; a new number runs one again. */
  repair: Readonly<Record<string, number>>;
  /** When restarts happen that would throw people out. */
  restarts: RestartsPlan;
  brewery: BreweryPlan;
  /** Whether the core looks for what daemons do not notice themselves. */
  watchdog: boolean;
  /** Which paths `up` proves by ear. */
  ear: EarPlan;
  web: WebPlan;
  extra: ExtraPlan;
  nearness: NearnessPlan;
  features: FeaturesPlan;
  /** Absent where it is switched off. */
  turn?: TurnPlan;
  certificate: CertificatePlan;
  /** Who keeps the records that resolve to the core; absent: the operator. */
  dns?: { route53Zone: string };
  monitoring?: MonitoringPlan;
}
