import { addressProblem, canonicalAddress } from "./address";
import { text, type Words } from "./field";
import { canonicalHost, isHostName } from "./host";
import { canonicalHostKey, hostKeyProblem } from "./hostKey";

/** The longest XMPP host is internal.auth.D, and a DNS name has at most 253 characters (RFC 1035 §3.1). */
const DOMAIN_LENGTH = 253 - "internal.auth.".length;
const ID = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;
/** What servers call people: of POSIX (3.437), as name@domain by sssd and realmd, as DOMAIN\name by winbind. */
const USER = /^[A-Za-z0-9_][A-Za-z0-9_.@\\+-]{0,127}$/;
/** Debian Policy §5.6.12, and "*" as apt pins have it. */
const VERSION = /^[A-Za-z0-9*][A-Za-z0-9.+:~*-]*$/;

function isDomain(value: string): boolean {
  const name = canonicalHost(value);
  return name.length <= DOMAIN_LENGTH && name.includes(".") && isHostName(name);
}

/** The deployment's name in DNS. */
export const domain = (words: Words) =>
  text(
    {
      ...words,
      rule: `A domain is labels of letters, digits and hyphens with at least one dot between them, at most ${DOMAIN_LENGTH} characters, without scheme, port or path.`,
      fix: "Write the bare name, as in meet.example.org; write an international name in its xn-- form.",
      isName: true,
    },
    { problem: (value) => (isDomain(value) ? undefined : true), canonical: canonicalHost },
  );

/** Name and host of an e-mail address (RFC 5321 §4.1.2, Dot-string); undefined for anything else. */
function mailParts(value: string): [name: string, host: string] | undefined {
  const [, name = "", host = ""] =
    /^([\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*)@([^@]+)$/.exec(value) ?? [];
  return name !== "" && name.length <= 64 && isDomain(host) ? [name, host] : undefined;
}

/** An e-mail address. */
export const email = (words: Words) =>
  text(
    {
      ...words,
      rule: "It is one e-mail address without a display name, whose local part uses ASCII letters only: certificate notices and alerts are sent there.",
      fix: "Write it as in ops@example.org.",
    },
    {
      problem: (value) => (mailParts(value) ? undefined : true),
      canonical: (value) => {
        const [name, host] = mailParts(value) ?? [];
        return name === undefined || host === undefined ? value : `${name}@${canonicalHost(host)}`;
      },
    },
  );

/** A name of ours: it becomes part of resource names, host names and XMPP nicknames. */
export const id = (words: Words) =>
  text(
    {
      ...words,
      rule: "A name has 1 to 32 characters a-z, 0-9 and hyphens, with no hyphen at either end.",
      fix: "Write it as in fra-1; a name is permanent, and another name means another machine.",
      isName: true,
    },
    {
      problem: (value) => {
        if (value === "core") {
          return {
            rule: 'The name "core" is reserved for the core.',
            fix: "Choose another one, as in fra-1.",
          };
        }
        if (value === "monitoring") {
          return {
            rule: 'The name "monitoring" is reserved for the machine with Prometheus.',
            fix: "Choose another one, as in fra-1.",
          };
        }
        return ID.test(value) ? undefined : true;
      },
    },
  );

/** An IP address of a machine. */
export const address = (words: Words) =>
  text(
    {
      ...words,
      rule: "It is an IPv4 or IPv6 address, not a host name: firewalls and bridges need the address itself.",
      fix: "Write the address, as in 203.0.113.7 or 2001:db8::7; `getent ahosts NAME` prints the addresses of a name.",
      isName: true,
    },
    { problem: addressProblem, canonical: canonicalAddress },
  );

/** An SSH host key. */
export const hostKey = (words: Words) =>
  text(
    {
      ...words,
      rule: "Every existing machine needs its ed25519 SSH host key here, so that even the first connection is verified.",
      fix: "Print it on the machine itself: cat /etc/ssh/ssh_host_ed25519_key.pub",
    },
    { problem: hostKeyProblem, canonical: canonicalHostKey },
  );

/** A login name. */
export const user = (words: Words) =>
  text(
    {
      ...words,
      rule: "A user name has 1 to 128 letters, digits and . _ - + @ \\, and begins with a letter, a digit or _.",
      fix: "Write the name that `id -un` prints after logging in, as in ubuntu or root.",
    },
    { problem: (value) => (USER.test(value) ? undefined : true) },
  );

/** A package version. */
export const version = (words: Words) =>
  text(
    {
      ...words,
      rule: "A version is exact, or a pattern with * as apt pins have it, without spaces.",
      fix: "Write it as `apt-cache policy PACKAGE` shows it on a machine, in quotes.",
    },
    { problem: (value) => (VERSION.test(value) ? undefined : true) },
  );
