import type { Draft } from "./draft";
import type { DraftNode, DraftRegion } from "./draftRegions";
import type { ConfigError } from "./errors";

/** A breach of a rule: where, what stands there, and what to do. */
export type Breach = Pick<ConfigError, "key" | "finding" | "fix">;

export const regionsOf = (draft: Draft): DraftRegion[] => draft.regions ?? [];
export const bridgesOf = (draft: Draft): DraftNode[] => regionsOf(draft).flatMap((region) => region.bridges);
export const coresOf = (draft: Draft): DraftNode[] =>
  regionsOf(draft).flatMap(({ core }) => (core ? [core] : []));
export const monitorsOf = (draft: Draft): DraftNode[] =>
  regionsOf(draft).flatMap(({ monitoring }) => (monitoring ? [monitoring] : []));
export const recordersOf = (draft: Draft): DraftNode[] =>
  regionsOf(draft).flatMap((region) => region.recorders);
export const machinesOf = (draft: Draft): DraftNode[] => [
  ...coresOf(draft),
  ...monitorsOf(draft),
  ...bridgesOf(draft).filter((b) => !b.isOnCore),
  ...recordersOf(draft),
];

/** Every item whose label an earlier item has, together with that one. Items without a label are left out. */
export function repeated<Item>(
  items: Item[],
  label: (item: Item) => string | undefined,
): [item: Item, first: Item][] {
  const firsts = new Map<string, Item>();
  return items.flatMap((item): [Item, Item][] => {
    const name = label(item);
    if (name === undefined) return [];
    const first = firsts.get(name);
    if (first !== undefined) return [[item, first]];
    firsts.set(name, item);
    return [];
  });
}
