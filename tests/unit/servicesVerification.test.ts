import { verificationOf } from "../../services/onHost";
import { bridge, bridgeOnCore, planWith } from "./servicesFixture";

const plan = planWith([bridge("fra-1", 3), bridge("fra-2", 4)]);

describe("verification", () => {
  test("the core proves logins and bridges, not only running units", () => {
    const checks = verificationOf(plan, "core");
    expect(checks).toContainEqual({
      kind: "prosodySessions",
      config: "/etc/prosody-jvb/prosody.cfg.lua",
      jids: ["focus", "jvb-fra-1-1", "jvb-fra-2-1"].map((user) => `${user}@tech.meet.example.org`),
    });
    expect(checks).toContainEqual({
      kind: "jicofo",
      url: "http://127.0.0.1:8888",
      bridges: ["fra-1", "fra-2"],
    });
    expect(checks).toContainEqual({
      kind: "listening",
      protocol: "tcp",
      port: 15222,
      addresses: ["127.0.0.1", "10.20.0.2"],
    });
    expect(checks).toContainEqual({
      kind: "errors",
      unit: "jicofo.service",
      logs: ["/var/log/jitsi/jicofo.log"],
    });
  });

  test("a daemon whose own health check failed once is asked how it is now", () => {
    const health = (id: string) => verificationOf(plan, id).filter(({ kind }) => kind === "health");
    expect(health("core")).toEqual([
      { kind: "health", unit: "jicofo.service", url: "http://127.0.0.1:8888" },
    ]);
    expect(health("fra-1")).toEqual([
      { kind: "health", unit: "jitsi-videobridge2.service", url: "http://127.0.0.1:8080" },
    ]);
  });

  test("a bridge proves its brewery, and that the mapped address is its own", () => {
    const checks = verificationOf(plan, "fra-1");
    expect(checks).toContainEqual({
      kind: "videobridge",
      url: "http://127.0.0.1:8080",
      relayId: "fra-1",
      region: "eu",
    });
    expect(checks).toContainEqual({ kind: "localAddress", address: "10.20.0.3" });
  });

  test("a bridge on the core is verified with the core", () => {
    const kinds = verificationOf(planWith([bridgeOnCore("main")]), "core").map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(["jicofo", "videobridge", "localAddress"]));
  });
});
