import { isSecret } from "../../lab/plugins/shared/values";
import type { Listening } from "../../plan/ear";
import { deployment, everythingBefore, resourceOf } from "./support/deployment";
import { differences, documentOf } from "./support/compare";
import { awsStack, existingStack, labStack, oneMachineStack, withKey } from "./support/stacks";

const earOf = (run: Awaited<ReturnType<typeof deployment>>) => resourceOf(run, "Command core-ear");
const isDeaf = (run: Awaited<ReturnType<typeof deployment>>) =>
  !run.resources.some(({ name }) => name === "core-ear");

describe("the step that listens", () => {
  test("comes when every host is verified, and runs the program beside this one, wherever the checkout lies", async () => {
    const run = await deployment(labStack(["fra-1", "fra-2"]));
    const before = everythingBefore(run, earOf(run));
    for (const host of ["core", "fra-1", "fra-2"])
      expect(before).toContain(`command:remote:Command ${host}-verification-run`);
    expect(earOf(run).inputs["create"]).toBe("node -r tsx/cjs tools/ear.ts");
    expect(earOf(run).inputs).not.toHaveProperty("environment");
  });

  test("is told the page, the addresses of the bridges, and whom to trust", async () => {
    const run = await deployment(existingStack());
    const wanted = documentOf(earOf(run)) as unknown as Listening;
    expect(wanted).toMatchObject({
      ear: "all",
      url: "https://meet.example.org",
      dns: { "meet.example.org": "203.0.113.1" },
      bridges: { "fra-1": { region: "eu", publicAddress: "203.0.113.2" } },
    });
    expect(wanted.caPem).toMatch(/^-----BEGIN CERTIFICATE-----/);
  });

  test("runs again when a host on a path was brought something else, and else does not", async () => {
    const before = await deployment(labStack(["fra-1"]));
    const same = await deployment(labStack(["fra-1"]));
    expect(differences(before, same).changed).not.toContain("core-ear.stdin");
    const moved = await deployment(labStack(["fra-1"], { maxBridgeParticipants: 100 }));
    expect(differences(before, moved).changed).toContain("core-ear.stdin");
    // Nothing of it reaches the core, a bridge, or anybody between them.
    const other = await deployment(
      labStack(["fra-1"], { audience: { participants: 500, hoursPerMonth: 8 } }),
    );
    expect(differences(before, other).changed).not.toContain("core-ear.stdin");
  });

  test("hears over TURN alone, or nothing, where the stack says so", async () => {
    const relayed = await deployment(withKey(oneMachineStack(), "verification", { ear: "relayed" }));
    expect(documentOf(earOf(relayed))).toMatchObject({ ear: "relayed" });
    expect(isDeaf(await deployment(withKey(oneMachineStack(), "verification", { ear: "none" })))).toBe(true);
  });

  test("is one step of a first preview, in which addresses are not known", async () => {
    const run = await deployment(awsStack(), { preview: true });
    expect(run.resources.filter(({ name }) => name === "core-ear")).toHaveLength(1);
  });
});

describe("where not everybody may open a room", () => {
  test("a moderator opens it, whose password is a secret in the environment", async () => {
    const access = { kind: "moderated", moderators: ["anna", "ben"] };
    const run = await deployment(withKey(oneMachineStack(), "access", access));
    expect(documentOf(earOf(run))).toMatchObject({ opener: { domain: "meet.example.org", user: "anna" } });
    expect(isSecret(earOf(run).inputs["environment"] ?? null)).toBe(true);
  });

  test("tokens are made with the stack's secret, which the step's document does not hold", async () => {
    const tokenSecret = "a secret of the tokens, long enough";
    const access = { kind: "token", appId: "hall" };
    const run = await deployment(withKey(oneMachineStack(), "access", access), { tokenSecret });
    const token = { issuer: "hall", audience: "hall", subject: "meet.example.org" };
    expect(documentOf(earOf(run))).toMatchObject({ token });
    expect(JSON.stringify(documentOf(earOf(run)))).not.toContain(tokenSecret);
    expect(isSecret(earOf(run).inputs["environment"] ?? null)).toBe(true);
  });

  test("nobody listens where others make the tokens", async () => {
    const access = { kind: "token", appId: "hall", keyServer: "https://keys.example.org/jwt" };
    expect(isDeaf(await deployment(withKey(oneMachineStack(), "access", access)))).toBe(true);
  });
});
