import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { Scratch } from "./support/scratch";
import { isSecret, ProviderUnderTest, secret, type Properties, type Recorded } from "./support/provider";

const KEY = "tls:index/privateKey:PrivateKey";
const REQUEST = "tls:index/certRequest:CertRequest";
const SELF = "tls:index/selfSignedCert:SelfSignedCert";
const LOCAL = "tls:index/locallySignedCert:LocallySignedCert";

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

const keyOf = (inputs: Properties = { algorithm: "ECDSA", ecdsaCurve: "P256" }) =>
  provider.create(KEY, inputs);

async function authority(
  more: Properties = {},
): Promise<{ inputs: Properties; key: Recorded; certificate: Recorded }> {
  const key = await keyOf();
  const inputs = {
    privateKeyPem: secret(key.outputs["privateKeyPem"]),
    isCaCertificate: true,
    validityPeriodHours: 1000,
    allowedUses: ["cert_signing", "crl_signing"],
    subject: { commonName: "Test CA", organization: "Test" },
    ...more,
  };
  return { inputs, key, certificate: await provider.create(SELF, inputs) };
}

async function leafInputs(
  more: Properties = {},
  keyInputs: Properties = { algorithm: "ED25519" },
): Promise<{ inputs: Properties; ca: Recorded }> {
  const ca = await authority();
  const key = await keyOf(keyInputs);
  const request = await provider.create(REQUEST, {
    privateKeyPem: secret(key.outputs["privateKeyPem"]),
    subject: { commonName: "a.example.org" },
    dnsNames: ["a.example.org", "*.b.example.org"],
    ipAddresses: ["192.0.2.1", "2001:db8::1"],
    uris: ["spiffe://example.org/a"],
  });
  const inputs = {
    certRequestPem: request.outputs["certRequestPem"],
    caCertPem: ca.certificate.outputs["certPem"],
    caPrivateKeyPem: secret(ca.key.outputs["privateKeyPem"]),
    validityPeriodHours: 48,
    allowedUses: ["digital_signature", "server_auth", "client_auth"],
    ...more,
  };
  return { inputs, ca: ca.certificate };
}

describe("certificates", () => {
  test.each([
    [{ algorithm: "ED25519" }],
    [{ algorithm: "ECDSA", ecdsaCurve: "P384" }],
    [{ algorithm: "RSA", rsaBits: 2048 }],
  ])("openssl verifies a leaf for a key of %j against its authority", async (key) => {
    const { inputs, ca } = await leafInputs({}, key);
    const leaf = await provider.create(LOCAL, inputs);
    const paths = [file("ca.pem", ca.outputs["certPem"]), file("leaf.pem", leaf.outputs["certPem"])] as const;
    const verified = execFileSync("openssl", [
      "verify",
      "-x509_strict",
      "-purpose",
      "sslserver",
      "-CAfile",
      ...paths,
    ]);
    expect(verified.toString()).toContain("OK");
  });

  test("an authority signs itself, may sign others, and carries its key identifier", async () => {
    const { certificate } = await authority({ maxPathLength: 1 });
    const text = execFileSync("openssl", [
      "x509",
      "-noout",
      "-text",
      "-in",
      file("ca.pem", certificate.outputs["certPem"]),
    ]).toString();
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:1/);
    expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign/);
    expect(text).toMatch(/Subject Key Identifier/);
    expect(
      new X509Certificate(String(certificate.outputs["certPem"])).checkIssued(
        new X509Certificate(String(certificate.outputs["certPem"])),
      ),
    ).toBe(true);
  });

  test("the names of the request arrive in the certificate", async () => {
    const { inputs } = await leafInputs();
    const certificate = new X509Certificate(
      String((await provider.create(LOCAL, inputs)).outputs["certPem"]),
    );
    expect(certificate.checkHost("x.b.example.org")).toBeDefined();
    expect(certificate.checkIP("2001:db8::1")).toBeDefined();
    expect(certificate.subjectAltName).toContain("URI:spiffe://example.org/a");
    expect(certificate.ca).toBe(false);
  });

  test("validity runs from now for the given hours, and the outputs say so", async () => {
    const { inputs } = await leafInputs();
    const { outputs } = await provider.create(LOCAL, inputs);
    const certificate = new X509Certificate(String(outputs["certPem"]));
    const [start, end] = [certificate.validFrom, certificate.validTo].map((date) => Date.parse(date));
    expect(Date.parse(String(outputs["validityStartTime"]))).toBe(start);
    expect(Date.parse(String(outputs["validityEndTime"]))).toBe(end);
    expect((end ?? 0) - (start ?? 0)).toBe(48 * 3_600_000);
    expect(outputs["readyForRenewal"]).toBe(false);
  });

  test("the same inputs are no change until the early renewal time, then a replacement", async () => {
    const fresh = await leafInputs({ earlyRenewalHours: 1 });
    const kept = await provider.create(LOCAL, fresh.inputs);
    expect(await provider.diff(LOCAL, kept, fresh.inputs)).toMatchObject({ changes: false });
    const due = await leafInputs({ earlyRenewalHours: 48 });
    const old = await provider.create(LOCAL, due.inputs);
    const plan = await provider.diff(LOCAL, old, due.inputs);
    expect(plan.changes).toBe(true);
    expect(plan.replaces).not.toEqual([]);
  });

  test("changed early renewal hours are recorded without a new certificate", async () => {
    const { inputs } = await leafInputs();
    const old = await provider.create(LOCAL, inputs);
    const next = { ...inputs, earlyRenewalHours: 2 };
    expect((await provider.diff(LOCAL, old, next)).replaces).toEqual([]);
    const updated = await provider.update(LOCAL, old, next);
    expect(updated.outputs).toMatchObject({ certPem: old.outputs["certPem"], earlyRenewalHours: 2 });
  });

  test.each([
    ["validityPeriodHours", 49],
    ["allowedUses", ["server_auth"]],
    ["setSubjectKeyId", true],
  ])("a changed %s replaces the certificate", async (name, value) => {
    const { inputs } = await leafInputs();
    const old = await provider.create(LOCAL, inputs);
    expect((await provider.diff(LOCAL, old, { ...inputs, [name]: value })).replaces).not.toEqual([]);
  });

  test("a private key stays secret in the state", async () => {
    const { certificate } = await authority();
    expect(isSecret(certificate.state["privateKeyPem"])).toBe(true);
  });

  test("a damaged request or key is an error that does not quote it", async () => {
    const { inputs } = await leafInputs({
      caPrivateKeyPem: secret("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----"),
    });
    const error = await provider.create(LOCAL, inputs).then(
      () => "",
      (reason: unknown) => String(reason),
    );
    expect(error).not.toBe("");
    expect(error).not.toContain("c2VjcmV0");
  });
});
