import { z } from "zod";
import { cidrProblem, canonicalCidr } from "./address";
import { fieldInfos, structure, text } from "./field";
import { email } from "./texts";

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

const webhook = text(
  {
    description: "Where Alertmanager posts alerts (its JSON); it shows in previews, so it holds no secret.",
    example: "https://alerts.example.org/hook",
    rule: "It is an http or https address without user name and password.",
    fix: "Write it as in https://alerts.example.org/hook.",
    fallback: "nothing is posted",
  },
  { problem: (value) => (isPlainUrl(value) ? undefined : true) },
);

const mail = structure(
  {
    description: "How alerts reach `jitsi:contact` by e-mail.",
    example: "{ server: smtp.example.org:25, from: audio-meet@example.org }",
    rule: "It has a server and a from.",
    fix: "Write it as in { server: smtp.example.org:25, from: audio-meet@example.org }.",
    fallback: "no mail is sent",
  },
  {
    server: text(
      {
        description:
          "SMTP server that takes mail from the monitoring machine without a login; STARTTLS is required.",
        example: "smtp.example.org:25",
        rule: "It is a name or IPv4 address and a port.",
        fix: "Write it as in smtp.example.org:25.",
      },
      { problem: (value) => (/^[a-z0-9][a-z0-9.-]{0,252}:[1-9]\d{0,4}$/.test(value) ? undefined : true) },
    ),
    from: email({ description: "Sender of the mail.", example: "audio-meet@example.org" }),
  },
);

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

function isPlainUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return ["http:", "https:"].includes(protocol) && username === "" && password === "";
}
