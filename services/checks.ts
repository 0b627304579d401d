import { LOOPBACK, loopbackUrl } from "../facts/loopback";
import type { Port } from "../facts/ports";
import type { DeploymentPlan } from "../plan/types";
import type { Check } from "./manifest";

/** The soft limit that a unit has without our settings; a Prosody with it accepts no connection beyond 1024 sockets, and logs no error. */
export const DEFAULT_OPEN_FILES = 1024;

/** A daemon of the core runs, and has room for the sockets of the whole audience. */
export function coreUnit(name: string, { audienceParticipants }: DeploymentPlan): Check {
  return { kind: "unit", name, minimumOpenFiles: DEFAULT_OPEN_FILES + 2 * audienceParticipants };
}

/** Exactly these addresses listen; default: loopback alone. "*" covers Prosody's "::", which is every IPv6 address. */
export function listening({ protocol, port }: Port, addresses: string[] = [LOOPBACK]): Check {
  return { kind: "listening", protocol, port, addresses: addresses.includes("*") ? ["*"] : addresses };
}

/** Asked for now, whatever the daemon's log says of an hour in which it had to wait for others. */
export function health(unit: string, port: Port): Check {
  return { kind: "health", unit, url: loopbackUrl(port) };
}
