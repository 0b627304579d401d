import { z } from "zod";
import { fieldInfos, structure } from "./field";
import { ownNetwork } from "./network";
import { noWorld } from "./networkList";
import { mail as mailBy, webhook as receivedBy } from "./receivers";

const networks = z.array(ownNetwork).check(noWorld).register(fieldInfos, {
  description:
    "Networks that may read the metrics of all hosts, in addition to the monitoring machine; never the whole Internet.",
  example: "[198.51.100.0/24]",
  rule: "Networks are a list of CIDR notations.",
  fix: "Write it as in networks: [198.51.100.0/24].",
});

const webhook = receivedBy({
  description:
    "Where Alertmanager posts alerts (its JSON); it is visible in previews, so it must not contain a secret.",
});

const mail = mailBy({ description: "E-mail settings for alerts." }, "the monitoring machine");

/** `jitsi:monitoring`. */
export const monitoring = structure(
  {
    description:
      "Networks that may read metrics, and where alerts are sent. Without it, no host collects or serves metrics.",
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
