import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as YAML from "yaml";
import { adoptedStack, aws, awsStack, oneInstanceStack, recordedStack } from "../components/support/stacks";
import { changed, type Json } from "../unit/configFixtures";

/** A stack whose registrations are replayed. */
export interface Variant {
  config: Json;
  /** The operator's own keys of `aws:`, as the engine hands them over. */
  awsConfig?: Record<string, string>;
}

/** As long as a region, a node or a domain may be called. */
const LONG = {
  id: "a-name-of-the-full-32-characters",
  domain: `${"meet.".repeat(47)}org`,
};

/** The stacks by name: each asks Amazon for something that no other one does, or by another name. */
export const STACKS: Record<string, Variant> = {
  "two regions, records, a recorder": { config: example("two-regions-aws") },
  "mixed with a server": { config: example("mixed") },
  "IPv6, its records": {
    config: withRecords({ ...awsStack(["iad-1"], { ipv6: true }), turn: { tls443: true } }),
  },
  "a bucket that goes with the stack": {
    config: recordedStack({ create: { deleteWithStack: true, expireDays: 30 } }),
  },
  "a bucket that is there": { config: recordedStack() },
  "an adopted network": { config: adoptedStack() },
  "a zone, a burstable type, an older release": {
    config: awsStack(["iad-1"], {
      zone: "b",
      instanceType: "t3.xlarge",
      ubuntu: "22.04",
      volumeGigabytes: 50,
    }),
  },
  "one instance": { config: oneInstanceStack() },
  "monitoring at home": { config: monitored(0) },
  "monitoring abroad": { config: monitored(1) },
  "a region called sg": { config: changed(awsStack(), ["regions", 1, "name"], "sg") },
  "termination protection": { config: awsStack(["iad-1"], { terminationProtection: true }) },
  // Amazon's protection is against its end, and keeps nobody from stopping it.
  "a parked bridge": {
    config: changed(
      awsStack(["iad-1"], { terminationProtection: true }),
      ["regions", 1, "videobridges", 0, "parked"],
      true,
    ),
  },
  "three regions": { config: threeRegions() },
  "tags of the operator": {
    config: recordedStack({ create: {} }),
    awsConfig: { "aws:defaultTags": '{"tags":{"CostCenter":"42","team/owner":"anna.berg@example.org"}}' },
  },
  "the longest names": { config: longNames() },
};

function threeRegions(): Json {
  return {
    ...awsStack(),
    regions: [
      aws("eu", "eu-central-1", { core: {}, videobridges: [{ id: "fra-1" }] }),
      aws("us", "us-east-1", { videobridges: [{ id: "iad-1" }, { id: "iad-2" }] }),
      aws("asia", "ap-southeast-1", { videobridges: [{ id: "sin-1" }] }),
    ],
  };
}

/** Two regions, with a machine for monitoring in one of them. */
function monitored(region: number): Json {
  const networks = { networks: ["192.0.2.0/24"] };
  return changed({ ...awsStack(), monitoring: networks }, ["regions", region, "monitoring"], {});
}

function longNames(): Json {
  const { id, domain } = LONG;
  const named = changed(awsStack(), ["regions", 0, "name"], `r${id.slice(1)}`);
  return { ...changed(named, ["regions", 0, "videobridges", 0, "id"], id), domain };
}

function withRecords(config: Json): Json {
  return { ...config, dns: { route53Zone: "Z0123456789ABCDEFGHIJ" } };
}

/** The configuration of an example of this repository. */
function example(name: string): Json {
  const file = join(__dirname, `../../examples/${name}/Pulumi.${name}.yaml`);
  const { config } = YAML.parse(readFileSync(file, "utf8")) as { config: Json };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key.replace(/^jitsi:/, ""), value]),
  );
}
