import { createHash } from "node:crypto";
import { untilWhen } from "../plan/restarts";
import type { FileGroup } from "./manifest";
import { wordsOf, type Price } from "./prices";
import { isPutOff, restartsSpec, whyAtOnce, type Deciding } from "./restarts";
import type { Service } from "./service";
import { SERVICES } from "./table";

/** What the restart of each unit costs people. */
const TABLE = Object.assign({}, ...SERVICES.map(({ prices }) => prices)) as NonNullable<Service["prices"]>;

/** The price of a unit that a change of the group restarts. A unit without one is a mistake of the program: an error. */
export function priceOf(unit: string, group: FileGroup): Price {
  const price = TABLE[unit];
  if (price === undefined) throw new Error(`services/prices.ts: the restart of ${unit} has no price`);
  return typeof price === "function" ? price(group) : price;
}

/**
 * The group with what the restart of each of its units costs people: in parts for the host, which counts the people right before it, and
 * as a sentence for a preview. That shows only what differs, so the sentence holds a digest of what the unit reads, and stands beside the
 * change that causes the restart.
 */
export function withWhoNotices(group: FileGroup, plan: Deciding): FileGroup {
  const units = new Set(
    Object.values(group.files).flatMap(({ units }) =>
      Object.keys(units).filter((unit) => units[unit] === "restart"),
    ),
  );
  const told = [...units].sort().flatMap((unit) => {
    const price = priceOf(unit, group);
    return price.costs === "background" ? [] : [{ unit, price, words: wordsOf(price) }];
  });
  if (told.length === 0) return group;
  const putOff = told.filter(({ price }) => isPutOff(price, plan)).map(({ unit }) => unit);
  const restarts = restartsSpec(putOff, Object.keys(group.files), plan);
  const sentence = (unit: string, { who, what }: { who: string; what: string }) =>
    `restarts with ${digestFor(unit, group)}: ${who} ${what}${putOff.includes(unit) ? waitWords(unit, group, plan) : ""}`;
  return {
    ...group,
    ...(restarts && { restarts }),
    whoNotices: Object.fromEntries(told.map(({ unit, words }) => [unit, sentence(unit, words)])),
    prices: Object.fromEntries(
      told.map(({ unit, price: { costs, whom }, words }) => [
        unit,
        { ...words, ...(costs !== "nobody" && (whom === "core" || whom === "bridge") && { count: whom }) },
      ]),
    ),
  };
}

/** Until when a restart waits that is put off, or why it does not. */
function waitWords(unit: string, group: FileGroup, { restarts }: Deciding): string {
  const paths = Object.keys(group.files).filter((path) => group.files[path]?.units[unit] === "restart");
  const reasons = paths.map(whyAtOnce);
  return reasons.every((reason) => reason !== undefined)
    ? `; does not wait: ${reasons.join("; ")}`
    : `; waits until ${untilWhen(restarts)}`;
}

/** Six digits are enough to differ from the ones before. */
function digestFor(unit: string, { files, heaps, packages }: FileGroup): string {
  const read = Object.entries(files).filter(([, { units }]) => units[unit] === "restart");
  const text = JSON.stringify([read, heaps, packages]);
  return createHash("sha256").update(text).digest("hex").slice(0, 6);
}
