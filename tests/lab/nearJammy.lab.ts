import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { makeCertificate, publish, type Publisher } from "../contract/publisher";
import { jwkOf, rsaKey, signed } from "../contract/tokens";
import { changes, footprint } from "./support/footprint";
import { keyPair, makeServer, mustInGuest, type Server } from "./support/guests";
import { labConfig } from "./support/labConfig";
import { LabStack } from "./support/labStack";
import { HERE } from "./support/pebble";
import { ProsodyRepository } from "./support/prosodyRepository";
import { run } from "../../lab/run";
import { Storage } from "./support/storage";
import { traces } from "./support/traces";

const DOMAIN = "near-jammy.audio-meet.test";
const KEY = "jitsi:sshPrivateKey";
const STORAGE_PORT = 8617;
const KEY_OF_PROVIDER = rsaKey("provider");
const MODERATOR = { user: { name: "Anna", moderator: true } };
const LAB_KEY = "/usr/share/keyrings/audio-meet-lab.gpg";

/** What an operator opens in front of a core with a bridge, recorders and metrics, as docs/ARCHITECTURE.md lists it. */
const OPEN_PORTS = ["22/tcp", "80/tcp", "443/tcp", "3478", "5349/tcp", "10000/udp", "5222/tcp", "9998/tcp"];

const stack = new LabStack("near-jammy", {});
let server: Server;
let prosody: ProsodyRepository | undefined;
let storage: Storage | undefined;
let provider: Publisher | undefined;
let before: string[];

const onServer = (script: string) => mustInGuest(stack, server.name, script);

/** Logs in with a token over the real websocket through nginx and enters the room "town". */
async function visit(caFile: string, token: string): Promise<{ login: string; join?: string }> {
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: caFile };
  const visitor = { domain: DOMAIN, host: DOMAIN, address: server.address, token, room: "town" };
  const stdin = JSON.stringify({ ...visitor, deeds: ["request", "join"] });
  const ended = await run(process.execPath, [join(__dirname, "support", "visitor.mjs")], { env, stdin });
  if (ended.code !== 0) throw new Error(ended.output.slice(-2000));
  return JSON.parse(ended.stdout) as { login: string; join?: string };
}

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
  provider?.close();
  await storage?.stop();
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

test("with recorder, monitoring and tokens of an identity provider it comes up as well, all on this release", async () => {
  storage = await Storage.start(stack, STORAGE_PORT);
  provider = await publish(makeCertificate(stack.folder, "provider", HERE), HERE);
  provider.documents["/certs"] = { keys: [jwkOf(KEY_OF_PROVIDER)] };
  const { bucket, region, accessKey, secretKey } = storage.login;
  const place = {
    bucket,
    region,
    endpoint: `https://${HERE}:${STORAGE_PORT}`,
    caBundle: storage.authorityPem,
  };
  const [here] = stack.config["jitsi:regions"] as object[];
  const more = {
    name: "more",
    machines: { provider: "lab", suite: "near-jammy" },
    recorders: [{ id: "rec-1" }],
    monitoring: {},
  };
  stack.config = {
    ...stack.config,
    "jitsi:regions": [here, more],
    "jitsi:recording": { storage: place },
    "jitsi:recordingAccessKey": await stack.encrypted("jitsi:recordingAccessKey", accessKey),
    "jitsi:recordingSecretKey": await stack.encrypted("jitsi:recordingSecretKey", secretKey),
    "jitsi:monitoring": { networks: [`${HERE}/32`] },
    "jitsi:access": {
      kind: "token",
      jwks: `${provider.url}/certs`,
      caBundle: readFileSync(join(stack.folder, "provider.pem"), "utf8"),
      issuers: [provider.url],
      audiences: ["meet"],
    },
  };
  await stack.mustUp();
  const { health, caPem } = await stack.outputs<{
    health: Record<string, { healthy: boolean }>;
    caPem: string;
  }>();
  expect(Object.fromEntries(Object.entries(health).map(([id, { healthy }]) => [id, healthy]))).toEqual({
    ...{ core: true, "rec-1": true, monitoring: true },
  });
  const exp = Math.floor(Date.now() / 1000) + 300;
  const claims = { iss: provider.url, aud: "meet", sub: "0b5c7cf0", exp, room: "town", context: MODERATOR };
  const caFile = join(stack.folder, "ca.pem");
  writeFileSync(caFile, caPem);
  // Prosody asks for the keys at the first token, and lets whoever waits in at the next try.
  await visit(caFile, signed(KEY_OF_PROVIDER, claims));
  await pause(3000);
  expect(await visit(caFile, signed(KEY_OF_PROVIDER, claims))).toMatchObject({ login: "ok", join: "ok" });
  expect((await visit(caFile, signed(rsaKey(KEY_OF_PROVIDER.kid), claims))).login).toBe("not-allowed");
});

test("destroy gives the server back as it was", async () => {
  const destroyed = await stack.destroy();
  expect({ code: destroyed.code, end: destroyed.output.slice(-2500) }).toMatchObject({ code: 0 });
  const after = await footprint(stack, server.name);
  expect(changes(before, after)).toEqual([]);
});

test("nothing of the lab is left", async () => {
  prosody?.stop();
  await stack.close();
  expect(await traces(stack.folder)).toEqual([]);
});
