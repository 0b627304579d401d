import { labAddress } from "../../plan/labHost";
import { DEFAULT_RELEASE } from "../../plan/versions";
import { deployment } from "./support/deployment";
import { HEALTH } from "./support/providers";
import { existingStack, labStack, oneMachineStack, withKey } from "./support/stacks";

const DOMAIN = "meet.example.org";
const [CORE, FRA_1, FRA_2] = ["core", "fra-1", "fra-2"].map((id) => labAddress(DOMAIN, id, 1));

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
      endpoints: {
        prosodyJvb: `xmpp://${CORE}:15222 (tech.${DOMAIN}, bridges only)`,
        media: [`udp://${FRA_1}:10000`, `udp://${FRA_2}:10000`],
      },
      bridges: {
        "fra-1": bridge("fra-1", FRA_1),
        "fra-2": bridge("fra-2", FRA_2),
      },
      capacity: { participants: 440, afterLossOfLargest: 220, warnings: [] },
      health: [HEALTH, HEALTH, HEALTH],
      release: { ...DEFAULT_RELEASE },
      ssh: { core: ssh("core", CORE), "fra-1": ssh("fra-1", FRA_1), "fra-2": ssh("fra-2", FRA_2) },
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
  expect(outputs["health"]).toEqual([HEALTH]);
});

test("the ssh commands of servers that exist lead through the jump host", async () => {
  const { outputs } = await deployment(existingStack());
  expect(outputs["ssh"]).toEqual({
    core: "ssh -J gate@198.51.100.4:2200 -p 22 ubuntu@203.0.113.1",
    "fra-1": "ssh -J gate@198.51.100.4:2200 -p 2222 root@203.0.113.2",
  });
});

function bridge(id: string, address: string | undefined) {
  return { region: "local", relayId: id, publicAddress: address, privateAddress: address, capacity: FULL };
}

function ssh(id: string, address: string | undefined): string {
  const folder = `.lab/machines/am-9b2d35-${id}-g1`;
  return `ssh -i ${folder}/id_ed25519 -o UserKnownHostsFile=${folder}/known_hosts root@${address ?? ""}`;
}
