/**
 * Takes a stack to the one provider of Amazon whose program had one for each region (docs/AWS.md):
 * `npx tsx tools/oneAwsProvider.ts <before.json >after.json`. It changes the state alone.
 */
import { readFileSync } from "node:fs";
import type { StackState, StateResource } from "./stackState";

const PROVIDER = "pulumi:providers:aws";

/**
 * The state with the first of its providers of Amazon, in the place that the program takes it over from, and whatever any of them made
 * as made by that one. A resource says its own region, so that no other is asked for it. Without such a provider: as it was.
 */
export function withOneProvider(state: StackState): StackState {
  const [stack, ...others] = state.deployment.resources ?? [];
  const first = others.find(({ type }) => type === PROVIDER);
  if (stack === undefined || first === undefined) return state;
  const urn = stack.urn.replace(/::pulumi:pulumi:Stack::.*$/, `::${PROVIDER}::aws`);
  const reference = `${urn}::${first.id ?? ""}`;
  const moved = (one: StateResource): StateResource =>
    one.provider?.includes(`${PROVIDER}::`) ? { ...one, provider: reference } : one;
  const rest = others.filter(({ type }) => type !== PROVIDER).map(moved);
  return {
    ...state,
    deployment: { ...state.deployment, resources: [stack, { ...first, urn, parent: stack.urn }, ...rest] },
  };
}

if (require.main === module) {
  const state = JSON.parse(readFileSync(0, "utf8")) as StackState;
  process.stdout.write(JSON.stringify(withOneProvider(state)));
}
