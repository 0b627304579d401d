import { z } from "zod";
import { awsMachines, awsNode } from "./awsNodes";
import { fieldInfos, oneOf, structure, variant, type FieldInfo } from "./field";
import { existingMachines, labMachines } from "./machines";
import { bridgeId, existingNode, labNode, onCore, parked, recorderId } from "./nodes";
import { nearParticipants } from "./participants";
import { id } from "./texts";

/** Kinds of machines that there are so far. */
export const PROVIDERS = ["aws", "existing", "lab"] as const;

const BRIDGE: FieldInfo = {
  description: "A bridge.",
  example: "{ id: fra-1 }",
  rule: "A bridge is a structure with an id.",
  fix: "Write it as in { id: fra-1 }, with address and hostKey on a server that exists.",
};

const RECORDER: FieldInfo = {
  description: "A recorder, on its own machine: it needs four cores and 8 GB while it records.",
  example: "{ id: rec-1 }",
  rule: "A recorder is a structure with an id.",
  fix: "Write it as in { id: rec-1 }, with address and hostKey on a server that exists.",
};

const CORE: FieldInfo = {
  description: "The machine with both Prosodys and jicofo; exactly one region has it.",
  example: "{}",
  rule: "The core is a structure that describes its machine.",
  fix: "Write `core: {}` in the lab and on EC2, and address and hostKey on a server that exists.",
  fallback: "no core in this region",
};

const MONITORING: FieldInfo = {
  description: "A separate machine with Prometheus and Alertmanager; at most one region has it.",
  example: "{}",
  rule: "It is a structure that describes its machine.",
  fix: "Write `monitoring: {}` in the lab, and address and hostKey on a server that exists.",
  fallback: "no such machine in this region",
};

/** Field of a structure that somebody wrote; undefined for everything else. */
function member(raw: unknown, key: string): unknown {
  return typeof raw === "object" && raw !== null && Object.hasOwn(raw, key)
    ? (raw as Record<string, unknown>)[key]
    : undefined;
}

const coreBridge = structure(
  {
    ...BRIDGE,
    rule: "A bridge on the core has an id, and may have parked, and nothing else: the machine is the core's.",
    fix: "Remove the other keys, or remove `on`.",
  },
  { id: bridgeId, on: onCore, parked },
);

/** A machine whose provider is not known: only what every machine has can be checked. */
const anyMachines = z.looseObject({
  provider: oneOf(
    {
      description:
        "Kind of the machines: `aws` (EC2 instances), `existing` (your own servers) or `lab` (guests on this machine).",
      example: "existing",
      rule: `A provider is one of ${PROVIDERS.join(", ")}.`,
      fix: "Write `aws` for EC2 instances, `existing` for servers that you have, `lab` for guests on this machine.",
    },
    PROVIDERS,
  ),
});
fieldInfos.add(anyMachines, {
  description: "Kind of the machines in this region.",
  example: "{ provider: lab }",
  rule: "It is a structure with a provider.",
  fix: "Write it as in { provider: aws, region: eu-central-1, adminCidrs: [198.51.100.0/24] }, { provider: existing, user: ubuntu } or { provider: lab }.",
});
const anyNode = z.looseObject({ id: bridgeId });
fieldInfos.add(anyNode, BRIDGE);
const anyRecorder = z.looseObject({ id: recorderId });
fieldInfos.add(anyRecorder, RECORDER);
const anyCore = z.looseObject({});
fieldInfos.add(anyCore, CORE);
const anyMonitoring = z.looseObject({});
fieldInfos.add(anyMonitoring, MONITORING);

function bridges<Own extends z.ZodType>(own: Own) {
  const bridge = variant<z.output<Own> | z.output<typeof coreBridge>>((raw) =>
    member(raw, "on") === undefined ? (own as never) : coreBridge,
  );
  const info = {
    description: "The bridges of the region.",
    example: "[{ id: fra-1 }]",
    rule: "Bridges are a list of structures with an id each.",
    fix: "Write it as in videobridges: [{ id: fra-1 }, { id: fra-2 }].",
  };
  return z.array(bridge).register(fieldInfos, info).default([]);
}

function recorders<Own extends z.ZodType>(own: Own) {
  const info = {
    description: "The recorders of the region; each makes one recording at a time.",
    example: "[{ id: rec-1 }]",
    rule: "Recorders are a list of structures with an id each.",
    fix: "Write it as in recorders: [{ id: rec-1 }].",
  };
  return z.array(own).register(fieldInfos, info).default([]);
}

const name = id({
  description: "Name of the region; bridges of one region are preferred for each other.",
  example: "eu",
});

const REGION: FieldInfo = {
  description: "One place with machines of one kind.",
  example:
    "{ name: eu, machines: { provider: existing, user: ubuntu }, core: { address: 203.0.113.10, hostKey: ssh-ed25519 AAAA… }, videobridges: [{ id: fra-1, on: core }] }",
  rule: "A region is a structure with a name and machines.",
  fix: "Write it as in { name: eu, machines: { provider: existing, user: ubuntu }, core: { address: 203.0.113.10, hostKey: ssh-ed25519 AAAA… }, videobridges: [{ id: fra-1, on: core }] }.",
};

/** The structures of a region whose machines are of one kind. `node`: what says which machine it is. */
function kind<Machines extends z.ZodType, Node extends z.core.$ZodShape>(machines: Machines, node: Node) {
  const bridge = structure(BRIDGE, { id: bridgeId, ...node, parked });
  const recorder = structure(RECORDER, { id: recorderId, ...node });
  const region = structure(REGION, {
    name,
    machines,
    core: structure(CORE, node).exactOptional(),
    monitoring: structure(MONITORING, node).exactOptional(),
    videobridges: bridges(bridge),
    recorders: recorders(recorder),
    participants: nearParticipants.exactOptional(),
  });
  return { region, bridge, recorder };
}

const existing = kind(existingMachines, existingNode);
const aws = kind(awsMachines, awsNode);
const lab = kind(labMachines, labNode);

/** A region whose kind of machines is missing or wrong: never good, but its other mistakes show as well. */
const anyRegion = structure(REGION, {
  name,
  machines: anyMachines,
  core: anyCore.exactOptional(),
  monitoring: anyMonitoring.exactOptional(),
  videobridges: bridges(anyNode),
  recorders: recorders(anyRecorder),
  participants: nearParticipants.exactOptional(),
});

export type ExistingRegion = z.output<typeof existing.region>;
export type AwsRegion = z.output<typeof aws.region>;
export type LabRegion = z.output<typeof lab.region>;
export type RegionSettings = AwsRegion | ExistingRegion | LabRegion;

function regionSchema(raw: unknown): z.ZodType<RegionSettings> {
  // Where it was written beside `machines`, the region's other mistakes are judged by it all the same.
  const provider = member(member(raw, "machines"), "provider") ?? member(raw, "provider");
  if (provider === "existing") return existing.region;
  if (provider === "aws") return aws.region;
  // A region without a known provider always has an error, so nothing of this shape gets through.
  return provider === "lab" ? lab.region : (anyRegion as never);
}

/** `jitsi:regions`. */
export const regions = z.array(variant(regionSchema)).min(1).register(fieldInfos, {
  description: "The regions of the deployment and their machines.",
  example:
    "[{ name: eu, machines: { provider: existing, user: ubuntu }, core: { address: 203.0.113.10, hostKey: ssh-ed25519 AAAA… }, videobridges: [{ id: fra-1, on: core }] }]",
  rule: "Regions are a list of at least one structure with name, machines, core and videobridges.",
  fix: "Write it as in [{ name: eu, machines: { provider: existing, user: ubuntu }, core: { address: 203.0.113.10, hostKey: ssh-ed25519 AAAA… }, videobridges: [{ id: fra-1, on: core }] }].",
});

/** Shapes for the reference page: what a reader may write, kind by kind. */
export const referenceShapes = { anyMachines, coreBridge, existing, aws, lab };
