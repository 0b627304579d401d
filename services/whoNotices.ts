import { createHash } from "node:crypto";
import type { FileGroup } from "./manifest";
import type { Service } from "./service";
import { SERVICES } from "./table";

/** What people notice of the restart of a unit; units without a sentence are noticed by nobody. */
const NOTICED = Object.assign({}, ...SERVICES.map(({ noticed }) => noticed)) as NonNullable<
  Service["noticed"]
>;

/**
 * The group with a sentence for each unit that a change of it restarts. It holds a digest of what the unit reads, so that a preview,
 * which shows only what differs, shows the sentence beside the change that causes the restart.
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

function wordsFor(unit: string, group: FileGroup): string | undefined {
  const words = NOTICED[unit];
  return typeof words === "function" ? words(group) : words;
}

/** Six digits are enough to differ from the ones before. */
function digestFor(unit: string, { files, heaps, packages }: FileGroup): string {
  const read = Object.entries(files).filter(([, { units }]) => units[unit] === "restart");
  const text = JSON.stringify([read, heaps, packages]);
  return createHash("sha256").update(text).digest("hex").slice(0, 6);
}
