import { structure, text } from "./field";

/** Ids of hosted zones. Source: Route 53 API, HostedZone.Id. */
const ZONE = /^Z[0-9A-Z]{1,31}$/;

/** `jitsi:dns`: who keeps the records that resolve to the core. */
export const dns = structure(
  {
    description:
      "Creates the DNS records for the core. Without it, the outputs list the records that you have to set.",
    example: "{ route53Zone: Z0123456789ABCDEFGHIJ }",
    rule: "It is a structure with route53Zone.",
    fix: "Write it as in { route53Zone: Z0123456789ABCDEFGHIJ }, or leave it out and set the records yourself.",
    fallback: "you set the records",
  },
  {
    route53Zone: text(
      {
        description:
          "Id of the public hosted zone at Route 53 that contains the domain; the program keeps the records of the domain and of TURN there.",
        example: "Z0123456789ABCDEFGHIJ",
        rule: "It is the id of a hosted zone, which begins with Z.",
        fix: "Copy it from `aws route53 list-hosted-zones`, without /hostedzone/ before it.",
      },
      { problem: (value) => (ZONE.test(value) ? undefined : true) },
    ),
  },
);
