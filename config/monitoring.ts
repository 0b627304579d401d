import { z } from "zod";
import { cidrProblem, canonicalCidr } from "./address";
import { fieldInfos, structure, text } from "./field";
import { mail as mailBy, webhook as receivedBy } from "./receivers";

const network = text(
  {
    description: "A network.",
    example: "198.51.100.0/24",
    rule: "It is an IPv4 or IPv6 network in CIDR notation whose address part ends where the prefix ends.",
    fix: "Write it as in 198.51.100.0/24, or 198.51.100.7/32 for one machine.",
  },
  { problem: cidrProblem, canonical: canonicalCidr },
);

const networks = z.array(network).register(fieldInfos, {
  description: "Networks that may read the metrics of all hosts, besides the monitoring machine.",
  example: "[198.51.100.0/24]",
  rule: "Networks are a list of CIDR notations.",
  fix: "Write it as in networks: [198.51.100.0/24].",
});

const webhook = receivedBy({
  description: "Where Alertmanager posts alerts (its JSON); it shows in previews, so it holds no secret.",
});

const mail = mailBy({ description: "How alerts reach `jitsi:contact` by e-mail." }, "the monitoring machine");

/** `jitsi:monitoring`. */
export const monitoring = structure(
  {
    description: "Who may read metrics, and where alerts go; left out, no host measures or answers.",
    example: "{ networks: [198.51.100.0/24] }",
    rule: "It is a structure with networks, webhook and mail.",
    fix: "Write it as in { networks: [198.51.100.0/24] }.",
    fallback: "no metrics",
  },
  {
    networks: networks.default([]),
    webhook: webhook.exactOptional(),
    mail: mail.exactOptional(),
  },
);
