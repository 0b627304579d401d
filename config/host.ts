import { domainToASCII } from "node:url";

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Letters of any language, digits, hyphens and dots: what a name in DNS may be made of before it is spelt as DNS has it. */
const NAME = /^[\p{L}\p{M}\p{N}-]+(\.[\p{L}\p{M}\p{N}-]+)*\.?$/u;

/**
 * The one spelling of a host name: lower case, without the dot of the root at its end, international labels in their xn-- form
 * (UTS 46, as browsers do it). Text that is no host name stays as it is.
 */
export function canonicalHost(value: string): string {
  if (!NAME.test(value)) return value;
  const name = value.replace(/\.$/, "").toLowerCase();
  // ASCII stays: the function takes numbers for addresses and reads 1.2.3 as 1.2.0.3.
  return /[^\0-\x7f]|(^|\.)xn--/.test(name) ? domainToASCII(name) || value : name;
}

/** Whether it is a host name in its one spelling, of one label or several, and no address. */
export function isHostName(name: string): boolean {
  const labels = name.split(".");
  const isInternational = /(^|\.)xn--/.test(name);
  return (
    name.length <= 253 &&
    labels.every((label) => LABEL.test(label)) &&
    !/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? "") &&
    (!isInternational || domainToASCII(name) === name)
  );
}

/** A URL, or a host with a port, whose host is in its one spelling; all else stays as it is. */
export function withCanonicalHost(value: string): string {
  return value.replace(
    /^(?:([a-z][a-z0-9+.-]*:\/\/))?([^/?#:@[\]\s]+)(?=[:/?#]|$)/i,
    (_, scheme: string | undefined, host: string) => (scheme?.toLowerCase() ?? "") + canonicalHost(host),
  );
}
