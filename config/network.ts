import { canonicalCidr, cidrProblem, ownNetworkProblem } from "./address";
import { text } from "./field";

/** One network of a list, in one spelling. */
export const network = text(
  {
    description: "A network.",
    example: "198.51.100.0/24",
    rule: "It is an IPv4 or IPv6 network in CIDR notation whose address part ends where the prefix ends.",
    fix: "Write it as in 198.51.100.0/24, or 198.51.100.7/32 for one machine.",
  },
  { problem: cidrProblem, canonical: canonicalCidr },
);

/** A network that is let in where the world must not be. */
export const ownNetwork = text(
  {
    description: "A network of those who are let in.",
    example: "198.51.100.0/24",
    rule: "It is an IPv4 or IPv6 network in CIDR notation whose address part ends where the prefix ends.",
    fix: "Write it as in 198.51.100.0/24, or 198.51.100.7/32 for one machine.",
  },
  { problem: ownNetworkProblem, canonical: canonicalCidr },
);
