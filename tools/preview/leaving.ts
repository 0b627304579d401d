import { leavingWords } from "../../services/leavingBridges";
import { OTHER_VERSION } from "../../services/prices";
import type { Change } from "./digest";
import type { Group } from "./document";

/** How the step that empties a bridge is undone; a recorder is emptied by another verb (components/host/drain.ts). */
const EMPTIES = /\/audio-meet drain$/;

/** What people notice when the bridge of a part goes, or its machine, by what goes; nothing where neither does. */
export function leaving({ operation, before }: Change): Record<string, string> {
  const undo = before?.["delete"];
  const goes = operation === "delete" || operation === "replace";
  if (!goes || typeof undo !== "string" || !EMPTIES.test(undo)) return {};
  return { [operation === "replace" ? "machine (replaced)" : "bridge (goes)"]: leavingWords() };
}

/** What people notice when a bridge is parked. */
export const PARKED = { "bridge (is parked)": leavingWords() };

/** The same of a step; nothing where it was parked before. */
export function parking(before: Group, after: Group): Record<string, string> {
  if (before.parks !== undefined || after.parks === undefined) return {};
  return PARKED;
}

/**
 * How the machine of a bridge is switched, by the change of its step: on one that is off it is the command that empties a
 * bridge, whose document says nothing of files (components/host/managedHost.ts).
 */
export function switched({ operation, before, after }: Change): "off" | "on" | undefined {
  if (operation !== "update") return undefined;
  const [was, is] = [before, after].map((inputs) => {
    const create = inputs?.["create"];
    return typeof create === "string" && EMPTIES.test(create);
  });
  return was === is ? undefined : is ? "off" : "on";
}

/** What a bridge's step costs beside its restart, where it brings another version beside bridges with the one before. */
export function otherVersion(before: Group, after: Group): string {
  const [old, fresh] = [before, after].map(({ packages }) => JSON.stringify(packages));
  return after.handOver === true && old !== fresh ? `; ${OTHER_VERSION}` : "";
}
