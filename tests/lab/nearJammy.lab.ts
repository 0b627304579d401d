import { changes, footprint, PASSING } from "./support/footprint";
import { keyPair, makeServer, mustInGuest, type Server } from "./support/guests";
import { labConfig } from "./support/labConfig";
import { LabStack } from "./support/labStack";
import { ProsodyRepository } from "./support/prosodyRepository";
import { traces } from "./support/traces";

const DOMAIN = "near-jammy.audio-meet.test";
const KEY = "jitsi:sshPrivateKey";
const LAB_KEY = "/usr/share/keyrings/audio-meet-lab.gpg";

/** What an operator opens in front of a core with a bridge, as docs/ARCHITECTURE.md lists it. */
const OPEN_PORTS = ["22/tcp", "80/tcp", "443/tcp", "3478", "5349/tcp", "10000/udp"];

const stack = new LabStack("near-jammy", {});
let server: Server;
let prosody: ProsodyRepository | undefined;
let before: string[];

const onServer = (script: string) => mustInGuest(stack, server.name, script);

/** A server as a provider hands it over, with its firewall on. */
async function handOver(): Promise<string> {
  const login = await keyPair(stack, "login");
  server = await makeServer(stack, DOMAIN, "own-core", login.open, "near-jammy");
  prosody = await ProsodyRepository.start(stack, server.name);
  const allowed = OPEN_PORTS.map((port) => `ufw allow ${port}`).join("\n");
  // sudo notes in the user's home that it was used once.
  await onServer(`set -e\n(${allowed}\nufw --force enable) >&2\nrunuser -u ubuntu -- sudo -n true`);
  before = await footprint(stack, server.name);
  return login.secret;
}

beforeAll(async () => {
  await stack.open();
  const login = await handOver();
  const core = { address: server.address, hostKey: server.hostKey };
  const machines = { provider: "existing", user: "ubuntu" };
  const { "jitsi:packages": packages, ...others } = labConfig(DOMAIN);
  stack.config = {
    ...others,
    "jitsi:packages": { ...(packages as object), prosodyRepository: prosody?.url, prosodyKey: LAB_KEY },
    "jitsi:regions": [{ name: "here", machines, core, videobridges: [{ id: "main", on: "core" }] }],
  };
  stack.config = { ...stack.config, [KEY]: await stack.encrypted(KEY, login) };
});

afterAll(async () => {
  prosody?.stop();
  await stack.close();
});

test("the server is what it stands for", async () => {
  const found = await onServer(`
    . /etc/os-release; echo "$ID $VERSION_ID $VERSION_CODENAME"
    lua -v 2>&1 | cut -d' ' -f1,2
    dpkg-query -W -f '\${Version}\\n' lua-cjson
    readlink /etc/resolv.conf
    getent ahostsv4 "$(hostname)" | sed -n '1s/ .*//p'
    ufw status | head -n 1
    runuser -u ubuntu -- sudo -n id -un
    sshd -T | grep ^permitrootlogin`);
  expect(found.trim().split("\n")).toEqual([
    "ubuntu 22.04 jammy",
    "Lua 5.1.5",
    "2.1.0+dfsg-2.1",
    "../run/systemd/resolve/stub-resolv.conf",
    "127.0.1.1",
    "Status: active",
    "root",
    "permitrootlogin no",
  ]);
});

test("one up by ubuntu makes the deployment with all default features", async () => {
  await stack.mustUp();
  const { health } = await stack.outputs<{ health: Record<string, { healthy: boolean }> }>();
  expect(Object.values(health).map(({ healthy }) => healthy)).toEqual([true]);
  const stats = await onServer("curl -s -H 'Accept: */*' http://127.0.0.1:8888/stats");
  expect(JSON.parse(stats)).toMatchObject({ bridge_selector: { operational_bridge_count: 1 } });
  expect(await onServer("lua -v 2>&1")).toContain("Lua 5.1");
});

test("a second up changes nothing", async () => {
  expect((await stack.mustUp()).steps).toEqual([]);
});

test("destroy gives the server back as it was", async () => {
  const destroyed = await stack.destroy();
  expect({ code: destroyed.code, end: destroyed.output.slice(-2500) }).toMatchObject({ code: 0 });
  const after = await footprint(stack, server.name);
  expect(changes(before, after).filter((line) => !PASSING.some((one) => one.test(line)))).toEqual([]);
});

test("nothing of the lab is left", async () => {
  prosody?.stop();
  await stack.close();
  expect(await traces(stack.folder)).toEqual([]);
});
