import { monitorsOf, type Breach } from "./breach";
import type { Draft } from "./draft";

export function secondMonitors(draft: Draft): Breach[] {
  const [first, ...others] = monitorsOf(draft);
  return others.map(({ key }) => ({
    key,
    finding: "is a second monitoring machine",
    fix: `Remove it; ${first?.key ?? "another one"} is already there.`,
  }));
}

export function monitoringBreaches(draft: Draft): Breach[] {
  const { monitoring } = draft;
  if (monitoring === undefined || draft.regions === undefined || monitorsOf(draft).length > 0) return [];
  const missing =
    "Give `monitoring:` to one region, on a machine without core, bridge and recorder; or remove the key.";
  const receivers = monitoring.receivers.map((name) => ({
    key: `jitsi:monitoring.${name}`,
    finding: "is set, but no region has a monitoring machine",
    fix: missing,
  }));
  if (monitoring.networks > 0 || receivers.length > 0) return receivers;
  const key = "jitsi:monitoring.networks";
  const fix = "Write the networks of your own Prometheus, or give `monitoring:` to one region.";
  return [{ key, finding: "is empty", fix }];
}
