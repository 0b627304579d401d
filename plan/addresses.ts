import { BlockList, isIP, isIPv6 } from "node:net";

/** Address and port as they stand in a URL; an IPv6 address is in brackets (RFC 3986 §3.2.2). */
export function hostAndPort(address: string, port: number): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Whether an address is one of these addresses or lies in one of these networks (CIDR). Other texts in the list are left out. */
export function isAmong(address: string, entries: readonly string[]): boolean {
  const list = new BlockList();
  for (const entry of entries) {
    const [first = "", bits] = entry.split("/");
    if (isIP(first) !== 0) list.addSubnet(first, Number(bits ?? (isIPv6(first) ? 128 : 32)), familyOf(first));
  }
  return list.check(address, familyOf(address));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIPv6(address) ? "ipv6" : "ipv4";
}
