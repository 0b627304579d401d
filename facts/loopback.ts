/** The one address of services that only their own host may reach. Source: RFC 1122 §3.2.1.3; without IPv6, which a host may have switched off. */
export const LOOPBACK = "127.0.0.1";

/** Such a service as address and port. */
export function onLoopback({ port }: { port: number }): string {
  return `${LOOPBACK}:${port}`;
}

/** The same where it answers HTTP. */
export function loopbackUrl(port: { port: number }): string {
  return `http://${onLoopback(port)}`;
}
