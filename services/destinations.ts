import type { DestinationSpec } from "./manifest";

/** A place on the Internet that a host asks at times and can do without for a while. */
export function destination(url: string, purpose: string): DestinationSpec {
  return { url, purpose, isNeeded: false };
}

/** An SMTP server, "name:port". */
export function mailServer(server: string): DestinationSpec {
  const reason = "mail does not go through an HTTP proxy";
  return { ...destination(`smtp://${server}`, "mail"), straight: "always", reason };
}
