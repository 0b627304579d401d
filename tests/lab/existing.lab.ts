import { labAddress } from "../../facts/labHost";
import { changes, footprint } from "./support/footprint";
import { guestsOf, mustInGuest } from "./support/guests";
import { LabStack } from "./support/labStack";
import type { Ended } from "../../lab/run";
import { LEDGER_ENTRIES, makeServers, onServers, OWN_FILES, type Servers } from "./support/servers";
import { traces } from "./support/traces";

const DOMAIN = "existing.audio-meet.test";

/** What the preflight needs is the helper: nothing else may be there before every server was found fit. */
const HELPER = /^\+ (file|folder|link|content) (.* )?\/usr\/local\/(sbin|lib)\/audio-meet/;

const stack = new LabStack("existing", {});
/** The same servers and one that is off, by somebody who wrote down wrong host keys. */
const hopeless = new LabStack("existing-hopeless", {});
let hopelessUp: Promise<Ended>;
let servers: Servers;
let before: Record<string, string[]> = {};
let began = 0;
let entries: string[];

async function footprints(): Promise<Record<string, string[]>> {
  const [core, bridge] = await Promise.all([
    footprint(stack, servers.core.name),
    footprint(stack, servers.bridge.name),
  ]);
  return { core, bridge };
}

/** Lines of both servers that are there and were not, or were and are not. */
async function differences(passing: RegExp[] = []): Promise<string[]> {
  const after = await footprints();
  return ["core", "bridge"].flatMap((host) =>
    changes(before[host] ?? [], after[host] ?? [])
      .filter((line) => !passing.some((one) => one.test(line)))
      .map((line) => `${host}: ${line}`),
  );
}

/** An `up` that must be refused: what the helper said, by host. */
async function refusals(): Promise<string> {
  const refused = await stack.up();
  expect(refused.code).not.toBe(0);
  expect(refused.seconds).toBeLessThan(60);
  return refused.output;
}

/** Entries that are still in the journal after a rotation, by which old ones go. */
const ledger = async () => onCore("logger x; journalctl --rotate; sleep 2; journalctl -q -t ledger | wc -l");
/** Entries of the servers' journals up to the first `up`, as checksums. */
const journals = () =>
  Promise.all(
    [servers.core.name, servers.bridge.name].map((name) =>
      mustInGuest(stack, name, `journalctl -q --no-pager -o short-unix --until=@${began} | sha256sum`),
    ),
  );
const onCore = (script: string) => mustInGuest(stack, servers.core.name, script);
const onBridge = (script: string) => mustInGuest(stack, servers.bridge.name, script);

/** Goes on beside the other tests: tries for a minute and more. */
async function startHopeless(): Promise<void> {
  await hopeless.open();
  const { core, bridge, jump, login } = servers;
  // A real key, of somebody else: what an attacker in between would show. The jump host plays the core, since a test stops
  // the core's own SSH for a minute.
  const wrong = {
    core: { ...jump, hostKey: core.hostKey },
    bridge: { ...bridge, hostKey: core.hostKey },
    jump,
    login,
  };
  const off = { id: "off", address: labAddress(DOMAIN, "off", 1), hostKey: core.hostKey };
  const region = { name: "gone", machines: { provider: "existing", user: "root" }, videobridges: [off] };
  hopeless.config = await onServers(hopeless, DOMAIN, wrong, [region]);
  hopelessUp = hopeless.up();
}

beforeAll(async () => {
  await stack.open();
  servers = await makeServers(stack, DOMAIN);
  before = await footprints();
  began = Math.floor(Date.now() / 1000) - 1;
  entries = await journals();
  await startHopeless();
  stack.config = await onServers(stack, DOMAIN, servers);
});

afterAll(async () => {
  await hopeless.close();
  await stack.close();
});

test("a sudo that asks for a password is said with its remedy, and no server is changed", async () => {
  await onBridge("echo 'ops ALL=(ALL) ALL' >/etc/sudoers.d/ops");
  const said = await refusals();
  expect(said).toContain("audio-meet: sudo needs a password for ops");
  expect(said).toContain("ops ALL=(ALL) NOPASSWD: ALL");
  await onBridge("rm /etc/sudoers.d/ops");
  expect(await differences([HELPER])).toEqual([]);
});

test("all that speaks against the servers is said at once, and none of them is changed", async () => {
  await onBridge(`
    echo 'ops ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ops
    printf 'ID=ubuntu\\nVERSION_ID="20.04"\\n' >/run/old-release; mount --bind /run/old-release /usr/lib/os-release
    sed 's/^MemTotal:.*/MemTotal: 524288 kB/' /proc/meminfo >/run/little; mount --bind /run/little /proc/meminfo
    mount -t tmpfs -o size=20m tmpfs /var/cache/apt/archives`);
  await onCore(`
    echo 'server { listen 443 default_server; }' >/etc/nginx/sites-enabled/all
    echo 'server { listen 80; server_name ${DOMAIN}; }' >/etc/nginx/sites-enabled/ours
    systemctl reload nginx
    chmod 750 /etc/jitsi/trust
    systemd-run -q --unit own-mail python3 -m http.server 5349
    printf 'Package: prosody\\nPin: version 0.12*\\nPin-Priority: 900\\n' >/etc/apt/preferences.d/own
    printf 'LD_PRELOAD=/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1\\nFAKETIME=+1h\\n' >>/etc/environment`);
  const said = await refusals();
  for (const finding of [
    /own-bridge: operating system: ubuntu-20.04 is not supported/,
    /own-bridge: memory: 512 MB, at least \d+ MB/,
    /own-bridge: disk of \/var\/cache\/apt\/archives.*: \d+ MB are free/,
    /own-core: clock: 3[56]\d\d s ahead of /,
    /own-core: package prosody: is pinned by .etc.apt.preferences.d.own/,
    /own-core: \/etc\/nginx\/sites-enabled\/all: receives every request on port 443/,
    /own-core: \/etc\/nginx\/sites-enabled\/ours: serves existing.audio-meet.test/,
    /own-core: \/etc\/jitsi\/trust: cannot be entered by other users \(mode 0750\)/,
    /own-core: port 5349\/tcp: python3 \(own-mail.service\) listens there; turns needs it/,
  ])
    expect(said).toMatch(finding);
  await onBridge(`umount /usr/lib/os-release /proc/meminfo /var/cache/apt/archives`);
  await onCore(`
    rm /etc/nginx/sites-enabled/{all,ours}; systemctl reload nginx
    chmod 755 /etc/jitsi/trust
    systemctl stop own-mail; rm /etc/apt/preferences.d/own
    sed -i '/LD_PRELOAD=/d; /FAKETIME=/d' /etc/environment`);
  expect(await differences([HELPER, /\/etc\/sudoers.d\/ops( |$)/])).toEqual([]);
  before = { core: before["core"] ?? [], bridge: await footprint(stack, servers.bridge.name) };
  before["bridge"] = (before["bridge"] ?? []).filter((line) => !HELPER.test(`+ ${line}`));
});

test("one up makes the deployment, on servers that answer only after a minute, where apt is busy, one behind a jump host", async () => {
  const late =
    "systemctl stop ssh.socket ssh.service 2>/dev/null; systemd-run -q sh -c 'sleep 60; systemctl start ssh'";
  await Promise.all([onCore(late), onBridge(late)]);
  // As apt-daily does in the first minutes of a machine; apt-get itself gives up within seconds.
  const busy = `import fcntl, time; f = open("/var/lib/apt/lists/lock", "w"); fcntl.lockf(f, fcntl.LOCK_EX); time.sleep(120)`;
  await onCore(`systemd-run -q --unit own-apt python3 -c '${busy}'`);
  const { seconds, output } = await stack.mustUp();
  expect(seconds).toBeGreaterThan(115);
  expect(output).toMatch(
    /waiting for python3 \(process \d+, own-apt.service\), which holds \/var\/lib\/apt\/lists\/lock/,
  );
  const { health, bridges } = await stack.outputs<{
    health: Record<string, { healthy: boolean }>;
    bridges: Record<string, { region: string; publicAddress: string }>;
  }>();
  expect(Object.values(health).map(({ healthy }) => healthy)).toEqual([true, true]);
  expect(bridges).toMatchObject({ "fra-1": { region: "there", publicAddress: servers.bridge.address } });
  const stats = await onCore("curl -s -H 'Accept: */*' http://127.0.0.1:8888/stats");
  expect(JSON.parse(stats)).toMatchObject({ bridge_selector: { operational_bridge_count: 1 } });
});

test("one command asks every server, with the keys of the stack alone: no known_hosts, no agent, a jump host", async () => {
  const health = await stack.tool("health");
  expect(health.stdout).toMatch(/core:\n.*\n.*\n {2}healthy: true\nfra-1:\n.*\n.*\n {2}healthy: true\n/);
  expect((await stack.tool("drift")).stdout).toBe("core: as deployed\nfra-1: as deployed\n");
});

test("what ran there before goes on beside it", async () => {
  expect(await onCore("curl -s --resolve club.example:80:127.0.0.1 http://club.example/")).toBe("the club\n");
  expect(await onCore("nft list table inet own")).toContain("tcp dport 25 drop");
  expect(await onCore("nft list table ip containers")).toContain("tcp dport 8080 dnat to 172.17.0.2:80");
});

test("the operator's rules for logs and upgrades hold on", async () => {
  expect(await ledger()).toBe(`${LEDGER_ENTRIES}\n`);
  const upgrades = await onCore("apt-config dump APT::Periodic::Unattended-Upgrade");
  expect(upgrades).toBe('APT::Periodic::Unattended-Upgrade "0";\n');
});

test("every login at the bridge came through the jump host, as a user who is not root", async () => {
  const logins = await onBridge(
    "journalctl -q --no-pager -t sshd -t sshd-session | grep -o 'Accepted publickey for .* port' | sort -u",
  );
  expect(logins.trim().split("\n")).toEqual([`Accepted publickey for ops from ${servers.jump.address} port`]);
});

test("a second up changes nothing", async () => {
  expect((await stack.mustUp()).steps).toEqual([]);
});

test("destroy gives the servers back as they were", async () => {
  const destroyed = await stack.destroy();
  expect({ code: destroyed.code, end: destroyed.output.slice(-2500) }).toMatchObject({ code: 0 });
  expect(await stack.resources()).toEqual([]);
  expect(await differences()).toEqual([]);
  expect(await journals()).toEqual(entries);
  expect(await ledger()).toBe(`${LEDGER_ENTRIES}\n`);
  for (const [path, text] of Object.entries(OWN_FILES)) expect(await onCore(`cat ${path}`)).toBe(`${text}\n`);
  expect(await onCore("curl -s --resolve club.example:80:127.0.0.1 http://club.example/")).toBe("the club\n");
});

test("wrong host keys and a server that is off end up within three minutes, with clear errors", async () => {
  const { code, output, seconds } = await hopelessUp;
  expect(code).not.toBe(0);
  expect(seconds).toBeLessThan(180);
  const errors = Object.fromEntries(
    [...output.matchAll(/\(meet-(\S+)-bootstrap\):\n +error: (.*)/g)].map(
      ([, host, error]): [string, string] => [host ?? "", error ?? ""],
    ),
  );
  // The words are those of the SSH library behind the plugin; with Pulumi's own plugin they are "host key mismatch".
  const wrongKey = expect.stringMatching(/verification failed|host key mismatch/) as string;
  const off = expect.stringMatching(/EHOSTUNREACH|timed? ?out|no route to host/i) as string;
  // The first refusal ends the run; what was dialled by then is said as well.
  const right: Record<string, string> = { core: wrongKey, "fra-1": wrongKey, off };
  expect(Object.keys(errors)).not.toEqual([]);
  // The provider names no remedy; it is said beside its error.
  expect(output).toMatch(
    /:22 \(off\) still does not answer\. .*npm run forget -- --stack existing-hopeless --host off;/,
  );
  for (const [host, error] of Object.entries(errors)) expect([host, error]).toEqual([host, right[host]]);
  const made = (await hopeless.resources()).filter(({ type }) => type === "command:remote:Command");
  expect(made).toEqual([]);
});

test("the servers themselves were never the program's to delete", async () => {
  expect((await guestsOf(stack)).map(({ state }) => state)).toEqual(["running", "running", "running"]);
  await hopeless.close();
  await stack.close();
  expect(await traces(stack.folder)).toEqual([]);
});
