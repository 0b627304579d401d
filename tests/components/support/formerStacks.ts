import { changed, type Json } from "../../unit/configFixtures";
import { awsStack, existingStack, labStack, oneMachineStack, recordedStack, withKey } from "./stacks";

const KEYS = { recordingAccessKey: "AKEXAMPLE", recordingSecretKey: "SecretOfTheStorage" };

/** Stacks that together have every kind of resource. */
export const formerStacks: Record<string, { config: Json; secrets?: Record<string, string> }> = {
  lab: { config: moderatedWithMonitoring() },
  oneMachine: { config: oneMachineStack() },
  mixed: { config: changed(existingStack(), ["regions", 0, "videobridges", 1], { id: "main", on: "core" }) },
  servers: {
    config: withKey(existingStack(), "certificate", { issuer: "acme", server: "https://ca.example.org/dir" }),
  },
  aws: {
    config: withKey(changed(awsStack(["iad-1"], { ipv6: true }), ["regions", 1, "name"], "sg"), "dns", {
      route53Zone: "Z0123456789ABCDEFGHIJ",
    }),
  },
  recorded: { config: recordedStack({ create: {} }) },
  recordedWithKeys: { config: recordedStack(), secrets: KEYS },
};

function moderatedWithMonitoring(): Json {
  const config = labStack(["fra-1", "fra-2"], {
    access: { kind: "moderated", moderators: ["anna"] },
    monitoring: { networks: ["192.0.2.0/24"] },
  });
  return changed(config, ["regions", 0, "monitoring"], {});
}
