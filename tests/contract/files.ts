import { bridge, bridgeOnCore, content as contentOf, planWith } from "../unit/servicesFixture";

/** A core with a bridge of its own, a bridge in the same region, and one over public addresses. */
export const PLAN = planWith([
  bridgeOnCore("main"),
  bridge("fra-1", 3),
  bridge("iad-1", 4, { region: "us", coreAddress: "198.51.100.2", sourceAddress: "2001:db8::4" }),
]);

/** The content of a managed file of a host. */
export function content(path: string, hostId = "core", plan = PLAN): string {
  return contentOf(plan, hostId, path);
}
