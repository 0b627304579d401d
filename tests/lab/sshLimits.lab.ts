import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { keyPair, makeServer, mustInGuest, type Server } from "./support/guests";
import { labConfig } from "./support/labConfig";
import { LabStack, type StackConfig } from "./support/labStack";
import { mustRun } from "../../lab/run";

// Servers as they are hardened: `ufw limit 22/tcp` lets an address open five connections in thirty seconds, and sshd closes a
// connection after six refused keys, for which others ban who repeats it.
const DOMAIN = "limits.audio-meet.test";
const KEY = "jitsi:sshPrivateKey";
const ADMIN = "10.213.0.1";

const stack = new LabStack("limits", {});
let servers: Record<string, Server>;
let config: StackConfig;
let login: { secret: string; open: string };
let agent: ChildProcess | undefined;

/** Runs the same script as root on every server; returns what each said. */
async function everywhere(script: string): Promise<string[]> {
  return Promise.all(Object.values(servers).map(({ name }) => mustInGuest(stack, name, script)));
}

/** How often sshd of each server wrote a line of this kind. */
async function counted(pattern: string): Promise<number[]> {
  const said = await everywhere(
    `journalctl -q --no-pager -t sshd -t sshd-session | grep -cE ${JSON.stringify(pattern)} || true`,
  );
  return said.map(Number);
}

/** An SSH agent with eight keys, the right one last. */
async function startAgent(): Promise<string> {
  const socket = join(stack.folder, "agent");
  agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  await mustRun("bash", ["-c", `until [ -S ${socket} ]; do sleep 0.1; done`]);
  for (let number = 1; number < 8; number++) {
    const { secret } = await keyPair(stack, `other-${number}`);
    await mustRun("ssh-add", ["-q", "-"], { env, stdin: secret });
  }
  await mustRun("ssh-add", ["-q", "-"], { env, stdin: login.secret });
  return socket;
}

beforeAll(async () => {
  await stack.open();
  login = await keyPair(stack, "login");
  const names = ["limits-core", "limits-b1", "limits-b2"];
  const made = await Promise.all(names.map((name) => makeServer(stack, DOMAIN, name, login.open)));
  servers = Object.fromEntries(made.map((server) => [server.name, server]));
  const host = (name: string) => ({ address: servers[name]?.address, hostKey: servers[name]?.hostKey });
  config = labConfig(DOMAIN, {
    "jitsi:regions": [
      {
        name: "here",
        machines: { provider: "existing", user: "root" },
        core: host("limits-core"),
        videobridges: [
          { id: "b1", ...host("limits-b1") },
          { id: "b2", ...host("limits-b2") },
        ],
      },
    ],
  });
  await everywhere(`
    set -e
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update; apt-get -qq install --yes --no-install-recommends ufw >/dev/null
    ufw default allow incoming; ufw limit 22/tcp; ufw --force enable`);
  // One keeps ufw's own thirty seconds; the others wait a third of them, and show the same.
  for (const name of ["limits-core", "limits-b1"])
    await mustInGuest(stack, name, "sed -i 's/--seconds 30/--seconds 10/' /etc/ufw/user*.rules; ufw reload");
});

afterAll(async () => {
  agent?.kill();
  await stack.close();
});

test("a login that is refused is tried once, and the remedy is said", async () => {
  stack.config = config;
  stack.more["SSH_AUTH_SOCK"] = await startAgent();
  const { code, output, seconds } = await stack.up();
  expect(code).not.toBe(0);
  expect(seconds).toBeLessThan(60);
  expect(output).toContain("The SSH agent has 8 keys and offers them one after the other");
  expect(output).toContain("ssh-add -D; ssh-add KEY");
  const refused = await counted("Too many authentication failures|maximum authentication attempts exceeded");
  for (const count of refused) expect(count).toBeLessThanOrEqual(2); // two lines for one connection
  delete stack.more["SSH_AUTH_SOCK"];
  agent?.kill();
});

test("a limit that nobody would wait for is refused at once with the line to type, which helps", async () => {
  config = { ...config, [KEY]: await stack.encrypted(KEY, login.secret) };
  stack.config = config;
  const slow = "-p tcp --dport 22 -m conntrack --ctstate NEW -m recent";
  const core = "limits-core";
  await mustInGuest(
    stack,
    core,
    `iptables -I ufw-user-input 1 ${slow} --update --seconds 3600 --hitcount 3 --name slow -j DROP
     iptables -I ufw-user-input 1 ${slow} --set --name slow`,
  );
  const { code, output, seconds } = await stack.up();
  expect(code).not.toBe(0);
  // The other hosts pause once, for what their firewalls counted before.
  expect(seconds).toBeLessThan(60);
  const remedy = `ufw insert 1 allow from ${ADMIN} to any port 22 proto tcp`;
  expect(output).toMatch(
    /limits-core: port 22\/tcp: a firewall of this host allows 2 new connections in 3600 s/,
  );
  expect(output).toContain(remedy);
  expect(await mustInGuest(stack, core, "ls /usr/local/lib/audio-meet 2>&1 || true")).toMatch(/No such file/);
  await mustInGuest(stack, core, "ufw reload");
});

/** The host that a step is for: accounts of bridges and their places in TURN are made on the core. */
function hostOf(step: string): string {
  return /-(account|turn-peer)$/.test(step) ? "core" : (step.split("-")[0] ?? "");
}

test("a first up behind ufw limit ends well, with no more connections than steps and none refused", async () => {
  await everywhere("journalctl --rotate; journalctl -q --vacuum-time=1s; ufw logging on");
  const { steps, output, seconds } = await stack.mustUp();
  process.stdout.write(`a first up behind ufw limit: ${seconds.toFixed(0)} s\n`);
  expect(output).toContain("because a firewall of this host limits new SSH connections");
  expect(output).not.toContain("does not answer");
  const accepted = await counted("Accepted publickey");
  ["core", "b1", "b2"].forEach((id, index) => {
    const own = steps.filter(({ name, type }) => type === "command:remote:Command" && hostOf(name) === id);
    expect(accepted[index]).toBeLessThanOrEqual(own.length);
    expect(accepted[index]).toBeGreaterThan(5);
  });
  const rules = await everywhere("ufw status | grep -c LIMIT");
  expect(rules.map(Number).every((count) => count >= 1)).toBe(true);
});

test("destroy, which runs without the program, goes through it too", async () => {
  // A bridge's share of the steps shows it as well as all of them.
  for (const name of ["limits-core", "limits-b2"]) await mustInGuest(stack, name, "ufw disable");
  const { code, output, seconds } = await stack.destroy();
  process.stdout.write(`destroy behind ufw limit: ${seconds.toFixed(0)} s\n`);
  expect({ code, end: output.slice(-2500) }).toMatchObject({ code: 0 });
  expect(await stack.resources()).toEqual([]);
});
