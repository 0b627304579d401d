import * as fc from "fast-check";
import { planDeployment } from "../../plan/deployment";
import { labAddress } from "../../facts/labHost";
import { PORTS, type Port } from "../../facts/ports";
import type { DeploymentPlan } from "../../plan/types";
import {
  changed,
  existing,
  goodConfig,
  hostKey,
  lab,
  loadConfig,
  server,
  settingsOf,
  type Json,
} from "./configFixtures";

const planOf = (config: Json): DeploymentPlan => planDeployment(settingsOf(config));
const bridgeOf = (plan: DeploymentPlan, id: string) => plan.videobridges.find((bridge) => bridge.id === id);

function labConfig(ids: string[], more: Json = {}): Json {
  const videobridges = ids.map((id) => ({ id }));
  return {
    domain: "meet.example.org",
    contact: "ops@example.org",
    regions: [lab("local", { core: {}, videobridges, ...more })],
  };
}

describe("names", () => {
  test("follow from the domain", () => {
    expect(planOf(goodConfig()).names).toEqual({
      domain: "meet.example.org",
      auth: "auth.meet.example.org",
      guest: "guest.meet.example.org",
      conference: "conference.meet.example.org",
      focus: "focus.meet.example.org",
      internalAuth: "internal.auth.meet.example.org",
      tech: "tech.meet.example.org",
      techMuc: "muc.tech.meet.example.org",
      brewery: "jvbbrewery@muc.tech.meet.example.org",
      focusUser: "focus",
      videobridgeUser: "jvb",
      recorder: "recorder.meet.example.org",
      recorderBrewery: "jibribrewery@internal.auth.meet.example.org",
      recorderControlUser: "jibri",
      recorderCallUser: "recorder",
      lobby: "lobby.meet.example.org",
      breakout: "breakout.meet.example.org",
      avModeration: "avmoderation.meet.example.org",
      endConference: "endconference.meet.example.org",
      roomMetadata: "metadata.meet.example.org",
      speakerStats: "speakerstats.meet.example.org",
      polls: "polls.meet.example.org",
    });
  });
});

describe("bridges and the core", () => {
  test("talk over private addresses in one region, over public ones across regions", () => {
    const plan = planOf(goodConfig());
    expect(bridgeOf(plan, "fra-1")).toMatchObject({ coreAddress: "10.0.0.1", sourceAddress: "10.0.0.2" });
    expect(bridgeOf(plan, "iad-1")).toMatchObject({
      coreAddress: "203.0.113.1",
      sourceAddress: "198.51.100.7",
    });
    expect(plan.core.bridgeSources).toEqual(["10.0.0.2", "198.51.100.7"]);
  });

  test.each([
    ["the bridge", ["regions", 0, "videobridges", 0, "privateAddress"]],
    ["the core", ["regions", 0, "core", "privateAddress"]],
  ])("use the public ones where %s has no private one", (_, path) => {
    const plan = planOf(changed(goodConfig(), path, undefined));
    expect(bridgeOf(plan, "fra-1")).toMatchObject({
      coreAddress: "203.0.113.1",
      sourceAddress: "203.0.113.2",
    });
  });

  test("the core listens at its private address, and everywhere only for bridges that come over another one", () => {
    const near = changed(goodConfig(), ["regions", 1], undefined);
    near["regions"] = (near["regions"] as unknown[]).filter(Boolean);
    expect(planOf(near).core.prosodyJvbInterfaces).toEqual(["127.0.0.1", "10.0.0.1"]);
    expect(planOf(goodConfig()).core.prosodyJvbInterfaces).toEqual(["*"]);
  });

  test("without a private address the core listens where it is reached", () => {
    const plan = planOf(changed(goodConfig(), ["regions", 0, "core", "privateAddress"], undefined));
    expect(plan.core.prosodyJvbInterfaces).toEqual(["127.0.0.1", "203.0.113.1"]);
  });

  test("IPv6 bridges that come over another address need the IPv6 wildcard", () => {
    const core = { address: "2001:db8::1", privateAddress: "fd00::1", hostKey: hostKey() };
    const regions = [existing("eu", { core, videobridges: [server("a", "2001:db8::2")] })];
    expect(planOf({ ...goodConfig(), regions }).core.prosodyJvbInterfaces).toEqual(["*", "::"]);
  });

  test("one machine is enough: a bridge on the core talks over loopback and is no source", () => {
    const plan = planOf({
      ...goodConfig(),
      regions: [
        existing("eu", {
          core: { address: "203.0.113.1", hostKey: hostKey() },
          videobridges: [{ id: "main", on: "core" }],
        }),
      ],
    });
    expect(plan.hosts).toEqual([expect.objectContaining({ id: "core", roles: ["core", "videobridge"] })]);
    expect(plan.videobridges).toEqual([
      {
        id: "main",
        hostId: "core",
        region: "eu",
        relayId: "main",
        publicAddress: "203.0.113.1",
        coreAddress: "127.0.0.1",
      },
    ]);
    expect(plan.core.bridgeSources).toEqual([]);
  });
});

describe("machines", () => {
  test("a server takes user, port and jump host from its region unless it has its own", () => {
    const machines = {
      provider: "existing",
      user: "ubuntu",
      port: 2222,
      jumpHost: { address: "198.51.100.1", hostKey: hostKey(9) },
    };
    let config = changed(goodConfig(), ["regions", 0, "machines"], machines);
    config = changed(config, ["regions", 0, "videobridges", 0, "user"], "debian");
    const [core, bridge] = planOf(config).hosts;
    const jumpHost = { address: "198.51.100.1", hostKey: hostKey(9), user: "ubuntu", port: 22 };
    expect(core?.machine).toEqual({
      provider: "existing",
      address: "203.0.113.1",
      user: "ubuntu",
      port: 2222,
      hostKey: hostKey(),
      jumpHost,
    });
    expect(bridge?.machine).toMatchObject({ user: "debian", port: 2222, jumpHost });
  });

  test("SSH may connect elsewhere than participants do", () => {
    const [core] = planOf(
      changed(goodConfig(), ["regions", 0, "core", "publicAddress"], "203.0.113.9"),
    ).hosts;
    expect(core).toMatchObject({ publicAddress: "203.0.113.9", machine: { address: "203.0.113.1" } });
  });

  test("the core comes first, then the bridges in the order of the config", () => {
    const config = goodConfig();
    config["regions"] = [...(config["regions"] as unknown[])].reverse();
    expect(planOf(config).hosts.map(({ id }) => id)).toEqual(["core", "iad-1", "fra-1"]);
  });

  test("a new generation is another guest with another address", () => {
    const [old] = planOf(labConfig(["a"])).hosts;
    const [replacement, bridge] = planOf(labConfig(["a"], { core: { generation: 2 } })).hosts;
    expect(old?.machine).toMatchObject({ name: expect.stringMatching(/^am-[0-9a-f]{6}-core-g1$/) as string });
    expect(replacement?.machine).toMatchObject({
      name: expect.stringMatching(/^am-[0-9a-f]{6}-core-g2$/) as string,
    });
    expect(replacement?.publicAddress).not.toBe(old?.publicAddress);
    expect(bridge).toEqual(planOf(labConfig(["a"])).hosts[1]);
  });
});

describe("properties", () => {
  const id = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/).filter((name) => name !== "core");
  const ids = fc
    .uniqueArray(id, { minLength: 1, maxLength: 12 })
    .filter((names) => !loadConfig(labConfig(names)).errors);

  test("a lab address lies in the lab's network, beside the bridge's own part and the edges", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(), (domain, name, generation) => {
        const [first, second, third = 0, fourth = 0] = labAddress(domain, name, generation)
          .split(".")
          .map(Number);
        expect([first, second]).toEqual([10, 213]);
        expect(third >= 1 && third <= 255 && fourth >= 1 && fourth <= 254).toBe(true);
        expect(labAddress(domain, name, generation)).toBe(labAddress(domain, name, generation));
      }),
    );
  });

  test("no two hosts share an address or a name", () => {
    fc.assert(
      fc.property(ids, (names) => {
        const { hosts } = planOf(labConfig(names));
        expect(new Set(hosts.map(({ publicAddress }) => publicAddress)).size).toBe(names.length + 1);
        expect(
          new Set(hosts.map(({ machine }) => (machine.provider === "lab" ? machine.name : ""))).size,
        ).toBe(names.length + 1);
      }),
    );
  });

  test("the order of the config changes nothing but the order", () => {
    fc.assert(
      fc.property(ids, (names) => {
        const plan = planOf(labConfig(names));
        const turned = planOf(labConfig([...names].reverse()));
        expect(turned.core).toEqual(plan.core);
        for (const bridge of plan.videobridges) expect(bridgeOf(turned, bridge.id)).toEqual(bridge);
        for (const host of plan.hosts) expect(turned.hosts).toContainEqual(host);
      }),
    );
  });

  test("one more bridge changes nothing of the others, and on the core only who may connect", () => {
    fc.assert(
      fc.property(ids, (names) => {
        const [added = "", ...others] = names;
        fc.pre(others.length > 0);
        const before = planOf(labConfig(others));
        const after = planOf(labConfig([added, ...others]));
        for (const bridge of before.videobridges) expect(bridgeOf(after, bridge.id)).toEqual(bridge);
        for (const host of before.hosts) expect(after.hosts).toContainEqual(host);
        const source = bridgeOf(after, added)?.sourceAddress ?? "";
        expect(after.core).toEqual({
          ...before.core,
          bridgeSources: [...before.core.bridgeSources, source].sort(),
        });
      }),
    );
  });
});

describe("ports", () => {
  const ports: Port[] = Object.values(PORTS);

  test("no two share a number, and each is listed under its own name", () => {
    expect(new Set(ports.map(({ port, protocol }) => `${port}/${protocol}`)).size).toBe(ports.length);
    expect(Object.entries(PORTS).every(([name, { name: own }]) => name === own)).toBe(true);
  });

  test("the world reaches the page, TURN and media and nothing else", () => {
    const open = ports.filter(({ from }) => from === "world");
    expect(open.map(({ port, protocol }) => `${port}/${protocol}`)).toEqual([
      ...["80/tcp", "443/tcp", "10000/udp"],
      ...["3478/udp", "3478/tcp", "5349/tcp"],
    ]);
  });

  test("bridges reach prosody-jvb and what coturn relays from, which holds no other port", () => {
    const forBridges = ports.filter(({ from }) => from === "bridges");
    expect(forBridges.map(({ port, lastPort = port }) => [port, lastPort])).toEqual([
      [15222, 15222],
      [16384, 32767],
    ]);
    const inRange = ports.filter(
      ({ name, port }) =>
        name !== "turnRelay" && port >= PORTS.turnRelay.port && port <= (PORTS.turnRelay.lastPort ?? 0),
    );
    expect(inRange).toEqual([]);
  });
});
