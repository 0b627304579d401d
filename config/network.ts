import { canonicalCidr, cidrProblem, ownNetworkProblem } from "./address";
import { text, type Problem } from "./field";

/** A network in one spelling. `problem`: undefined where it is a good one. */
function networkThat(description: string, problem: (value: string) => Problem | true | undefined) {
  return text(
    {
      description,
      example: "198.51.100.0/24",
      rule: "It is an IPv4 or IPv6 network in CIDR notation whose address part ends where the prefix ends.",
      fix: "Write it as in 198.51.100.0/24, or 198.51.100.7/32 for one machine.",
    },
    { problem, canonical: canonicalCidr },
  );
}

/** One network of a list. */
export const network = networkThat("A network.", cidrProblem);

/** A network that is let in where the world must not be. */
export const ownNetwork = networkThat("A network that is allowed in.", ownNetworkProblem);
