import type { Breach } from "./breach";
import type { Draft } from "./draft";
import { NEEDS_JITSI_MODULES } from "./features";
import { shown } from "./quoted";

export function withoutJitsiModules({ features }: Draft): Breach[] {
  if (features["jitsiModules"] !== false) return [];
  return NEEDS_JITSI_MODULES.filter((name) => (features[name] ?? false) !== false).map((name) => ({
    key: `jitsi:features.${name}`,
    finding: `is ${shown(features[name])}, and jitsi:features.jitsiModules is false`,
    fix: `Remove ${name}, or leave jitsiModules on.`,
  }));
}

export function slimWithoutOnce({ features }: Draft): Breach[] {
  if (features["broadcastOnce"] !== false || features["slimPresences"] !== true) return [];
  const finding = "is true, and jitsi:features.broadcastOnce, of which it is a part, is false";
  return [
    {
      key: "jitsi:features.slimPresences",
      finding,
      fix: "Remove slimPresences, or leave broadcastOnce on.",
    },
  ];
}
