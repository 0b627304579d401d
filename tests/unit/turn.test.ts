import { planDeployment } from "../../plan/deployment";
import { publicNames, turnQuotas, turnUrls } from "../../plan/turn";
import type { TurnPlan } from "../../plan/types";
import { turnPeerGroup } from "../../services/coturn";
import { verificationOf } from "../../services/onHost";
import { changed, goodConfig, loadConfig, settingsOf } from "./configFixtures";
import { bridge, content, planWith, publicBridge } from "./servicesFixture";

const planned = (turn: object) => planDeployment(settingsOf({ ...goodConfig(), turn }));
const plan = planWith([bridge("fra-1", 3), bridge("fra-2", 4)]);
const config = content(plan, "core", "/etc/turnserver.conf");
const shared = {
  ...plan,
  turn: { ...(plan.turn as TurnPlan), host: "turn.meet.example.org", sharesHttps: true },
};

test("every public and private address of a bridge is a peer, and nothing else is", () => {
  expect(planned({}).turn?.peers).toEqual(["10.0.0.2", "198.51.100.7", "203.0.113.2"]);
  const peers = (n: number) =>
    content(plan, "core", `/etc/audio-meet/coturn/peers/fra-${n - 2}-198.51.100.${n}`);
  for (const n of [3, 4]) expect(peers(n).match(/^[^#].*$/gm)).toEqual([`198.51.100.${n}`, `10.20.0.${n}`]);
  expect(config).not.toContain("allowed-peer-ip");
  expect(config).toMatch(/^denied-peer-ip=0\.0\.0\.0-255\.255\.255\.255$/m);
  expect(config).toMatch(/^denied-peer-ip=::-ffff:/m);
});

test("a bridge that comes or goes only has coturn read its database again, and one that moves is another group", () => {
  const group = turnPeerGroup(bridge("fra-1", 3));
  expect(Object.values(group.files).map(({ units }) => units)).toEqual([{ "coturn.service": "reload" }]);
  expect([group.group, group.run]).toEqual(["turn-peer-fra-1-198.51.100.3", []]);
  const moved = turnPeerGroup(bridge("fra-1", 4));
  expect(moved.group).not.toBe(group.group);
  expect(Object.keys(moved.files)).not.toEqual(Object.keys(group.files));
  const far = { ...publicBridge("a".repeat(32), 1), publicAddress: "2001:db8:1234:5678:11:2233:4455:6677" };
  // As host/audio_meet/system/manifest.py has it.
  expect(turnPeerGroup(far).group).toMatch(/^[a-z0-9][a-z0-9._-]{0,95}$/);
});

test("TURN is found under the domain at 5349, or under a name of its own at 443", () => {
  const names = (turn: object) => publicNames(planned(turn));
  expect(names({})).toEqual(["meet.example.org"]);
  expect(names({ tls443: true })).toEqual(["meet.example.org", "turn.meet.example.org"]);
  expect(names({ name: "relay.example.net" })).toEqual(["meet.example.org", "relay.example.net"]);
  expect(turnUrls(planned({}).turn as TurnPlan).at(-1)).toBe("turns:meet.example.org:5349?transport=tcp");
  expect(turnUrls(shared.turn).at(-1)).toBe("turns:turn.meet.example.org:443?transport=tcp");
});

test("switched off, nothing of it is left", () => {
  const off = planned({ enabled: false });
  expect(off.turn).toBeUndefined();
  expect(content(off, "core", "/etc/prosody/prosody.cfg.lua")).not.toMatch(/external_service|turn/);
  expect(JSON.stringify(verificationOf(off, "core"))).not.toMatch(/turn/);
  expect(() => content(off, "core", "/etc/turnserver.conf")).toThrow("core has no");
});

test("keys that contradict each other are refused", () => {
  const keys = (turn: object) =>
    loadConfig(changed(goodConfig(), ["turn"], turn)).errors?.map(({ key }) => key);
  expect(keys({ tls443: true, name: "meet.example.org" })).toEqual(["jitsi:turn.name"]);
  expect(keys({ enabled: false, tls443: true, name: "turn.example.org" })).toEqual([
    "jitsi:turn.tls443",
    "jitsi:turn.name",
  ]);
  expect(keys({ name: "meet.example.org" })).toBeUndefined();
});

test("quotas follow the audience, and end where the relay range does", () => {
  expect([1, 500, 20_000].map((participants) => turnQuotas(participants).total)).toEqual([800, 4000, 16_384]);
  expect(turnQuotas(500)).toEqual({
    total: 4000,
    perAddress: 2000,
    perUser: 24,
    bytesPerSecond: 120_000,
    totalBytesPerSecond: 480_000_000,
  });
  for (const line of ["total-quota=4000", "user-quota=24", "max-bps=120000", "bps-capacity=480000000"])
    expect(config.split("\n")).toContain(line);
});

test("no secret is in what coturn's unit makes its configuration of, and none is an argument", () => {
  const prepare = content(plan, "core", "/etc/audio-meet/coturn/prepare");
  expect(config + prepare).not.toContain("static-auth-secret");
  expect(prepare).toContain(
    `present=$(cat "/etc/audio-meet/secrets/turn")\n{\n  printf '0 %s\\n' "$present"`,
  );
  const unit = content(plan, "core", "/etc/systemd/system/coturn.service.d/audio-meet.conf");
  const reload = [/\+\S+\/prepare reload/, /\S+\/allow-peers/, /\/bin\/kill -USR2 \$MAINPID/];
  expect(unit).toMatch(new RegExp(reload.map(({ source }) => `^ExecReload=${source}$`).join("\n"), "m"));
  expect(unit).toMatch(/^ExecStartPre=\+\S+\/prepare\nExecStartPre=\S+\/allow-peers new$/m);
  expect(unit).toContain("\nInaccessiblePaths=-/etc/audio-meet/secrets\n");
});

test("nginx hands 443 on by name, and the page still learns who the browser is", () => {
  const streams = content(shared, "core", "/etc/nginx/audio-meet-streams.conf");
  expect(streams).toMatch(/turn\.meet\.example\.org 127\.0\.0\.1:8444;\n +default 127\.0\.0\.1:8443;/);
  expect(streams).toMatch(/proxy_pass 127\.0\.0\.1:5349;/);
  for (const site of ["audio-meet", "default"]) {
    const text = content(shared, "core", `/etc/nginx/sites-enabled/${site}`);
    expect(text).toMatch(/listen 127\.0\.0\.1:8443 ssl http2 proxy_protocol/);
    expect(text).toContain("real_ip_header proxy_protocol;");
    expect(text).not.toMatch(/listen .*443 ssl http2( default_server)?;/);
  }
  expect(() => content(plan, "core", "/etc/nginx/audio-meet-streams.conf")).toThrow("core has no");
});

test("the verification asks on every way for every bridge and for a stranger", () => {
  const ways = verificationOf(shared, "core").filter((check) => check.kind === "turn");
  expect(ways.map(({ transport, port }) => `${transport} ${port}`)).toEqual([
    ...["udp 3478", "tcp 3478", "tls 5349", "tls 443"],
  ]);
  for (const { peers, stranger } of ways) {
    expect(peers).toEqual(["10.20.0.3", "10.20.0.4", "198.51.100.3", "198.51.100.4"]);
    expect(stranger).toBe("192.0.2.1");
  }
});
