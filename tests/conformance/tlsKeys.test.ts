import { execFileSync } from "node:child_process";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { join } from "node:path";
import { Scratch } from "./support/scratch";
import { isSecret, ProviderUnderTest, type Properties } from "./support/provider";

const KEY = "tls:index/privateKey:PrivateKey";

let provider: ProviderUnderTest;
let scratch: Scratch;
beforeAll(async () => {
  provider = await ProviderUnderTest.start("tls");
  scratch = new Scratch();
});
afterAll(() => {
  provider.stop();
  scratch.remove();
});

const file = (name: string, content: unknown) => scratch.file(name, content);

const keyOf = (inputs: Properties) => provider.create(KEY, inputs);

describe("private keys", () => {
  test.each([
    [{ algorithm: "ED25519" }, "PRIVATE KEY"],
    [{ algorithm: "ECDSA", ecdsaCurve: "P256" }, "EC PRIVATE KEY"],
    [{ algorithm: "ECDSA", ecdsaCurve: "P384" }, "EC PRIVATE KEY"],
    [{ algorithm: "ECDSA", ecdsaCurve: "P521" }, "EC PRIVATE KEY"],
    [{ algorithm: "RSA", rsaBits: 2048 }, "RSA PRIVATE KEY"],
  ])("%j: all forms are the same key, and ssh-keygen agrees", async (inputs, label) => {
    const { outputs, state } = await keyOf(inputs);
    expect(outputs["privateKeyPem"]).toContain(`-----BEGIN ${label}-----`);
    expect(outputs["privateKeyPemPkcs8"]).toContain("-----BEGIN PRIVATE KEY-----");
    const forms = [outputs["privateKeyPem"], outputs["privateKeyPemPkcs8"]].map((pem) =>
      createPrivateKey(String(pem)),
    );
    const spki = forms.map((key) =>
      createPublicKey(key).export({ format: "pem", type: "spki" }).toString().trim(),
    );
    expect(spki).toEqual([String(outputs["publicKeyPem"]).trim(), String(outputs["publicKeyPem"]).trim()]);
    const openssh = file("key", outputs["privateKeyOpenssh"]);
    expect(execFileSync("ssh-keygen", ["-y", "-f", openssh]).toString()).toBe(outputs["publicKeyOpenssh"]);
    const listed = execFileSync("ssh-keygen", [
      "-l",
      "-f",
      file("key.pub", outputs["publicKeyOpenssh"]),
    ]).toString();
    expect(listed).toContain(` ${String(outputs["publicKeyFingerprintSha256"])} `);
    const md5 = execFileSync("ssh-keygen", [
      "-l",
      "-E",
      "md5",
      "-f",
      join(scratch.folder, "key.pub"),
    ]).toString();
    expect(md5).toContain(`MD5:${String(outputs["publicKeyFingerprintMd5"])} `);
    for (const name of ["privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"])
      expect(isSecret(state[name])).toBe(true);
  });

  test("P224 has no OpenSSH form", async () => {
    const { outputs } = await keyOf({ algorithm: "ECDSA", ecdsaCurve: "P224" });
    expect(outputs["privateKeyOpenssh"] ?? "").toBe("");
    expect(outputs["publicKeyOpenssh"] ?? "").toBe("");
  });

  test("an unknown algorithm is refused", async () => {
    await expect(keyOf({ algorithm: "DSA" })).rejects.toThrow();
  });

  test("a changed algorithm replaces", async () => {
    const old = await keyOf({ algorithm: "ED25519" });
    expect((await provider.diff(KEY, old, { algorithm: "RSA" })).replaces).not.toEqual([]);
  });
});
