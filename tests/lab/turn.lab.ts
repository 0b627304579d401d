import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labName } from "../../facts/labHost";
import { labConfig } from "./support/labConfig";
import { LabStack } from "./support/labStack";
import { mustRun, run } from "../../lab/run";
import { XmppClient } from "../../lab/xmpp/client";
import { forwardTo } from "./support/xmpp";

const DOMAIN = "turn.audio-meet.test";
const NAME = `relay.${DOMAIN}`;
const MEDIA_PORT = 10_000;

interface Outputs {
  caPem: string;
  dns: Record<string, string>;
  endpoints: { turn: string[] };
  bridges: Record<string, { publicAddress: string }>;
  health: Record<string, { healthy: boolean; checks: number }>;
}

interface Service {
  type: string;
  transport: string;
  host: string;
  port: string;
  username: string;
  password: string;
}

const region = {
  name: "local",
  machines: { provider: "lab" },
  core: {},
  videobridges: [{ id: "fra-1" }],
};
const stack = new LabStack("turn", labConfig(DOMAIN, { "jitsi:regions": [region] }));
const folder = mkdtempSync(join(tmpdir(), "turn-lab-"));
const caFile = join(folder, "ca.pem");
/** In place of the bridge: what comes to its media port goes back. */
const ECHO = "systemctl stop jitsi-videobridge2; systemd-run --quiet --unit=echo python3 /run/echo.py";
let outputs: Outputs;
let core = "";
let bridge = "";

/** What an anonymous participant is told by Prosody (XEP-0215), in the version that is asked for. */
async function services(version = 2): Promise<Service[]> {
  const forward = await forwardTo(stack, "core", 5280);
  try {
    const participant = await XmppClient.login(`ws://127.0.0.1:${forward.port}/xmpp-websocket`, {
      domain: DOMAIN,
    });
    const question = `<services xmlns='urn:xmpp:extdisco:${version}'/>`;
    await participant.send(`<iq xmlns='jabber:client' type='get' id='turn' to='${DOMAIN}'>${question}</iq>`);
    const answer = await participant.wait("services", ({ attrs }) => attrs["id"] === "turn");
    await participant.stop();
    const list = answer.getChild("services")?.getChildren("service") ?? [];
    return list.map(({ attrs }) => attrs as unknown as Service);
  } finally {
    forward.close();
  }
}

/** Sends ten packets through coturn over TLS to a peer and back, from the core with its own client. */
async function relay(peer: string, credentials: { username: string; password: string }): Promise<string> {
  const { username, password } = credentials;
  const options = `-u ${username} -w '${password}' -e ${peer} -r ${MEDIA_PORT} -n 10 -m 1 -c -t -S -X -p 5349`;
  return stack.on(
    "core",
    `timeout 20 turnutils_uclient ${options} -E /etc/jitsi/trust/ca.pem ${core} 2>&1 || echo "ended with $?"`,
  );
}

function passwordOf(secret: string, username: string): string {
  return createHmac("sha1", secret).update(username).digest("base64");
}

async function pids(): Promise<Record<string, string>> {
  const units = ["prosody", "prosody-jvb", "jicofo", "nginx", "coturn"];
  const printed = await stack.on(
    "core",
    units.map((unit) => `systemctl show -p MainPID --value ${unit}`).join("\n"),
  );
  return Object.fromEntries(
    printed
      .trim()
      .split("\n")
      .map((pid, index) => [units[index] ?? "", pid]),
  );
}

/** Units whose process is another one than before. */
function replaced(before: Record<string, string>, after: Record<string, string>): string[] {
  return Object.keys(before).filter((unit) => before[unit] !== after[unit]);
}

beforeAll(async () => {
  await stack.open();
  await stack.mustUp();
  outputs = await stack.outputs<Outputs>();
  writeFileSync(caFile, outputs.caPem);
  core = outputs.dns[DOMAIN] ?? "";
  bridge = outputs.bridges["fra-1"]?.publicAddress ?? "";
  // In place of the bridge for a while: what comes to its media port goes back.
  const echo = `
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("${bridge}", ${MEDIA_PORT}))
while True:
    data, sender = s.recvfrom(65535)
    s.sendto(data, sender)
`;
  await stack.on("fra-1", `cat >/run/echo.py <<'END'\n${echo}\nEND\n${ECHO}`);
});

afterAll(async () => {
  await stack.close();
  rmSync(folder, { recursive: true, force: true });
});

test("the outputs and Prosody name the same ways to TURN, with credentials that end within a day", async () => {
  expect(outputs.endpoints.turn).toEqual([
    `turn:${DOMAIN}:3478?transport=udp`,
    `turn:${DOMAIN}:3478?transport=tcp`,
    `turns:${DOMAIN}:5349?transport=tcp`,
  ]);
  for (const version of [1, 2]) {
    const found = await services(version);
    const urls = found.map((s) => `${s.type}:${s.host}:${s.port}?transport=${s.transport}`);
    expect(urls).toEqual(outputs.endpoints.turn);
    for (const { username } of found) {
      const [seconds, word] = username.split(":");
      const hours = (Number(seconds) - Date.now() / 1000) / 3600;
      expect(hours).toBeGreaterThan(11.9);
      expect(hours).toBeLessThan(12.1);
      expect(word).toMatch(/^[\w-]{12}$/);
    }
  }
});

test("with them, media goes over TLS to the bridge's port and back without a loss", async () => {
  const turns = (await services()).find(({ type }) => type === "turns");
  if (!turns) throw new Error("Prosody offers no TURN over TLS");
  let said = await relay(bridge, turns);
  // UDP promises nothing, and a busy machine may drop some of it; not three times.
  for (let again = 0; again < 2 && !said.includes("tot_recv_msgs=10\n"); again++)
    said = await relay(bridge, turns);
  expect(said).toMatch(/tot_send_msgs=10, tot_recv_msgs=10\n/);
  expect(said).toContain("Total lost packets 0 (0.000000%)");
  expect(said).not.toContain("ended with");
});

test("a peer that is no bridge is refused: not the core, not a neighbour, not a stranger", async () => {
  const turns = (await services()).find(({ type }) => type === "turns");
  if (!turns) throw new Error("Prosody offers no TURN over TLS");
  for (const peer of [core, "10.213.0.1", "192.0.2.1"]) {
    expect([peer, await relay(peer, turns)]).toEqual([
      peer,
      expect.stringMatching(/error 403 \(Forbidden IP\)/),
    ]);
  }
});

test("credentials that are over, and those of another secret, are refused", async () => {
  const secret = await stack.on("core", "cat /etc/audio-meet/secrets/turn");
  const past = String(Math.floor(Date.now() / 1000) - 60);
  const future = String(Math.floor(Date.now() / 1000) + 600);
  const allowed = { username: future, password: passwordOf(secret, future) };
  expect(await relay(bridge, allowed)).toContain("Total lost packets 0 (0.000000%)");
  for (const [username, key] of [
    [past, secret],
    [future, "another"],
  ] as const) {
    expect(await relay(bridge, { username, password: passwordOf(key, username) })).toMatch(/ended with/);
  }
});

test("without its list of peers coturn does not run at all", async () => {
  const started = await stack.on(
    "core",
    `mv /usr/share/coturn/schema.sql /run; systemctl restart coturn 2>/dev/null && echo up || echo down
     mv /run/schema.sql /usr/share/coturn; systemctl reset-failed coturn; systemctl restart coturn && echo up`,
  );
  expect(started).toBe("down\nup\n");
});

test("a second up changes nothing", async () => {
  expect((await stack.mustUp()).steps).toEqual([]);
});

test("another secret restarts nobody: who has a password keeps it, who comes gets one of the new secret", async () => {
  const before = await pids();
  const [held] = await services();
  const old = await stack.on("core", "cat /etc/audio-meet/secrets/turn");
  stack.config = { ...stack.config, "jitsi:secrets": { turn: 2 } };
  await stack.on("fra-1", "systemctl stop echo; systemctl start jitsi-videobridge2");
  const { steps } = await stack.mustUp();
  await stack.on("fra-1", ECHO);
  expect(replaced(before, await pids())).toEqual([]);
  expect(steps.map(({ name }) => name)).not.toContain("core-files-coturn");
  const secret = await stack.on("core", "cat /etc/audio-meet/secrets/turn");
  expect(secret).not.toBe(old);
  const [given] = await services();
  if (!held || !given) throw new Error("Prosody offers no TURN");
  expect(held.password).toBe(passwordOf(old, held.username));
  expect(given.password).toBe(passwordOf(secret, given.username));
  for (const credentials of [held, given]) {
    expect(await relay(bridge, credentials)).toContain("Total lost packets 0 (0.000000%)");
  }
  const [timer = ""] = (await stack.on("core", "systemctl list-timers --all 'run-*' --no-legend")).split(
    "\n",
  );
  expect(timer).toMatch(/1[12]h/);
  await stack.on("fra-1", "systemctl stop echo; systemctl start jitsi-videobridge2");
});

describe("on port 443, beside the page", () => {
  beforeAll(async () => {
    stack.config = { ...stack.config, "jitsi:turn": { tls443: true, name: NAME } };
    await stack.mustUp();
    outputs = await stack.outputs<Outputs>();
  });

  test("TURN has a name of its own, which leads to the core, and the verification found it there", () => {
    expect(outputs.dns).toEqual({ [DOMAIN]: core, [NAME]: core });
    expect(outputs.endpoints.turn).toContain(`turns:${NAME}:443?transport=tcp`);
    expect(outputs.health["core"]).toMatchObject({ healthy: true });
  });

  test("the name decides who answers: coturn over TLS, or the page", async () => {
    const options = ["-connect", `${core}:443`, "-CAfile", caFile, "-verify_return_error"];
    const asked = (name: string, protocol: string) =>
      run(
        "openssl",
        [
          ...["s_client", ...options, "-servername", name, "-verify_hostname", name],
          ...["-alpn", protocol, "-tls1_2"],
        ],
        { timeoutSeconds: 20 },
      );
    expect((await asked(NAME, "stun.turn")).output).toContain("ALPN protocol: stun.turn");
    expect((await asked(DOMAIN, "h2")).output).toContain("ALPN protocol: h2");
  });

  test("the page's log has the browser's own address, not the one of the server in front", async () => {
    const place = ["--resolve", `${DOMAIN}:443:${core}`];
    await mustRun("curl", ["-sS", "--cacert", caFile, ...place, `https://${DOMAIN}/css/all.css`]);
    const log = await stack.on("core", "grep ' GET /css/all.css ' /var/log/nginx/access.log");
    expect(log).toMatch(/^10\.213\.0\.1 /m);
  });

  test("and back: 443 is the page's alone", async () => {
    stack.config = { ...stack.config, "jitsi:turn": {} };
    await stack.mustUp();
    const ports = await stack.on("core", "ss -Hltn 'sport = :8443 or sport = :8444' | wc -l");
    expect(ports.trim()).toBe("0");
    expect(await stack.on("core", "systemctl is-active nginx coturn")).toBe("active\nactive\n");
  });
});

test("a bridge whose machine is gone leaves the stack, and what it had on the core goes properly", async () => {
  await stack.lab("stop", labName(DOMAIN, "fra-1", 1));
  expect((await stack.tool("forget", "--host", "fra-1")).stdout).toMatch(/^fra-1 is forgotten: 8 steps/);
  const onCore = [{ id: "main", on: "core" }];
  stack.config = { ...stack.config, "jitsi:regions": [{ ...region, videobridges: onCore }] };
  const { steps } = await stack.mustUp();
  const deleted = steps.filter(({ op }) => op === "delete").map(({ name }) => name);
  expect(deleted).toEqual(expect.arrayContaining(["fra-1-turn-peer", "fra-1-account"]));
  expect(deleted).not.toContain("fra-1-drain");
  expect(await stack.on("core", "cat /etc/audio-meet/coturn/peers/*")).not.toContain(bridge);
  expect((await stack.outputs<Outputs>()).health).toMatchObject({ core: { healthy: true } });
});
