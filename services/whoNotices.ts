import { createHash } from "node:crypto";
import type { FileGroup } from "./manifest";
import { UNITS } from "./paths";

/** What people in a conference notice of a restart; measured with real pages, docs/OPERATIONS.md. Other units are noticed by nobody. */
const RESTARTS: Record<string, string> = {
  [UNITS.prosody]: "everybody has to join again",
  [UNITS.prosodyJvb]: "nobody notices",
  [UNITS.jicofo]: "people hear each other twice for about 10 s; a running recording ends",
  [UNITS.coturn]: "participants who use TURN are cut off until the page reconnects, up to 30 s",
  [UNITS.nginx]: "everybody is disconnected; the page reconnects or asks to join again",
  [UNITS.recorder]: "nobody notices: it waits until the recording has ended",
};

const BRIDGE_ALONE =
  "everybody on this bridge hears nothing for about 10 s, because there is no other bridge";
const BRIDGE_OF_MANY = "people on this bridge are moved first, and hear each other twice for about 10 s";

/**
 * The group with a sentence for each unit that a change of it restarts. It holds a digest of what the unit reads, so that a preview,
 * which shows only what differs, shows the sentence beside the change that leads to the restart.
 */
export function withWhoNotices(group: FileGroup): FileGroup {
  const units = new Set(
    Object.values(group.files).flatMap(({ units }) =>
      Object.keys(units).filter((unit) => units[unit] === "restart"),
    ),
  );
  const sentences = [...units].sort().flatMap((unit) => {
    const words = wordsFor(unit, group);
    return words === undefined ? [] : [[unit, `restarts with ${digestFor(unit, group)}: ${words}`] as const];
  });
  return sentences.length === 0 ? group : { ...group, whoNotices: Object.fromEntries(sentences) };
}

function wordsFor(unit: string, { handOver }: FileGroup): string | undefined {
  return unit === UNITS.videobridge ? (handOver ? BRIDGE_OF_MANY : BRIDGE_ALONE) : RESTARTS[unit];
}

/** Six digits are enough to differ from the ones before. */
function digestFor(unit: string, { files, heaps, packages }: FileGroup): string {
  const read = Object.entries(files).filter(([, { units }]) => units[unit] === "restart");
  const text = JSON.stringify([read, heaps, packages]);
  return createHash("sha256").update(text).digest("hex").slice(0, 6);
}
