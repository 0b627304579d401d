import { isSecret, plain, type Value } from "../../lab/plugins/shared/values";
import { changedFiles, differences, filesOf } from "./support/compare";
import { deployment, resourceOf, stepOf } from "./support/deployment";
import { labStack, withKey } from "./support/stacks";

const OPEN = labStack(["fra-1"]);
const NAMES = ["anna", "ben"];
const moderated = (moderators: string[], counters: Record<string, number> = {}) =>
  withKey(withKey(OPEN, "access", { kind: "moderated", moderators }), "secrets", { moderators: counters });
const TOKEN_SECRET = "0123456789abcdefghijklmnopqrstuvwxyz";
const TOKEN = withKey(OPEN, "access", { kind: "token", appId: "hall" });

test("each moderator has a password, which the output shows as a secret and nothing else does", async () => {
  const run = await deployment(moderated(NAMES));
  const shown = run.outputs["moderators"] ?? null;
  expect(isSecret(shown)).toBe(true);
  const passwords = plain(shown) as Record<string, string>;
  expect(Object.keys(passwords)).toEqual(NAMES);
  const others = { ...run.outputs, moderators: null };
  const open = JSON.stringify([others, run.componentOutputs], (_, value: Value) =>
    isSecret(value) ? null : value,
  );
  for (const [name, password] of Object.entries(passwords)) {
    expect(open).not.toContain(password);
    expect(filesOf(stepOf(run, "core-secrets"))[`/etc/audio-meet/secrets/moderators/${name}`]?.content).toBe(
      password,
    );
  }
  expect((await deployment(OPEN)).outputs).not.toHaveProperty("moderators");
});

test("another moderator, or a new password of one, touches nobody else's and no file that a daemon reads", async () => {
  const before = await deployment(moderated(NAMES));
  const rotated = await deployment(moderated(NAMES, { ben: 2 }));
  const brought = ["core-prosody-files-prosody.stdin", "core-secrets.stdin", "core-verification-run.create"];
  const steps = ["core-ear.stdin", ...brought];
  expect(differences(before, rotated)).toEqual({
    added: [],
    removed: [],
    changed: [...steps, "core-credentials-moderator-ben.keepers"].sort(),
  });
  const fewer = differences(before, await deployment(moderated(["anna"])));
  expect(fewer.removed.map((label) => label.split(" ").at(-1))).toEqual(["core-credentials-moderator-ben"]);
  expect(fewer.changed).toEqual(steps);
  const files = changedFiles(
    stepOf(before, "core-prosody-files-prosody"),
    stepOf(rotated, "core-prosody-files-prosody"),
  );
  expect(files).toEqual(["/etc/audio-meet/accounts/moderators"]);
});

test("the secret of tokens reaches Prosody's host as a secret, and no output", async () => {
  const run = await deployment(TOKEN, { tokenSecret: TOKEN_SECRET });
  const { inputs } = stepOf(run, "core-secrets");
  expect(isSecret(inputs["stdin"] ?? null)).toBe(true);
  expect(JSON.stringify(plain(inputs["stdin"] ?? null))).toContain(TOKEN_SECRET);
  // Who listens at the end signs a token as well.
  const { environment = null } = resourceOf(run, "Command core-ear").inputs;
  expect(isSecret(environment)).toBe(true);
  const others = run.resources.filter(({ name }) => name !== "core-secrets" && name !== "core-ear");
  expect(JSON.stringify([others.map((one) => one.inputs), run.outputs, run.componentOutputs])).not.toContain(
    TOKEN_SECRET,
  );
});
