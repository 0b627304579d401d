import { Stage } from "./stage";

/**
 * The stages that a comma-separated list of stage and group names selects, in their own order; all of them for an
 * empty list. Throws on a name that is neither: a typo must not pass for a green run.
 */
export function selectStages(stages: readonly Stage[], wanted: string): Stage[] {
  const names = wanted
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length === 0) return [...stages];
  const known = [...new Set([...stages.map((stage) => stage.group), ...stages.map((stage) => stage.name)])];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `STAGES: no stage or group is called ${unknown.join(", ")}; there are: ${known.join(", ")}`,
    );
  }
  return stages.filter((stage) => names.includes(stage.name) || names.includes(stage.group));
}
