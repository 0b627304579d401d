import type { DeploymentPlan } from "../../plan/types";
import { bridge, bridgeOnCore, content as contentOf, planWith } from "../unit/servicesFixture";

/** A core with a bridge of its own, a bridge in the same region, and one over public addresses. */
export const PLAN = planWith([
  bridgeOnCore("main"),
  bridge("fra-1", 3),
  bridge("iad-1", 4, { region: "us", coreAddress: "198.51.100.2", sourceAddress: "2001:db8::4" }),
]);

const MODERATOR = { name: "anna", jid: "anna@meet.example.org", rotation: 1 };
const TOKEN = { kind: "token", appId: `a"b\\c\nd 🙂`, issuers: [`"`, "]]"], audiences: ["*"] } as const;
const token = { ...TOKEN, issuers: [...TOKEN.issuers], audiences: [...TOKEN.audiences] };

/** The same for every kind of access, with hostile text where text is free. */
export const ACCESS_PLANS: [kind: string, plan: DeploymentPlan][] = [
  ["open", PLAN],
  ["moderated", { ...PLAN, access: { kind: "moderated", moderators: [MODERATOR] } }],
  ["token by secret", { ...PLAN, access: token }],
  ["token by key server", { ...PLAN, access: { ...token, keyServer: "https://keys.example.org/jwt" } }],
];

/** The content of a managed file of a host. */
export function content(path: string, hostId = "core", plan = PLAN): string {
  return contentOf(plan, hostId, path);
}
