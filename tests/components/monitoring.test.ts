import { isSecret } from "../../lab/plugins/shared/values";
import { documentOf, differences } from "./support/compare";
import { deployment, everythingBefore, stepOf } from "./support/deployment";
import { labStack } from "./support/stacks";
import type { Json } from "../unit/configFixtures";

/** A core and a bridge, and what is said about monitoring. */
function stack(more: Json, machine?: Json): Json {
  const config = labStack(["fra-1"], more);
  const [region] = config["regions"] as Json[];
  return { ...config, regions: [{ ...region, ...(machine && { monitoring: machine }) }] };
}

const NETWORKS = { monitoring: { networks: ["192.0.2.0/24"] } };

test("networks bring each host a certificate and its exporters, and change what has to know of them", async () => {
  const { added, removed, changed } = differences(
    await deployment(stack({})),
    await deployment(stack(NETWORKS)),
  );
  const certificate = (id: string) => [
    `tls:index/certRequest:CertRequest core-authority-metrics-${id}-request`,
    `tls:index/locallySignedCert:LocallySignedCert core-authority-metrics-${id}-certificate`,
    `tls:index/privateKey:PrivateKey core-authority-metrics-${id}-key`,
  ];
  const steps = ["core", "fra-1"].flatMap((id) =>
    ["metrics", "metrics-trust"].map((group) => `command:remote:Command ${id}-files-${group}`),
  );
  expect(added).toEqual([...steps, ...certificate("core"), ...certificate("fra-1")].sort());
  expect(removed).toEqual([]);
  expect([...new Set(changed.map((entry) => entry.split(".")[0]))]).toEqual([
    ...[
      "core-ear",
      "core-files-host",
      "core-packages",
      "core-preflight",
      "core-prosody-files-prosody-jvb",
      "core-prosody-files-prosody",
      "core-secrets",
    ],
    ...["core-verification-run", "fra-1-files-host", "fra-1-packages", "fra-1-preflight"],
    ...["fra-1-secrets", "fra-1-verification-run"],
  ]);
});

test("the machine with Prometheus is verified last, when there is something to read on every host", async () => {
  const run = await deployment(stack({}, {}));
  const before = everythingBefore(run, stepOf(run, "monitoring-verification-run"));
  for (const step of ["core-verification-run", "fra-1-verification-run", "monitoring-files-prometheus"])
    expect(before).toContain(`command:remote:Command ${step}`);
  const { checks } = documentOf(stepOf(run, "monitoring-verification-run")) as { checks: unknown[] };
  expect(checks).toContainEqual(expect.objectContaining({ kind: "prometheus", targets: 13 }));
});

test("the password of the mail goes to the machine with Alertmanager as a secret, to no other, and into no other step", async () => {
  const mail = { server: "smtp.example.org:587", from: "am@example.org", user: "alerts@example.org" };
  const run = await deployment(stack({ monitoring: { mail } }, {}), { mailPassword: "correct horse" });
  const holders = run.resources.filter(({ inputs }) => JSON.stringify(inputs).includes("correct horse"));
  expect(holders.map(({ name }) => name)).toEqual(["monitoring-secrets"]);
  const { stdin, ...others } = holders[0]?.inputs ?? {};
  expect(isSecret(stdin ?? null)).toBe(true);
  expect(JSON.stringify([others, run.outputs, run.componentOutputs])).not.toContain("correct horse");
  const { checks } = documentOf(stepOf(run, "monitoring-verification-run")) as { checks: unknown[] };
  expect(checks).toContainEqual(expect.objectContaining({ kind: "mail", user: mail.user }));
});

test("the outputs say where metrics are read and how to reach Prometheus", async () => {
  const { outputs } = await deployment(stack({}, {}));
  const monitoring = outputs["monitoring"] as { prometheus: string; metrics: Record<string, string[]> };
  expect(monitoring.prometheus).toMatch(
    /^ssh -N -L 9090:127\.0\.0\.1:9090 -L 9093:127\.0\.0\.1:9093 .*root@10\./,
  );
  expect(monitoring.metrics["fra-1"]).toContainEqual(
    expect.stringMatching(/^https:\/\/10\.213\.\d+\.\d+:9998\/proxy\?module=videobridge$/),
  );
});
