import { isIPv6 } from "node:net";

/** Address and port as they stand in a URL; an IPv6 address is in brackets (RFC 3986 §3.2.2). */
export function hostAndPort(address: string, port: number): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}
