import * as fc from "fast-check";
import { audienceWarnings, bridgeCapacity, capacityOf, totalCapacity } from "../../plan/capacity";
import { planDeployment } from "../../plan/deployment";
import { DEFAULT_RELEASE } from "../../facts/packageVersions";
import { packagesFor } from "../../services/onHost";
import { RELEASES } from "../../facts/releases";
import { changed, existing, goodConfig, hostKey, lab, settingsOf, type Json } from "./configFixtures";

const planOf = (config: Json) => planDeployment(settingsOf(config));

describe("capacity of a bridge", () => {
  test.each([
    ["the configured cap", { cores: 8, networkMbps: 1000 }, 220, 220, "configured"],
    ["processor cores", { cores: 2, networkMbps: 1000 }, 220, 110, "cpu"],
    ["packets", { cores: 64, networkMbps: 10_000 }, 2000, 250, "packets"],
    ["network", { cores: 8, networkMbps: 24 }, 220, 100, "network"],
    ["the cap where nothing is known", {}, 220, 220, "configured"],
  ] as const)("is bound by %s", (_, size, limit, participants, boundBy) => {
    expect(bridgeCapacity(size, limit)).toMatchObject({ participants, boundBy });
  });

  test("what is not known bounds nothing", () => {
    expect(Object.keys(bridgeCapacity({ cores: 4 }, 220).bounds).sort()).toEqual([
      "configured",
      "cpu",
      "packets",
    ]);
  });

  test("is its smallest bound, and never shrinks with a larger machine", () => {
    const size = fc.record({
      cores: fc.integer({ min: 1, max: 128 }),
      networkMbps: fc.integer({ min: 1, max: 100_000 }),
    });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 2000 }), (one, other, limit) => {
        const { participants, bounds, boundBy } = bridgeCapacity(one, limit);
        expect(participants).toBe(Math.min(...Object.values(bounds)));
        expect(bounds[boundBy]).toBe(participants);
        const larger = {
          cores: Math.max(one.cores, other.cores),
          networkMbps: Math.max(one.networkMbps, other.networkMbps),
        };
        expect(bridgeCapacity(larger, limit).participants).toBeGreaterThanOrEqual(participants);
      }),
    );
  });

  test("a bridge on the core leaves cores to the core's services", () => {
    const core = { address: "203.0.113.1", hostKey: hostKey(), size: { cores: 4, memoryMegabytes: 8192 } };
    const plan = planOf({
      ...goodConfig(),
      regions: [existing("eu", { core, videobridges: [{ id: "main", on: "core" }] })],
    });
    expect(plan.videobridges.map((bridge) => capacityOf(plan, bridge))).toEqual([
      expect.objectContaining({ participants: 110, boundBy: "cpu" }),
    ]);
  });

  test("a size in the config comes before what was read on the host", () => {
    const path = ["regions", 0, "videobridges", 0];
    const stated = planOf(changed(goodConfig(), [...path, "size"], { cores: 1, memoryMegabytes: 2048 }));
    const unstated = planOf(goodConfig());
    const read = { cores: 2, memoryMegabytes: 4096 };
    expect(stated.videobridges.map((bridge) => capacityOf(stated, bridge, read).participants)).toEqual([
      55, 110,
    ]);
    expect(unstated.videobridges.map((bridge) => capacityOf(unstated, bridge, read).participants)).toEqual([
      110, 110,
    ]);
  });
});

describe("capacity of all", () => {
  test("adds up, with and without the largest", () => {
    expect(totalCapacity([{ participants: 220 }, { participants: 110 }])).toEqual({
      participants: 330,
      afterLossOfLargest: 110,
    });
    expect(totalCapacity([])).toEqual({ participants: 0, afterLossOfLargest: 0 });
  });

  test("the audience is warned about too few bridges, and about one too few", () => {
    const total = { participants: 440, afterLossOfLargest: 220 };
    expect(audienceWarnings(total, 500)).toEqual([
      expect.stringMatching(/carry 440 .*expects 500.*add a bridge/),
    ]);
    expect(audienceWarnings(total, 400)).toEqual([
      expect.stringMatching(/if the largest bridge fails, .* 220 of the 400/),
    ]);
    expect(audienceWarnings(total, 220)).toEqual([]);
    const single = { participants: 220, afterLossOfLargest: 0 };
    expect(audienceWarnings(single, 100)).toEqual([
      expect.stringMatching(/one bridge: while it is down, nobody hears anybody; add a bridge$/),
    ]);
  });
});

describe("packages", () => {
  const plan = planOf(goodConfig());
  const [core, bridge] = plan.hosts.map((host) => packagesFor(plan, host));
  const names = (manifest: typeof core, release: string) =>
    Object.keys(manifest?.releases[release]?.packages ?? {}).sort();
  const sources = (manifest: typeof core, release: string) =>
    manifest?.releases[release]?.repositories.map(({ name }) => name);

  test.each(Object.keys(RELEASES))(
    "%s: the core gets Prosody, jicofo, nginx and the page, a bridge gets the bridge",
    (release) => {
      expect(names(core, release)).toEqual([
        ...["certbot", "coturn", "jicofo", "jitsi-meet-web", "logrotate", "lua5.4"],
        ...["nftables", "nginx", "openssl", "prosody"],
      ]);
      expect(names(bridge, release)).toEqual(["jitsi-videobridge2", "logrotate", "nftables"]);
      expect(core?.releases[release]?.packages["jicofo"]).toBe(DEFAULT_RELEASE.jicofo);
      expect(bridge?.releases[release]?.unpack).toBeUndefined();
    },
  );

  test("Prosody comes from its authors where the distribution's is too old", () => {
    for (const release of ["ubuntu-22.04", "ubuntu-24.04", "debian-12"])
      expect(sources(core, release)).toEqual(["jitsi", "prosody"]);
    expect(sources(core, "debian-13")).toEqual(["jitsi"]);
    expect(sources(bridge, "ubuntu-22.04")).toEqual(["jitsi"]);
  });

  test.each([
    ["trixie", "debian-13", ["jitsi"]],
    ["bookworm", "debian-12", ["jitsi"]],
    ["near-jammy", "ubuntu-22.04", ["jitsi"]],
    ["jammy", "ubuntu-22.04", ["jitsi", "prosody"]],
    ["noble", "ubuntu-24.04", ["jitsi", "prosody"]],
  ])(
    "a core in the lab on %s has Prosody 13 from its image's sources or from its authors",
    (suite, os, from) => {
      const region = lab("local", { core: {}, videobridges: [{ id: "a" }], recorders: [{ id: "r" }] });
      const recording = { storage: { bucket: "meet", region: "eu-central-1" } };
      const inLab = planOf({
        ...goodConfig(),
        ...{ recording, recordingAccessKey: "a".repeat(20), recordingSecretKey: "s".repeat(40) },
        regions: [{ ...region, machines: { provider: "lab", suite } }],
      });
      const [host, , recorder] = inLab.hosts;
      expect(host?.machine).toMatchObject({ user: os.startsWith("ubuntu") ? "ubuntu" : "root" });
      expect(host && sources(packagesFor(inLab, host), os)).toEqual(from);
      const hasChrome = ["jammy", "noble"].includes(suite);
      expect(recorder && sources(packagesFor(inLab, recorder), os)).toEqual([
        "jitsi",
        ...(hasChrome ? ["google-chrome"] : []),
      ]);
    },
  );

  test("the plugin package is unpacked only: its scripts would edit what we own", () => {
    expect(names(core, "ubuntu-22.04")).not.toContain("jitsi-meet-prosody");
    expect(core?.releases["ubuntu-22.04"]?.unpack).toEqual({
      "jitsi-meet-prosody": {
        version: DEFAULT_RELEASE.meetProsody,
        folder: "/usr/share/jitsi-meet/prosody-plugins",
      },
    });
  });

  test("every package that asks for the domain is answered, with the domain and never with a secret", () => {
    expect(core?.preseed).toEqual([
      ["jicofo", "jitsi-videobridge/jvb-hostname", "string", "meet.example.org"],
    ]);
    expect(bridge?.preseed).toEqual([
      ["jitsi-videobridge2", "jitsi-videobridge/jvb-hostname", "string", "meet.example.org"],
    ]);
  });

  test("one machine with both gets both", () => {
    const regions = [
      existing("eu", {
        core: { address: "203.0.113.1", hostKey: hostKey() },
        videobridges: [{ id: "main", on: "core" }],
      }),
    ];
    const single = planOf({ ...goodConfig(), regions });
    const manifest = single.hosts.map((host) => packagesFor(single, host))[0];
    expect(names(manifest, "debian-13")).toEqual(
      expect.arrayContaining(["jicofo", "jitsi-videobridge2", "prosody"]),
    );
    expect(manifest?.preseed).toHaveLength(2);
  });

  test("a key may be a file that the hosts have", () => {
    const own = planOf({ ...goodConfig(), packages: { jitsiKey: "/usr/share/keyrings/own.gpg" } });
    const [host] = own.hosts;
    const [jitsi, prosody] = (host && packagesFor(own, host).releases["debian-12"]?.repositories) ?? [];
    expect(jitsi?.key).toEqual({ path: "/usr/share/keyrings/own.gpg" });
    expect(prosody?.key).toEqual({ url: "https://prosody.im/files/prosody-debian-packages.key" });
  });
});
