import { number, required, type Failure, type Schema } from "../shared/schema";
import { textOf, type Properties } from "../shared/values";

const HOUR_MILLISECONDS = 3_600_000;

export const VALIDITY: Schema = { validityPeriodHours: required(number), earlyRenewalHours: number };

function hours(properties: Properties, name: string): number {
  return typeof properties[name] === "number" ? properties[name] : 0;
}

export function checkHours(inputs: Properties): Failure[] {
  return Object.keys(VALIDITY)
    .filter((name) => hours(inputs, name) < 0)
    .map((property) => ({ property, reason: `${property} must not be negative` }));
}

/** The span of a certificate issued now, in whole seconds. */
export function span(inputs: Properties): { notBefore: Date; notAfter: Date } {
  const now = Math.floor(Date.now() / 1000) * 1000;
  const end = now + hours(inputs, "validityPeriodHours") * HOUR_MILLISECONDS;
  return { notBefore: new Date(now), notAfter: new Date(end) };
}

/** RFC 3339 without fractions, as Go writes it. */
export function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

/** Names the output that demands a new certificate, once the early renewal time of the recorded one has come. */
export function renewalDue(state: Properties, inputs: Properties): string[] {
  const end = Date.parse(textOf(state, "validityEndTime"));
  return Date.now() >= end - hours(inputs, "earlyRenewalHours") * HOUR_MILLISECONDS
    ? ["readyForRenewal"]
    : [];
}
