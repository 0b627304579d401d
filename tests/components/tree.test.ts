import { deployment, stepOf, steps, type Deployment } from "./support/deployment";
import { plain } from "../../lab/plugins/shared/values";
import { labStack, oneMachineStack } from "./support/stacks";

/** Every resource in the line of its parent, as "<type> <name>", the children indented and in the order of their labels. */
function treeOf({ resources }: Deployment, parent?: string, indent = ""): string[] {
  return resources
    .filter((resource) => resource.parent === parent)
    .map(({ label }) => label)
    .sort()
    .flatMap((label) => [`${indent}${label}`, ...treeOf({ resources } as Deployment, label, `${indent}  `)]);
}

const AUTHORITY = `
jitsi:index:CertificateAuthority authority
  tls:index/certRequest:CertRequest authority-main-request
  tls:index/certRequest:CertRequest authority-tech-request
  tls:index/locallySignedCert:LocallySignedCert authority-main-certificate
  tls:index/locallySignedCert:LocallySignedCert authority-tech-certificate
  tls:index/privateKey:PrivateKey authority-key
  tls:index/privateKey:PrivateKey authority-main-key
  tls:index/privateKey:PrivateKey authority-tech-key
  tls:index/selfSignedCert:SelfSignedCert authority-certificate`;

const CREDENTIALS = `
jitsi:index:Credentials credentials
  random:index/randomPassword:RandomPassword credentials-focus-client
  random:index/randomPassword:RandomPassword credentials-focus-service
  random:index/randomPassword:RandomPassword credentials-videobridge`;

const CORE = `
jitsi:index:JitsiCore core
  command:remote:Command core-files-bridge-access
  command:remote:Command core-files-jicofo
  jitsi:index:ManagedHost core
    command:remote:Command core-bootstrap
    command:remote:Command core-packages
    command:remote:Command core-secrets
    command:remote:Command core-size
    command:remote:Command core-trust
  jitsi:index:ProsodyPair core-prosody
    command:remote:Command core-files-prosody
    command:remote:Command core-files-prosody-jvb
  jitsi:index:Verification core-verification
    command:remote:Command core-verification-run`;

const machine = (id: string) => `
jitsi:index:LabMachine ${id}-machine
  command:local:Command ${id}-machine-guest
  tls:index/privateKey:PrivateKey ${id}-machine-host-key
  tls:index/privateKey:PrivateKey ${id}-machine-login-key`;

const bridge = (id: string) => `
jitsi:index:VideobridgeNode ${id}
  command:remote:Command ${id}-drain
  command:remote:Command ${id}-files-videobridge
  jitsi:index:ManagedHost ${id}
    command:remote:Command ${id}-bootstrap
    command:remote:Command ${id}-packages
    command:remote:Command ${id}-secrets
    command:remote:Command ${id}-size
    command:remote:Command ${id}-trust
  jitsi:index:Verification ${id}-verification
    command:remote:Command ${id}-verification-run`;

const lines = (...parts: string[]) => parts.flatMap((part) => part.trim().split("\n"));

test("a core and two bridges are exactly these resources, so that no later release replaces one by a new name", async () => {
  const run = await deployment(labStack(["fra-1", "fra-2"]));
  const machines = [machine("core"), machine("fra-1"), machine("fra-2")];
  const expected = lines(AUTHORITY, CREDENTIALS, CORE, ...machines, bridge("fra-1"), bridge("fra-2"));
  expect(treeOf(run)).toEqual(expected);
  expect(new Set(run.resources.map(({ label }) => label)).size).toBe(run.resources.length);
});

describe("a bridge on the core", () => {
  const node = `
jitsi:index:VideobridgeNode main
  command:remote:Command core-files-videobridge
  command:remote:Command main-drain`;

  test("brings its files and its drain, and no machine, host or verification of its own", async () => {
    const run = await deployment(oneMachineStack());
    expect(treeOf(run)).toEqual(lines(AUTHORITY, CREDENTIALS, CORE, machine("core"), node));
  });

  test("is reached at the core's address", async () => {
    const run = await deployment(oneMachineStack());
    const connections = steps(run).map(({ inputs }) => plain(inputs["connection"] ?? null));
    expect(connections).toHaveLength(12);
    expect(new Set(connections.map((connection) => JSON.stringify(connection))).size).toBe(1);
    expect(connections[0]).toMatchObject({ host: run.plan.hosts[0]?.publicAddress });
  });

  test("is verified with the core", async () => {
    const verification = stepOf(await deployment(oneMachineStack()), "core-verification-run");
    const { checks } = JSON.parse(String(plain(verification.inputs["stdin"] ?? null))) as {
      checks: unknown[];
    };
    expect(checks).toContainEqual(expect.objectContaining({ kind: "jicofo", bridges: ["main"] }));
    expect(checks).toContainEqual(expect.objectContaining({ kind: "videobridge", relayId: "main" }));
  });
});
