import { readFileSync } from "node:fs";
import * as YAML from "yaml";
import { changes, footprint } from "./support/footprint";
import { guestsOf, inGuest, keyPair, makeServer, mustInGuest, type Server } from "./support/guests";
import { labConfig } from "./support/labConfig";
import { LabStack, type StackConfig } from "./support/labStack";
import { traces } from "./support/traces";

const DOMAIN = "existing.audio-meet.test";
const BRIDGE_PORT = 2222;
const KEY = "jitsi:sshPrivateKey";
/** Lies where the deployment puts the certificate of its authority. */
const OWN_FILE = "/etc/jitsi/trust/ca.pem";

/** What may differ after a deployment came and went: logs, what apt and dpkg note for themselves, and left-overs of purges. */
const PASSING = [
  /^\+ path \/var\/log\/(apt|dpkg\.log|alternatives\.log|jitsi)$/,
  /^[+-] file \S+ \S+ \/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-? /,
  /^[+-] (file|folder) \S+ \S+ \/var\/lib\/(apt|ucf|update-rc\.d|pam|private)/,
  // Debian's own purges leave these (seen with apt alone), and Jitsi's packages leave their group.
  /^\+ folder \S+ \S+ (\/etc\/prosody(\/certs)?|\/var\/lib\/libuuid)$/,
  /^\+ group (ssl-cert|uuidd|jitsi):/,
  /^\+ user uuidd:/,
];

const stack = new LabStack("existing", {});
let core: Server;
let bridge: Server;
let jump: Server;
let before: Record<string, string[]> = {};

/** Servers as they are handed over: root at one, a user with sudo behind a jump host at the other. */
async function makeServers(): Promise<string> {
  const login = await keyPair(stack, "login");
  [core, bridge, jump] = await Promise.all([
    makeServer(stack, DOMAIN, "own-core", login.open),
    makeServer(stack, DOMAIN, "own-bridge", login.open),
    makeServer(stack, DOMAIN, "own-jump", login.open),
  ]);
  const ops = `
    set -e
    useradd --create-home --shell /bin/bash ops
    install -d -m 700 -o ops -g ops ~ops/.ssh
    install -m 600 -o ops -g ops /root/.ssh/authorized_keys ~ops/.ssh/authorized_keys`;
  await mustInGuest(stack, jump.name, ops);
  // Only the jump host gets in, on another port, and root not at all.
  await mustInGuest(
    stack,
    bridge.name,
    `${ops}
     echo 'ops ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ops
     printf 'Port ${BRIDGE_PORT}\\nAllowUsers ops@${jump.address}\\n' >/etc/ssh/sshd_config.d/10-ops.conf
     systemctl restart ssh`,
  );
  // A server with a past: a service of its own, and a file at a path that the deployment manages.
  await mustInGuest(
    stack,
    core.name,
    `set -e
     mkdir -p /etc/jitsi/trust
     echo 'hand-made' >${OWN_FILE}; chmod 600 ${OWN_FILE}
     printf '#!/usr/sbin/nft -f\\ntable inet own { chain input { type filter hook input priority 0; } }\\n' >/etc/own.nft
     printf '[Service]\\nType=oneshot\\nExecStart=/usr/bin/true\\n[Install]\\nWantedBy=multi-user.target\\n' \\
       >/etc/systemd/system/own.service
     systemctl -q enable own.service`,
  );
  return login.secret;
}

function config(keys: { core: string; bridge: string }): StackConfig {
  const jumpHost = { address: jump.address, hostKey: jump.hostKey };
  return labConfig(DOMAIN, {
    "jitsi:regions": [
      {
        name: "here",
        machines: { provider: "existing", user: "root" },
        core: { address: core.address, hostKey: keys.core },
      },
      {
        name: "there",
        machines: { provider: "existing", user: "ops", port: BRIDGE_PORT, jumpHost },
        videobridges: [{ id: "fra-1", address: bridge.address, hostKey: keys.bridge }],
      },
    ],
    [KEY]: stack.config[KEY],
  });
}

/** Encrypts the key as an operator would: on stdin, so that it is in no command line. */
async function setPrivateKey(secret: string): Promise<void> {
  const args = ["config", "set", "--secret", "--config-file", stack.configFile, KEY];
  const set = await stack.pulumi(args, { stdin: secret });
  expect({ code: set.code, output: set.output }).toMatchObject({ code: 0 });
  const stored = YAML.parse(readFileSync(stack.configFile, "utf8")) as { config: StackConfig };
  expect(stored.config[KEY]).toEqual({ secure: expect.any(String) as unknown });
  stack.config = { [KEY]: stored.config[KEY] };
}

async function footprints(): Promise<Record<string, string[]>> {
  const [ofCore, ofBridge] = await Promise.all([footprint(stack, core.name), footprint(stack, bridge.name)]);
  return { core: ofCore, bridge: ofBridge };
}

beforeAll(async () => {
  await stack.open();
  const secret = await makeServers();
  await setPrivateKey(secret);
  before = await footprints();
});

afterAll(async () => {
  await stack.close();
});

test.each(["bridge", "core"] as const)(
  "a wrong host key of the %s ends up soon, and nothing is done there",
  async (which) => {
    const { [which]: untouched } = await footprints();
    const right = { core: core.hostKey, bridge: bridge.hostKey };
    // A real key, of somebody else: what an attacker in between would show.
    stack.config = config({ ...right, [which]: jump.hostKey });
    const refused = await stack.up();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toMatch(/host key|hostkey|key mismatch|verification failed/i);
    expect(refused.seconds).toBeLessThan(150);
    const { [which]: now } = await footprints();
    expect(changes(untouched ?? [], now ?? [])).toEqual([]);
  },
);

test("one up makes the deployment on servers that were there before", async () => {
  stack.config = config({ core: core.hostKey, bridge: bridge.hostKey });
  await stack.mustUp();
  const { health, bridges } = await stack.outputs<{
    health: Record<string, { healthy: boolean }>;
    bridges: Record<string, { region: string; publicAddress: string }>;
  }>();
  expect(Object.values(health).map(({ healthy }) => healthy)).toEqual([true, true]);
  expect(bridges).toMatchObject({ "fra-1": { region: "there", publicAddress: bridge.address } });
  const stats = await mustInGuest(stack, core.name, "curl -s -H 'Accept: */*' http://127.0.0.1:8888/stats");
  expect(JSON.parse(stats)).toMatchObject({ bridge_selector: { operational_bridge_count: 1 } });
});

test("every login at the bridge came through the jump host, as a user who is not root", async () => {
  const logins = await mustInGuest(
    stack,
    bridge.name,
    "journalctl -q --no-pager -t sshd -t sshd-session | grep -o 'Accepted publickey for .* port' | sort -u",
  );
  expect(logins.trim().split("\n")).toEqual([`Accepted publickey for ops from ${jump.address} port`]);
});

test("a second up changes nothing", async () => {
  expect((await stack.mustUp()).steps).toEqual([]);
});

test("destroy gives the servers back as they were", async () => {
  const destroyed = await stack.destroy();
  expect({ code: destroyed.code, end: destroyed.output.slice(-2500) }).toMatchObject({ code: 0 });
  expect(await stack.resources()).toEqual([]);
  const after = await footprints();
  const left = ["core", "bridge"].flatMap((host) =>
    changes(before[host] ?? [], after[host] ?? []).map((line) => ({ host, line })),
  );
  expect(left.filter(({ line }) => !PASSING.some((passing) => passing.test(line)))).toEqual([]);
  expect((await inGuest(stack, core.name, `cat ${OWN_FILE}`)).stdout).toBe("hand-made\n");
});

test("the servers themselves were never the program's to delete", async () => {
  expect((await guestsOf(stack)).map(({ state }) => state)).toEqual(["running", "running", "running"]);
  await stack.close();
  expect(await traces(stack.folder)).toEqual([]);
});
