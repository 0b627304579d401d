import { addressFamily } from "./address";

/** A host as far as its way to another one depends on it. */
interface Located {
  region: string;
  privateAddress?: string | undefined;
}

/** Whether two hosts reach each other at their private addresses: they are in one region, and both have one, of one family. */
export function areNear(one: Located, other: Located): boolean {
  const [here, there] = [one.privateAddress, other.privateAddress];
  if (one.region !== other.region || here === undefined || there === undefined) return false;
  return addressFamily(here) === addressFamily(there);
}
