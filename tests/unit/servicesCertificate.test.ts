import {
  certificateManifest,
  groupsOf,
  packagesFor,
  secretGroup,
  verificationOf,
  serviceGroup,
} from "../../services/onHost";
import type { CertificatePlan, DeploymentPlan } from "../../plan/types";
import { certificate, EXTERNAL_ACCOUNT } from "../../services/certificate";
import { AUTHORITY } from "../../services/links/authority";
import { PAGE } from "../../services/links/pageCertificate";
import { trustGroup } from "../../services/trust";
import { AUTHORITY_PEM, bridge, planWith, SECRET_VALUES } from "./servicesFixture";

const SERVER = "https://ca.example.org/dir";
const acme = (more: object = {}): CertificatePlan => ({
  kind: "acme",
  server: SERVER,
  isTrial: false,
  ...more,
});
const planFor = (certificate: CertificatePlan): DeploymentPlan =>
  planWith([bridge("fra-1", 3)], { certificate });

const PEMS = { caPem: AUTHORITY_PEM, mainCertPem: "MAIN\n", techCertPem: "TECH\n", webCertPem: "WEB\n" };
const certificateOf = (plan: DeploymentPlan) => trustGroup(plan, "core", PEMS).files[PAGE.certificate];
const keyOf = (plan: DeploymentPlan) => secretGroup(plan, "core", SECRET_VALUES).files[PAGE.key];
const httpsOf = (plan: DeploymentPlan) => verificationOf(plan, "core").filter(({ kind }) => kind === "https");

test("what an authority renews is only begun by the program; else the program has its files as it says", () => {
  for (const fileOf of [certificateOf, keyOf]) {
    expect(fileOf(planFor(acme()))).toHaveProperty("seed", true);
    expect(fileOf(planFor({ kind: "internal" }))).not.toHaveProperty("seed");
    expect(fileOf(planFor({ kind: "provided", chain: "WEB\n" }))).not.toHaveProperty("seed");
  }
});

test("the order says who may be found where, and holds no secret", () => {
  const manifest = certificateManifest(planFor(acme({ eabKeyId: "kid-1", caBundle: AUTHORITY_PEM })));
  expect(manifest).toEqual({
    names: ["meet.example.org"],
    contact: "ops@example.org",
    server: SERVER,
    authorities: PAGE.authorities,
    externalAccount: { keyId: "kid-1", keyFile: EXTERNAL_ACCOUNT },
    addresses: ["198.51.100.2", "10.20.0.2"],
    certificate: PAGE.certificate,
    key: PAGE.key,
    units: ["nginx.service", "coturn.service"],
  });
});

test("authorities that systems do not know lie where certbot and the verification read them", () => {
  const filesOf = (certificate: CertificatePlan) => trustGroup(planFor(certificate), "core", PEMS).files;
  expect(filesOf(acme({ caBundle: AUTHORITY_PEM }))[PAGE.authorities]?.content).toBe(AUTHORITY_PEM);
  expect(filesOf(acme())).not.toHaveProperty([PAGE.authorities]);
});

test("the key of the external account is in a file for root, as certbot reads it", () => {
  const values = { ...SECRET_VALUES, acmeEabKey: "EabHmacKey" };
  const { files } = secretGroup(planFor(acme({ eabKeyId: "kid-1" })), "core", values);
  expect(files[EXTERNAL_ACCOUNT]).toMatchObject({
    mode: "0600",
    content: "eab-kid = kid-1\neab-hmac-key = EabHmacKey\n",
  });
  expect(secretGroup(planFor(acme()), "core", values).files).not.toHaveProperty([EXTERNAL_ACCOUNT]);
});

test("a timer renews, in a sandbox that may write where certificate and key lie", () => {
  const group = serviceGroup(certificate, planFor(acme()), "core");
  expect(group.run).toEqual(["audio-meet-certificate.timer"]);
  const service = group.files["/etc/systemd/system/audio-meet-certificate.service"]?.content;
  expect(service).toMatch(/^ExecStart=\/usr\/local\/sbin\/audio-meet renew-certificate$/m);
  expect(service).toMatch(/^ReadWritePaths=\/etc\/audio-meet\/web$/m);
  expect(service).toMatch(/^ReadWritePaths=\/etc\/audio-meet\/secrets$/m);
});

test("our own authority and a certificate of the operator need neither timer nor certbot", () => {
  const installs = (plan: DeploymentPlan) =>
    plan.hosts.map((host) => "certbot" in (packagesFor(plan, host).releases["debian-13"]?.packages ?? {}));
  expect(installs(planFor(acme()))).toEqual([true, false]);
  for (const plan of [planFor({ kind: "internal" }), planFor({ kind: "provided", chain: "WEB\n" })]) {
    expect(groupsOf(plan, "core").map(({ group }) => group)).not.toContain("certificate");
    expect(installs(plan)).toEqual([false, false]);
  }
});

test.each<[string, CertificatePlan, object]>([
  ["our own authority", { kind: "internal" }, { caFile: AUTHORITY, minimumDays: 7 }],
  ["the system's authorities", acme(), {}],
  ["the bundle", acme({ caBundle: AUTHORITY_PEM }), { caFile: PAGE.authorities }],
  ["nobody, and says so, for a trial", acme({ isTrial: true }), { caFile: PAGE.certificate, trial: true }],
  ["the system's authorities for a provided one", { kind: "provided", chain: "WEB\n" }, { minimumDays: 7 }],
])("the verification trusts %s", (_, certificate, trust) => {
  const ways = { path: "/xmpp-websocket", status: 101, websocket: true };
  const base = { kind: "https", domain: "meet.example.org", ...ways };
  expect(httpsOf(planFor(certificate))).toContainEqual({ ...base, ...trust });
});
