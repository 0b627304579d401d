import { isSecret, plain } from "../../lab/plugins/shared/values";
import type { CertificateManifest } from "../../services/manifest";
import { deployment, everythingBefore, stepOf, steps, type Deployment } from "./support/deployment";
import { textOf } from "./support/registration";
import { existingStack, withKey } from "./support/stacks";

const HELPER = "/usr/local/sbin/audio-meet";
const EAB_KEY = "bGFiLWhtYWMta2V5LW9mLTMyLWJ5dGVzLWF0LWxlYXN0";
const acme = { issuer: "acme", server: "https://ca.example.org/dir", externalAccount: "kid-1" };

describe("a certificate from an authority", () => {
  let run: Deployment;
  beforeAll(async () => {
    run = await deployment(withKey(existingStack(), "certificate", acme), { acmeEabKey: EAB_KEY });
  });

  test("is a step of its own, whose order a preview can show and whose undo closes the account", () => {
    const { inputs } = stepOf(run, "core-certificate");
    expect(inputs["create"]).toMatch(new RegExp(`${HELPER} certificate$`));
    expect(inputs["delete"]).toMatch(new RegExp(`${HELPER} remove-certificate$`));
    const manifest = JSON.parse(textOf(inputs, "stdin")) as CertificateManifest;
    expect(manifest).toMatchObject({ names: ["meet.example.org"], server: acme.server });
    expect(manifest.addresses).toContain("203.0.113.1");
  });

  test("comes when everything else stands, and the verification after it", () => {
    const label = stepOf(run, "core-certificate").label;
    const before = everythingBefore(run, stepOf(run, "core-certificate"));
    expect(before).toContain(stepOf(run, "core-files-nginx").label);
    expect(before).toContain(stepOf(run, "core-files-certificate").label);
    expect(everythingBefore(run, stepOf(run, "core-verification-run"))).toContain(label);
    expect(everythingBefore(run, stepOf(run, "fra-1-files-videobridge"))).not.toContain(label);
  });

  test("shows the key of the external account to the secrets step alone, which is secret", () => {
    const holders = steps(run).filter(({ inputs }) =>
      JSON.stringify(plain(inputs["stdin"] ?? null)).includes(EAB_KEY),
    );
    expect(holders.map(({ name }) => name)).toEqual(["core-secrets"]);
    expect(isSecret(holders[0]?.inputs["stdin"] ?? null)).toBe(true);
  });

  test("leaves the outputs without an authority that nobody has to know", () => {
    expect(run.outputs).not.toHaveProperty("caPem");
    expect(run.outputs["certificate"]).toEqual({ issuer: acme.server });
  });
});

test("our own authority needs no step", async () => {
  const run = await deployment(existingStack());
  expect(steps(run).map(({ name }) => name)).not.toContain("core-certificate");
  expect(run.outputs).toHaveProperty("caPem");
});
