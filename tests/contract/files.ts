import type { DeploymentPlan, TokenAccessPlan } from "../../plan/types";
import { bridge, bridgeOnCore, content as contentOf, planWith } from "../unit/servicesFixture";

/** A core with a bridge of its own, a bridge in the same region, and one over public addresses. */
export const PLAN = planWith([
  bridgeOnCore("main"),
  bridge("fra-1", 3),
  bridge("iad-1", 4, { region: "us", coreAddress: "198.51.100.2", sourceAddress: "2001:db8::4" }),
]);

const MODERATOR = { name: "anna", jid: "anna@meet.example.org", rotation: 1 };
const token: TokenAccessPlan = {
  kind: "token",
  keys: { from: "secret" },
  issuers: [`"`, "]]", `a"b\\c\nd 🙂`],
  audiences: ["*"],
  claims: { subject: "domain", room: "required", moderator: "a.b", name: "https://x/y" },
};
const JWKS = "https://id.example.org/realms/meet/protocol/openid-connect/certs";
const provider: TokenAccessPlan = {
  ...token,
  keys: { from: "jwks", url: JWKS, caBundle: "-----BEGIN CERTIFICATE-----\n" },
  claims: { ...token.claims, subject: "user", room: "optional", moderatorValue: `"]]` },
};

/** The same for every kind of access, with hostile text where text is free. */
export const ACCESS_PLANS: [kind: string, plan: DeploymentPlan][] = [
  ["open", PLAN],
  ["moderated", { ...PLAN, access: { kind: "moderated", moderators: [MODERATOR] } }],
  ["token by secret", { ...PLAN, access: token }],
  [
    "token by key server",
    { ...PLAN, access: { ...token, keys: { from: "keyServer", url: "https://keys.example.org/jwt" } } },
  ],
  ["token by JWKS", { ...PLAN, access: provider }],
];

/** The plan with a proxy before every host. */
export function behindProxy(plan: DeploymentPlan): DeploymentPlan {
  const httpProxy = "http://proxy.example.org:3128";
  return { ...plan, hosts: plan.hosts.map((host) => ({ ...host, httpProxy })) };
}

/** The content of a managed file of a host. */
export function content(path: string, hostId = "core", plan = PLAN): string {
  return contentOf(plan, hostId, path);
}
