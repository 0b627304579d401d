import { LOOPBACK } from "../../facts/loopback";

/** Addresses at which a Prosody listens: loopback for jicofo, and what bridges or recorders connect to. */
export function listenAddresses(interfaces: string[]): string[] {
  return interfaces.includes("*") ? interfaces : [...new Set([LOOPBACK, ...interfaces])];
}

/** Those that are one address of this host, in contrast to all of them and to loopback, which is always there. */
export function ownAddresses(addresses: string[]): { address: string }[] {
  return addresses
    .filter((address) => !["*", "::", LOOPBACK].includes(address))
    .map((address) => ({ address }));
}
