import { regionsOf, repeated, type Breach } from "./breach";
import type { Draft } from "./draft";
import { shown } from "./quoted";

/** A network or value that two regions name would choose neither. */
export function repeatedNearness(draft: Draft): Breach[] {
  const near = regionsOf(draft).flatMap(({ near: { networks, headerValues } }) => [
    ...networks,
    ...headerValues.map(({ key, value }) => ({ key, value: value?.toLowerCase() })),
  ]);
  return repeated(near, ({ value }) => value).map(([one, first]) => ({
    key: one.key,
    finding: `is ${shown(one.value, { name: true })}, which is also at ${first.key}`,
    fix: "Remove one of the two.",
  }));
}

/** What has no effect is a misunderstanding. */
export function idleNearness(draft: Draft): Breach[] {
  const isOff = draft.features["jitsiModules"] === false;
  return regionsOf(draft).flatMap(({ near, bridges }) => {
    if (near.key === undefined) return [];
    const where = { key: near.key };
    return [
      ...(bridges.length > 0
        ? []
        : [{ ...where, finding: "is given", fix: "Add a bridge to the region, or remove participants." }]),
      ...(isOff
        ? [
            {
              ...where,
              finding: "is given, and jitsi:features.jitsiModules is false",
              fix: "Remove participants, or leave jitsiModules on.",
            },
          ]
        : []),
    ];
  });
}

/** The header and what its values mean belong together. */
export function unpairedHeaders(draft: Draft): Breach[] {
  const values = regionsOf(draft).flatMap(({ near }) => near.headerValues);
  const [first] = values;
  if (draft.hasRegionHeader && !first)
    return [
      {
        key: "jitsi:participants.regionHeader",
        finding: "is given",
        fix: "Give the regions participants: { headerValues: […] }, or remove the header.",
      },
    ];
  if (!draft.hasRegionHeader && first)
    return [
      {
        key: first.key,
        finding: `is ${shown(first.value, { name: true })}`,
        fix: "Give jitsi:participants: { regionHeader: … }, or remove headerValues.",
      },
    ];
  return [];
}
