import { KBPS_PER_LISTENER } from "./capacity";
import { instanceType } from "../facts/instanceTypes";
import {
  AWS_REGIONS,
  DOLLARS_PER_ADDRESS_HOUR,
  FREE_EGRESS_GIGABYTES,
  PRICES_OF,
  type RegionPrices,
} from "../facts/prices";
import { allAwake, inService, isAsleep } from "./parked";
import type { AwsMachinePlan, AwsRegionPlan, DeploymentPlan, HostPlan } from "./types";

/** Hours of an average month, as AWS bills it (365 × 24 / 12). */
const HOURS_PER_MONTH = 730;

/** What a stack costs at AWS, an estimate in US dollars. */
export interface CostEstimate {
  currency: "USD";
  /** Day of the price table. */
  pricesOf: string;
  /** All instances, their volumes and addresses, whether anybody talks or not. */
  perHour: number;
  /** Traffic to the Internet while the whole audience listens. */
  perConferenceHour: number;
  /** `perHour` for a month, and the conference hours of `jitsi:audience`, less the traffic that an account has free. */
  perMonth: number;
  conferenceHoursPerMonth: number;
  freeGigabytesPerMonth: number;
  /** By host, dollars an hour. */
  hosts: Record<string, number>;
  /** With every parked bridge in service; absent where none is parked. */
  allAwake?: Pick<CostEstimate, "perHour" | "perConferenceHour" | "perMonth">;
  leavesOut: string[];
}

type AwsHost = HostPlan & { machine: AwsMachinePlan };

function isAws(host: HostPlan): host is AwsHost {
  return host.machine.provider === "aws";
}

function regionOf(plan: DeploymentPlan, host: HostPlan): AwsRegionPlan {
  const region = plan.awsRegions.find(({ name }) => name === host.region);
  if (region === undefined) throw new Error(`the plan has no AWS region ${host.region}`);
  return region;
}

function pricesOf({ awsRegion }: AwsRegionPlan): RegionPrices {
  const prices = AWS_REGIONS[awsRegion];
  if (prices === undefined) throw new Error(`no prices of ${awsRegion}; config/ lets none through`);
  return prices;
}

/** A stopped instance costs its volume and its address alone. Source: AWS, "Amazon EC2 On-Demand Pricing" and "Elastic IP addresses". */
function dollarsPerHour(plan: DeploymentPlan, host: AwsHost): number {
  const region = regionOf(plan, host);
  const { instanceFactor, dollarsPerVolumeGigabyteMonth } = pricesOf(region);
  const running = instanceType(host.machine.instanceType).dollarsPerHour * instanceFactor;
  const instance = isAsleep(plan, host.id) ? 0 : running;
  const volume = (region.volumeGigabytes * dollarsPerVolumeGigabyteMonth) / HOURS_PER_MONTH;
  return instance + volume + DOLLARS_PER_ADDRESS_HOUR;
}

/** Gigabytes to the Internet in an hour in which the whole audience listens, spread evenly over the bridges. */
function gigabytesPerBridgeHour(plan: DeploymentPlan): number {
  const listeners = plan.audienceParticipants / Math.max(1, inService(plan).length);
  const kilobits = listeners * KBPS_PER_LISTENER * 3600;
  return kilobits / 8 / 1e6;
}

function egressPerConferenceHour(plan: DeploymentPlan): { gigabytes: number; dollars: number } {
  const each = gigabytesPerBridgeHour(plan);
  const rates = inService(plan).flatMap(({ hostId }) => {
    const host = plan.hosts.find(({ id }) => id === hostId);
    return host && isAws(host) ? [pricesOf(regionOf(plan, host)).dollarsPerEgressGigabyte] : [];
  });
  return { gigabytes: rates.length * each, dollars: rates.reduce((sum, rate) => sum + rate * each, 0) };
}

function rounded(dollars: number): number {
  return Math.round(dollars * 1000) / 1000;
}

function leavesOut(plan: DeploymentPlan): string[] {
  const others = plan.hosts.filter((host) => !isAws(host)).map(({ id }) => id);
  return [
    "taxes, discounts, savings plans and spot prices",
    "traffic between regions and to recorders",
    ...(plan.recording === undefined ? [] : ["storage of recordings"]),
    "differences of a few percent between families outside us-east-1",
    ...(others.length > 0 ? [`machines that are not at AWS: ${others.join(", ")}`] : []),
  ];
}

/** The estimate in one line, for the preview and for `npm run check`. */
export function costLine(cost: CostEstimate): string {
  const { perHour, perConferenceHour, perMonth, pricesOf, leavesOut } = cost;
  const { conferenceHoursPerMonth, freeGigabytesPerMonth, allAwake: most } = cost;
  const dollars = (value: number) => `${value.toFixed(2)} USD`;
  return [
    `about ${dollars(perHour)} an hour at AWS, ${dollars(perConferenceHour)} more while the whole audience listens,`,
    `${dollars(perMonth)} a month with ${conferenceHoursPerMonth} hours of that, without the account's ${freeGigabytesPerMonth} free GB`,
    ...(most ? [`(with every parked bridge in service ${dollars(most.perHour)} an hour)`] : []),
    `(prices of ${pricesOf}, without ${leavesOut.join("; ")})`,
  ].join(" ");
}

/** What the deployment costs at AWS; undefined where nothing of it is there. Pure. */
export function costEstimate(plan: DeploymentPlan): CostEstimate | undefined {
  const hosts = plan.hosts.filter(isAws);
  if (hosts.length === 0) return undefined;
  const each = hosts.map((host) => [host.id, dollarsPerHour(plan, host)] as const);
  const perHour = each.reduce((sum, [, dollars]) => sum + dollars, 0);
  const conference = egressPerConferenceHour(plan);
  const monthly = conference.gigabytes * plan.conferenceHoursPerMonth;
  const billed = monthly === 0 ? 0 : Math.max(0, monthly - FREE_EGRESS_GIGABYTES) / monthly;
  const most = costOf(allAwake(plan));
  return {
    currency: "USD",
    pricesOf: PRICES_OF,
    perHour: rounded(perHour),
    perConferenceHour: rounded(conference.dollars),
    perMonth: rounded(perHour * HOURS_PER_MONTH + conference.dollars * plan.conferenceHoursPerMonth * billed),
    conferenceHoursPerMonth: plan.conferenceHoursPerMonth,
    freeGigabytesPerMonth: FREE_EGRESS_GIGABYTES,
    hosts: Object.fromEntries(each.map(([id, dollars]) => [id, rounded(dollars)])),
    ...(most && { allAwake: most }),
    leavesOut: leavesOut(plan),
  };
}

/** What varies with the bridges that serve. */
function costOf(plan: DeploymentPlan | undefined): CostEstimate["allAwake"] {
  const cost = plan && costEstimate(plan);
  if (cost === undefined) return undefined;
  const { perHour, perConferenceHour, perMonth } = cost;
  return { perHour, perConferenceHour, perMonth };
}
