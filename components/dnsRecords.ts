import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { dnsRecords } from "../plan/dns";
import { awsProvider } from "./awsProvider";
import { childOf } from "./childOf";
import { fromPlan, type Plans } from "./plans";

/** Where Route 53, which belongs to no region, takes its orders. */
const REGION = "us-east-1";

/** Short, so that a core at another address is found soon. */
const TTL_SECONDS = 60;

/** The records of a Route 53 zone that lead to the core. */
export class DnsRecords extends pulumi.ComponentResource {
  /** To depend on: whoever asks for the names finds the core. */
  readonly records: pulumi.Resource[];

  constructor(name: string, args: { plans: Plans; zone: string }, opts?: pulumi.ComponentResourceOptions) {
    const { plans, zone } = args;
    super("jitsi:index:DnsRecords", name, { zone }, opts);
    const provider = awsProvider(`${name}-provider`, { region: REGION }, childOf(this));
    this.records = dnsRecords(plans.plan).map((record) => {
      const addressIn = (known: Plans["plan"]) =>
        dnsRecords(known).find((one) => one.name === record.name && one.type === record.type)?.address ?? "";
      return new aws.route53.Record(
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
    this.registerOutputs({});
  }
}
