import { stepsOf } from "../../services/repair";
import { differences } from "./support/compare";
import { deployment, stepOf, steps } from "./support/deployment";
import { awsStack, existingStack, labStack, recordedStack, withKey } from "./support/stacks";

/** Steps that change nothing on a host by themselves, or act only when they are deleted. */
const NEVER_REPAIRED = /-(preflight|former-accounts|verification-run|drain)$/;

const monitored = withKey(existingStack(), "monitoring", { networks: ["198.51.100.0/24"] });

test.each([
  ["lab hosts", labStack(["fra-1", "fra-2"])],
  ["existing servers with metrics", monitored],
  [
    "instances with a certificate of Let's Encrypt",
    withKey(awsStack(), "certificate", { issuer: "letsencrypt" }),
  ],
  ["recorders", recordedStack()],
])("every step of %s that brings something has its name, and each name its step", async (_, config) => {
  const before = await deployment(config);
  const names = before.plan.hosts.flatMap(({ id }) =>
    stepsOf(before.plan, id).map((step) => `${id}/${step}`),
  );
  const repaired = Object.fromEntries(names.map((name, index) => [name, index + 1]));
  const { added, removed, changed } = differences(
    before,
    await deployment(withKey(config, "repair", repaired)),
  );
  expect([added, removed]).toEqual([[], []]);
  const bringing = steps(before)
    .map(({ name }) => name)
    .filter((name) => !NEVER_REPAIRED.test(name));
  const verified = steps(before).filter(({ name }) => name.endsWith("-verification-run"));
  const again = [...bringing, ...verified.map(({ name }) => name)].map((name) => `${name}.create`);
  expect(changed).toEqual(["core-ear.stdin", ...again].sort());
  expect(names).toHaveLength(bringing.length);
});

test("a repaired step runs again with the verification of its host, and what listens to its paths, and nothing else does", async () => {
  const stack = labStack(["fra-1"]);
  const first = await deployment(withKey(stack, "repair", { "core/prosody": 1 }));
  expect(differences(await deployment(stack), first).changed).toEqual([
    "core-ear.stdin",
    "core-prosody-files-prosody.create",
    "core-verification-run.create",
  ]);
  expect(stepOf(first, "core-prosody-files-prosody").inputs["create"]).toMatch(/audio-meet files repair-1$/);
  const second = await deployment(withKey(stack, "repair", { "core/prosody": 1, "fra-1/packages": 1 }));
  expect(differences(first, second).changed).toEqual([
    "core-ear.stdin",
    "fra-1-packages.create",
    "fra-1-verification-run.create",
  ]);
});

test("a repair that no host has is an error that names what there is", async () => {
  const wrong = withKey(labStack(["fra-1"]), "repair", { "fra-1/prosody": 1, "fra-2/secrets": 1 });
  await expect(deployment(wrong)).rejects.toThrow(
    /repair\["fra-1\/prosody"\] names no step of this deployment[^]*Steps of fra-1: helper, packages, [^]*repair\["fra-2\/secrets"\][^]*core, fra-1/,
  );
});
