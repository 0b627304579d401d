import { X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { javaTruststore, TRUSTSTORE_PASSWORD } from "../../services/truststore";
import { AUTHORITY_PEM } from "../unit/servicesFixture";
import { inFolder, run, testWith } from "./programs";

function list(store: Buffer, password = TRUSTSTORE_PASSWORD) {
  return inFolder((folder) => {
    const file = join(folder, "truststore.jks");
    writeFileSync(file, store);
    return run("keytool", ["-J-Duser.language=en", "-list", "-keystore", file, "-storepass", password]);
  });
}

testWith(["keytool"], "Java trusts our authority and nobody else", () => {
  const { code, output } = list(javaTruststore(AUTHORITY_PEM));
  expect(code).toBe(0);
  expect(output).toContain("Your keystore contains 1 entry");
  expect(output).toMatch(/^audio-meet-1, Jan 2, 2026, trustedCertEntry/m);
  expect(output).toContain(new X509Certificate(AUTHORITY_PEM).fingerprint256);
});

testWith(["keytool"], "Java notices a store that was tampered with", () => {
  const store = javaTruststore(AUTHORITY_PEM);
  store.writeUInt8(store.readUInt8(60) ^ 1, 60);
  expect(list(store).code).not.toBe(0);
});
