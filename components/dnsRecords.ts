import type * as aws from "@pulumi/aws";
import * as route53 from "@pulumi/aws/route53";
import * as pulumi from "@pulumi/pulumi";
import { dnsRecords } from "../plan/dns";
import { childOf } from "./childOf";
import { fromPlan, type Plans } from "./plans";

/** Short, so that a core at another address is found soon. */
const TTL_SECONDS = 60;

/** The records of a Route 53 zone that resolve to the core. */
export class DnsRecords extends pulumi.ComponentResource {
  /** To depend on: whoever asks for the names finds the core. */
  readonly records: pulumi.Resource[];

  constructor(
    name: string,
    args: { plans: Plans; zone: string; provider: aws.Provider },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { plans, zone, provider } = args;
    super("jitsi:index:DnsRecords", name, { zone }, opts);
    this.records = dnsRecords(plans.plan).map((record) => {
      const addressIn = (known: Plans["plan"]) =>
        dnsRecords(known).find((one) => one.name === record.name && one.type === record.type)?.address ?? "";
      return new route53.Record(
        `${name}-${record.name}-${record.type}`,
        {
          zoneId: zone,
          name: record.name,
          type: record.type,
          ttl: TTL_SECONDS,
          records: [fromPlan(plans, addressIn)],
        },
        childOf(this, { provider }),
      );
    });
    this.registerOutputs({ zone });
  }
}
