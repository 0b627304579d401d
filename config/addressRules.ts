import { labAddress } from "../facts/labHost";
import { addressFamily, isClosedNetwork } from "./address";
import { bridgesOf, coresOf, machinesOf, recordersOf, repeated, type Breach } from "./breach";
import type { Draft } from "./draft";
import type { DraftNode } from "./draftRegions";
import { areNear } from "./nearby";
import { shown } from "./quoted";

/** Where a participant would look for the machine, and the key that says so. */
function publicSide(node: DraftNode): { key: string; address: string } | undefined {
  if (node.publicAddress !== undefined)
    return { key: `${node.key}.publicAddress`, address: node.publicAddress };
  return node.address === undefined ? undefined : { key: `${node.key}.address`, address: node.address };
}

export function sharedLogins(draft: Draft): Breach[] {
  const label = (node: DraftNode) =>
    node.address === undefined ? undefined : `${node.address} port ${node.port}`;
  return repeated(machinesOf(draft), label).map(([node, first]) => ({
    key: `${node.key}.address`,
    finding: `is ${shown(node.address)} (port ${node.port}), which is also the address of ${first.key}`,
    fix: "Correct one of the two; a bridge on the core's machine is written as { id: main, on: core }, and the monitoring machine has its own.",
  }));
}

export function sharedPublicAddresses(draft: Draft): Breach[] {
  const logins = new Set(sharedLogins(draft).map(({ key }) => key));
  return repeated(machinesOf(draft), (node) => publicSide(node)?.address)
    .map(([node, first]) => ({ side: publicSide(node), first }))
    .flatMap(({ side, first }) =>
      side === undefined || logins.has(side.key)
        ? []
        : [
            {
              key: side.key,
              finding: `is ${shown(side.address)}, which is also the public address of ${first.key}`,
              fix: "Give one of the two another publicAddress.",
            },
          ],
    );
}

export function sharedPrivateAddresses(draft: Draft): Breach[] {
  const label = (node: DraftNode) =>
    node.privateAddress === undefined ? undefined : `${node.region} ${node.privateAddress}`;
  return repeated(machinesOf(draft), label).map(([node, first]) => ({
    key: `${node.key}.privateAddress`,
    finding: `is ${shown(node.privateAddress)}, which is also the private address of ${first.key}`,
    fix: "Correct one of the two.",
  }));
}

export function closedPublicAddresses(draft: Draft): Breach[] {
  if (draft.isClosedNetwork) return [];
  const [core] = coresOf(draft);
  return machinesOf(draft).flatMap((node) => {
    const side = publicSide(node);
    // No participant looks for Prometheus, nor for a recorder; the core's firewall knows that by where it comes from.
    if (node.role === "monitoring" || (node.role === "recorder" && core && areNear(core, node))) return [];
    if (side === undefined || !isClosedNetwork(side.address)) return [];
    const fix = "Add publicAddress, or, in a closed network, write jitsi:certificate: { issuer: internal }.";
    return [{ key: side.key, finding: `is ${shown(side.address)}`, fix }];
  });
}

/** The family of the address at which a machine is reached, and how an error names it; elastic addresses are IPv4. */
function publicFamily(node: DraftNode): { family: "ipv4" | "ipv6"; key: string; shown: string } | undefined {
  if (node.provider === "aws") return { family: "ipv4", key: node.key, shown: "on EC2, reached over IPv4" };
  const side = publicSide(node);
  const family = side && addressFamily(side.address);
  return side && family && { family, key: side.key, shown: shown(side.address) };
}

export function mixedFamilies(draft: Draft): Breach[] {
  const [core] = coresOf(draft);
  const there = core && publicFamily(core);
  if (!core || !there) return [];
  return [...bridgesOf(draft), ...recordersOf(draft)].flatMap((node) => {
    const here = publicFamily(node);
    if (node.isOnCore || here === undefined || areNear(core, node)) return [];
    if (here.family === there.family) return [];
    const fix = `Give both an address of one family; ${there.key} is ${there.shown}.`;
    return [{ key: here.key, finding: `is ${here.shown}`, fix }];
  });
}

export function labCollisions(draft: Draft): Breach[] {
  const { domain } = draft;
  if (domain === undefined) return [];
  const guests = machinesOf(draft).filter(({ provider }) => provider === "lab");
  // Two guests of one id collide as well, but that is the fault of the id.
  const unique = guests.filter((node, at) => guests.findIndex(({ id }) => id === node.id) === at);
  const label = (node: DraftNode) =>
    node.id === undefined ? undefined : labAddress(domain, node.id, node.generation);
  return repeated(unique, label).map(([node, first]) => ({
    key: `${node.key}.id`,
    finding: `is ${shown(node.id, { name: true })}, whose address in the lab would be that of ${first.key}`,
    fix: "Choose another id, or another generation.",
  }));
}
