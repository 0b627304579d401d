import type { DeploymentPlan } from "../../plan/types";
import { groupsOf } from "../../services/onHost";
import { bridge, bridgeOnCore, content, planWith, publicBridge } from "./servicesFixture";

const plan = planWith([bridge("fra-1", 3), bridge("fra-2", 4)]);

describe("jicofo", () => {
  const conf = content(plan, "core", "/etc/jitsi/jicofo/jicofo.conf");

  test("passwords must be in the environment, verification is never off", () => {
    expect(conf).toContain("password = ${JICOFO_CLIENT_PASSWORD}");
    expect(conf).toContain("password = ${JICOFO_SERVICE_PASSWORD}");
    expect(conf).not.toContain("${?");
    expect(conf.match(/disable-certificate-verification = \w+/g)).toEqual(
      Array(2).fill("disable-certificate-verification = false"),
    );
  });

  test("the package's file is kept at upgrades and holds no password", () => {
    const config = content(plan, "core", "/etc/jitsi/jicofo/config");
    expect(config).toContain('JICOFO_HOSTNAME="meet.example.org"\n');
    for (const name of ["AUTH_DOMAIN", "AUTH_USER", "AUTH_PASSWORD"]) {
      expect(config).toMatch(new RegExp(`^JICOFO_${name}="[^"]+"$`, "m"));
    }
    expect(config).toContain("-Djavax.net.ssl.trustStore=/etc/jitsi/trust/truststore.jks");
  });

  test("the unit takes heap and passwords from files", () => {
    const unit = content(plan, "core", "/etc/systemd/system/jicofo.service").split("\n");
    expect(unit).toContain("EnvironmentFile=/etc/audio-meet/secrets/jicofo.env");
    expect(unit).toContain("EnvironmentFile=/etc/audio-meet/heaps/jicofo.env");
    expect(unit).toContain("SuccessExitStatus=143 SIGKILL");
  });
});

describe("videobridge", () => {
  const conf = (from: DeploymentPlan, id: string) => content(from, id, "/etc/jitsi/videobridge/jvb.conf");

  test("relay id, nickname and region are the bridge's own", () => {
    const text = conf(plan, "fra-2");
    expect(text).toContain('MUC_NICKNAME = "fra-2"');
    expect(text).toContain('relay-id = "fra-2"');
    expect(text).toContain('region = "eu"');
    expect(text).toContain('HOSTNAME = "10.20.0.2"');
    expect(text).toContain("USERNAME = ${VIDEOBRIDGE_USER}");
    expect(text).toContain("PASSWORD = ${VIDEOBRIDGE_PASSWORD}");
  });

  test("behind a translated address the bridge announces the public one alone", () => {
    const text = conf(plan, "fra-1");
    expect(text).toContain('{ local-address = "10.20.0.3", public-address = "198.51.100.3" }');
    expect(text).toContain("advertise-private-candidates = false");
    expect(text).toContain("require-valid-address = true");
  });

  test("in a closed network the private address is the one that counts", () => {
    const closed = planWith([bridge("fra-1", 3, { publicAddress: "10.20.0.3" })]);
    const text = conf(closed, "fra-1");
    expect(text).toContain("static-mappings = []");
    expect(text).toContain("advertise-private-candidates = true");
    expect(text).toContain("require-valid-address = false");
  });

  test("a public address on the interface needs no mapping, one of another family gives none", () => {
    expect(conf(planWith([publicBridge("fra-1", 3)]), "fra-1")).toContain("static-mappings = []");
    const mixed = planWith([bridge("fra-1", 3, { publicAddress: "2001:db8::3" })]);
    expect(conf(mixed, "fra-1")).toContain("static-mappings = []");
  });

  test("a bridge beside the core takes less memory and does not count its neighbours as load", () => {
    const shared = planWith([bridgeOnCore("main")]);
    expect(conf(shared, "core")).toContain('load-measurement = "packet-rate"');
    const share = (from: DeploymentPlan, id: string) =>
      groupsOf(from, id).flatMap((group) => group.heaps?.["/etc/audio-meet/heaps/videobridge.env"] ?? [])[0]
        ?.share;
    expect(share(shared, "core")).toBeLessThan(share(plan, "fra-1") ?? 0);
  });
});
