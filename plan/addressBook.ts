/** Addresses of a host that its provider assigned. */
export interface AssignedAddresses {
  publicAddress: string;
  privateAddress: string;
  /** Where the region has IPv6. */
  ipv6Address?: string;
  /** Public address of the first machine that had this place; absent where a successor takes the address over. */
  firstPublicAddress?: string;
}

/** Host id → addresses, for hosts whose machine must exist before anybody knows them. */
export type AddressBook = Readonly<Record<string, AssignedAddresses>>;

/** Hosts for which there are provisional addresses: of 2^16 in each range, half are kept for `otherAddresses`. */
const MOST_HOSTS = 2 ** 15;

/**
 * Stands for the addresses of the host at that position until they are assigned: every host another one, from the range for
 * benchmarks or documentation, which no host has (198.18.0.0/15, RFC 2544; 2001:db8::/32, RFC 3849). Such a plan shapes the tree of resources; nothing with such an
 * address in it is ever sent to a host (components/plans.ts).
 */
export function provisionalAddresses(position: number): AssignedAddresses {
  if (position >= 2 * MOST_HOSTS) throw new Error(`more than ${MOST_HOSTS} hosts`);
  const address = (second: number) => `198.${second}.${position >> 8}.${position & 255}`;
  const ipv6Address = `2001:db8::${position.toString(16)}:1`;
  // Which one was first is as unknown: whatever a successor has of its own stands for both.
  return { publicAddress: address(18), privateAddress: address(19), ipv6Address, firstPublicAddress: "" };
}

/** Differs from every provisional one, and in the same order: where it changes a text, that text depends on the host's addresses. */
export function otherAddresses(position: number): AssignedAddresses {
  return provisionalAddresses(position + MOST_HOSTS);
}
