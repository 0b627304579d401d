import { bridgesOf, coresOf, recordersOf, regionsOf, repeated, type Breach } from "./breach";
import type { Draft } from "./draft";
import { shown } from "./quoted";

export function coreCount(draft: Draft): Breach[] {
  if (!draft.regions?.length) return [];
  const [first, ...others] = coresOf(draft);
  if (!first) return [{ key: "jitsi:regions", finding: "has no core", fix: "Give `core:` to one region." }];
  return others.map(({ key }) => ({
    key,
    finding: "is a second core",
    fix: `Remove it; ${first.key} is the core.`,
  }));
}

export function noBridge(draft: Draft): Breach[] {
  if (!draft.regions?.length || bridgesOf(draft).length > 0) return [];
  const fix =
    "Add one, as in videobridges: [{ id: fra-1 }], or [{ id: main, on: core }] on the core's own machine.";
  return [{ key: "jitsi:regions", finding: "has no bridge", fix }];
}

/** With nobody to take people there is no conference, and jicofo calls itself unwell. */
export function allParked(draft: Draft): Breach[] {
  const bridges = bridgesOf(draft);
  const [first] = bridges;
  if (first === undefined || !bridges.every(({ parked }) => parked === true)) return [];
  const fix = "Remove it, or write false; the smallest bridge is enough.";
  return [{ key: `${first.key}.parked`, finding: "is true, as of every other bridge", fix }];
}

export function idleEvents(draft: Draft): Breach[] {
  const bridges = bridgesOf(draft);
  if (!draft.hasEvents || bridges.length === 0 || bridges.some(({ parked }) => parked !== undefined))
    return [];
  const fix = "Write parked: true at bridges that only events need, or remove the events.";
  return [{ key: "jitsi:events", finding: "is given, and no bridge has parked", fix }];
}

export function emptyRegions(draft: Draft): Breach[] {
  return regionsOf(draft)
    .filter((region) => !region.core && !region.monitoring)
    .filter((region) => region.bridges.length === 0 && region.recorders.length === 0)
    .map(({ key, name }) => ({
      key,
      finding: `${name === undefined ? "" : `(${shown(name, { name: true })}) `}has neither a core nor a bridge nor a recorder`,
      fix: "Add a bridge to it, or remove the region.",
    }));
}

export function repeatedNames(draft: Draft): Breach[] {
  return repeated(regionsOf(draft), ({ name }) => name).map(([region, first]) => ({
    key: `${region.key}.name`,
    finding: `is ${shown(region.name, { name: true })}, which is also the name of ${first.key}`,
    fix: "Rename one of the two.",
  }));
}

export function repeatedIds(draft: Draft): Breach[] {
  const nodes = [...bridgesOf(draft), ...recordersOf(draft)];
  return repeated(nodes, ({ id }) => id).map(([node, first]) => ({
    key: `${node.key}.id`,
    finding: `is ${shown(node.id, { name: true })}, which is also the id of ${first.key}`,
    fix: "Rename one of the two, preferably the one that is not deployed yet.",
  }));
}

export function onCoreElsewhere(draft: Draft): Breach[] {
  const [core] = coresOf(draft);
  if (!core) return [];
  return bridgesOf(draft)
    .filter((bridge) => bridge.isOnCore && bridge.region !== core.region)
    .map(({ key }) => ({
      key: `${key}.on`,
      finding: 'is "core"',
      fix: `Move the bridge to ${core.region}.`,
    }));
}

export function crowdedCore(draft: Draft): Breach[] {
  const [first, ...others] = bridgesOf(draft).filter((bridge) => bridge.isOnCore);
  return others.map(({ key }) => ({
    key: `${key}.on`,
    finding: `is "core", but ${first?.key ?? "another bridge"} is already there`,
    fix: "Give this bridge its own machine, or remove it.",
  }));
}
