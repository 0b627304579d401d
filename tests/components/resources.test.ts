import { plain } from "../../lab/plugins/shared/values";
import { labAddress } from "../../facts/labHost";
import { DEFAULT_RELEASE } from "../../facts/packageVersions";
import { documentOf } from "./support/compare";
import { deployment, stepOf, steps, type Deployment } from "./support/deployment";
import { existing, server, type Json } from "../unit/configFixtures";
import { existingStack, labStack, oneMachineStack, SERVERS, withKey } from "./support/stacks";

/** Every resource in the line of its parent, as "<type> <name>", the children indented and in the order of their labels. */
function treeOf({ resources }: Deployment, parent = "jitsi:index:AudioMeet meet", indent = ""): string[] {
  return resources
    .filter((resource) => resource.parent === parent)
    .map(({ label }) => label)
    .sort()
    .flatMap((label) => [`${indent}${label}`, ...treeOf({ resources } as Deployment, label, `${indent}  `)]);
}

const CORE = `
jitsi:index:JitsiCore core
  command:local:Command core-ear
  command:remote:Command core-bootstrap
  command:remote:Command core-files-coturn
  command:remote:Command core-files-host
  command:remote:Command core-files-jicofo
  command:remote:Command core-files-meet
  command:remote:Command core-files-nginx
  command:remote:Command core-files-watchdog
  command:remote:Command core-former-accounts
  command:remote:Command core-packages
  command:remote:Command core-preflight
  command:remote:Command core-secrets
  command:remote:Command core-verification-run
  jitsi:index:CertificateAuthority core-authority
    tls:index/certRequest:CertRequest core-authority-web-request
    tls:index/locallySignedCert:LocallySignedCert core-authority-web-certificate
    tls:index/privateKey:PrivateKey core-authority-key
    tls:index/privateKey:PrivateKey core-authority-web-key
    tls:index/selfSignedCert:SelfSignedCert core-authority-certificate
  jitsi:index:Credentials core-credentials
    random:index/randomPassword:RandomPassword core-credentials-focus-client
    random:index/randomPassword:RandomPassword core-credentials-focus-service
    random:index/randomPassword:RandomPassword core-credentials-turn
  jitsi:index:ProsodyPair core-prosody
    command:remote:Command core-prosody-files-prosody
    command:remote:Command core-prosody-files-prosody-jvb
    tls:index/certRequest:CertRequest core-prosody-main-request
    tls:index/certRequest:CertRequest core-prosody-tech-request
    tls:index/locallySignedCert:LocallySignedCert core-prosody-main-certificate
    tls:index/locallySignedCert:LocallySignedCert core-prosody-tech-certificate
    tls:index/privateKey:PrivateKey core-prosody-main-key
    tls:index/privateKey:PrivateKey core-prosody-tech-key`;

const machine = (id: string) => `
jitsi:index:LabMachine ${id}-machine
  command:local:Command ${id}-machine-guest
  tls:index/privateKey:PrivateKey ${id}-machine-host-key
  tls:index/privateKey:PrivateKey ${id}-machine-login-key`;

const bridge = (id: string) => `
jitsi:index:VideobridgeNode ${id}
  command:remote:Command ${id}-account
  command:remote:Command ${id}-bootstrap
  command:remote:Command ${id}-drain
  command:remote:Command ${id}-files-host
  command:remote:Command ${id}-files-videobridge
  command:remote:Command ${id}-packages
  command:remote:Command ${id}-preflight
  command:remote:Command ${id}-secrets
  command:remote:Command ${id}-turn-peer
  command:remote:Command ${id}-verification-run
  random:index/randomPassword:RandomPassword ${id}-password`;

const lines = (...parts: string[]) => parts.flatMap((part) => part.trim().split("\n"));

test("a core and two bridges are exactly these resources, so that no later release replaces one by a new name", async () => {
  const run = await deployment(labStack(["fra-1", "fra-2"]));
  const machines = [machine("core"), machine("fra-1"), machine("fra-2")];
  const expected = lines(CORE, ...machines, bridge("fra-1"), bridge("fra-2"));
  expect(treeOf(run)).toEqual(expected);
  expect(new Set(run.resources.map(({ label }) => label)).size).toBe(run.resources.length);
});

test("one more bridge on a server is twelve resources, and eleven without TURN", async () => {
  const resources = async (bridges: string[], turn: Json) => {
    const videobridges = bridges.map((id, index) => server(id, `203.0.113.${index + 2}`));
    const core = { address: SERVERS.core.host, hostKey: SERVERS.core.hostKey };
    const region = existing("eu", { machines: { provider: "existing", user: "ubuntu" }, core, videobridges });
    return (await deployment({ ...existingStack(), regions: [region], turn })).resources.length;
  };
  const added = async (turn: Json) =>
    (await resources(["fra-1", "fra-2"], turn)) - (await resources(["fra-1"], turn));
  expect([await added({ enabled: true }), await added({ enabled: false })]).toEqual([12, 11]);
});

describe("a bridge on the core", () => {
  const node = `
jitsi:index:VideobridgeNode main
  command:remote:Command main-account
  command:remote:Command main-drain
  command:remote:Command main-files-videobridge
  command:remote:Command main-turn-peer
  command:remote:Command main-videobridge-login
  random:index/randomPassword:RandomPassword main-password`;

  test("brings its files and its drain, and no machine, host or verification of its own", async () => {
    const run = await deployment(oneMachineStack());
    expect(treeOf(run)).toEqual(lines(CORE, machine("core"), node));
  });

  test("is reached at the core's address", async () => {
    const run = await deployment(oneMachineStack());
    const connections = steps(run).map(({ inputs }) => plain(inputs["connection"] ?? null));
    expect(connections).toHaveLength(19);
    expect(new Set(connections.map((connection) => JSON.stringify(connection))).size).toBe(1);
    expect(connections[0]).toMatchObject({ host: run.plan.hosts[0]?.publicAddress });
  });

  test("is verified with the core", async () => {
    const verification = stepOf(await deployment(oneMachineStack()), "core-verification-run");
    const checks = documentOf(verification)["checks"];
    expect(checks).toContainEqual(expect.objectContaining({ kind: "jicofo", bridges: ["main"] }));
    expect(checks).toContainEqual(expect.objectContaining({ kind: "videobridge", relayId: "main" }));
  });
});

const DOMAIN = "meet.example.org";
const [CORE_ADDRESS, FRA_1, FRA_2] = ["core", "fra-1", "fra-2"].map((id) => labAddress(DOMAIN, id, 1));

const HEALTHY = { healthy: true, asOf: "2026-01-02T03:04:05Z", checks: 1 };

/** Four cores carry 4 × 55 participants; the packet rate 250, and the cap is 220. */
const FULL = {
  participants: 220,
  boundBy: "configured",
  bounds: { configured: 220, packets: 250, cpu: 220 },
};

describe("the outputs of a core and two bridges", () => {
  test("tell where the deployment is, how much it carries, and how it is", async () => {
    const { outputs } = await deployment(labStack(["fra-1", "fra-2"], { audience: { participants: 200 } }));
    expect(outputs).toEqual({
      url: `https://${DOMAIN}`,
      dns: { [DOMAIN]: CORE_ADDRESS },
      certificate: { issuer: "internal" },
      caPem: expect.stringMatching(/^-----BEGIN CERTIFICATE-----/) as string,
      endpoints: {
        websocket: `wss://${DOMAIN}/xmpp-websocket`,
        prosodyJvb: `xmpp://${CORE_ADDRESS}:15222 (tech.${DOMAIN}, bridges only)`,
        media: [`udp://${FRA_1}:10000`, `udp://${FRA_2}:10000`],
        turn: [
          `turn:${DOMAIN}:3478?transport=udp`,
          `turn:${DOMAIN}:3478?transport=tcp`,
          `turns:${DOMAIN}:5349?transport=tcp`,
        ],
      },
      bridges: {
        "fra-1": bridgeOutput("fra-1", FRA_1),
        "fra-2": bridgeOutput("fra-2", FRA_2),
      },
      capacity: { participants: 440, afterLossOfLargest: 220, warnings: [] },
      health: { core: HEALTHY, "fra-1": HEALTHY, "fra-2": HEALTHY },
      release: { ...DEFAULT_RELEASE },
      ssh: { core: ssh("core", CORE_ADDRESS), "fra-1": ssh("fra-1", FRA_1), "fra-2": ssh("fra-2", FRA_2) },
      knownHosts: expect.stringMatching(/^(10\.213\.\d+\.\d+ ssh-ed25519 \S+\n){3}$/) as string,
    });
  });

  test("warn when the bridges do not carry the audience", async () => {
    const { outputs } = await deployment(labStack(["fra-1", "fra-2"], { audience: { participants: 441 } }));
    expect(outputs["capacity"]).toMatchObject({
      participants: 440,
      warnings: [expect.stringContaining("441")],
    });
  });

  test("follow the cap of a bridge", async () => {
    const config = withKey(labStack(["fra-1", "fra-2"]), "maxBridgeParticipants", 100);
    const { outputs } = await deployment(config);
    expect(outputs["capacity"]).toMatchObject({ participants: 200, afterLossOfLargest: 100 });
    expect(outputs["bridges"]).toMatchObject({
      "fra-1": { capacity: { participants: 100, boundBy: "configured" } },
    });
  });
});

test("a bridge on the core gets what the core's services leave of the processor", async () => {
  const { outputs } = await deployment(oneMachineStack());
  expect(outputs["bridges"]).toMatchObject({ main: { capacity: { participants: 110, boundBy: "cpu" } } });
  expect(outputs["capacity"]).toMatchObject({ participants: 110, afterLossOfLargest: 0 });
  expect(outputs["health"]).toEqual({ core: HEALTHY });
});

test("the ssh commands of servers that exist lead through the jump host", async () => {
  const { outputs } = await deployment(existingStack());
  expect(outputs["ssh"]).toEqual({
    core: "ssh -J gate@198.51.100.4:2200 -p 22 ubuntu@203.0.113.1",
    "fra-1": "ssh -J gate@198.51.100.4:2200 -p 2222 root@203.0.113.2",
  });
});

test("the host keys of servers that exist, and of the jump host once, are in the form of known_hosts", async () => {
  const { outputs } = await deployment(existingStack());
  const { core, "fra-1": bridge, jump } = SERVERS;
  expect((outputs["knownHosts"] as string).split("\n").sort()).toEqual(
    [
      "",
      `${core.host} ${core.hostKey}`,
      `[${bridge.host}]:2222 ${bridge.hostKey}`,
      `[${jump.host}]:2200 ${jump.hostKey}`,
    ].sort(),
  );
});

function bridgeOutput(id: string, address: string | undefined) {
  return { region: "local", relayId: id, publicAddress: address, privateAddress: address, capacity: FULL };
}

function ssh(id: string, address: string | undefined): string {
  const folder = `.lab/machines/am-9b2d35-${id}-g1`;
  return `ssh -i ${folder}/id_ed25519 -o UserKnownHostsFile=${folder}/known_hosts root@${address ?? ""}`;
}
