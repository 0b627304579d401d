import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { labAddress } from "../../facts/labHost";
import { makeCertificate, publish, type Publisher } from "../contract/publisher";
import { keyPair, makeServer, mustInGuest, type Server } from "./support/guests";
import { labConfig } from "./support/labConfig";
import { LabStack, type StackConfig } from "./support/labStack";
import { HERE, NameServer, Pebble, RENEW_NOW } from "./support/pebble";
import { Proxy } from "./support/proxy";
import { mustRun } from "../../lab/run";
import { traces } from "./support/traces";

const DOMAIN = "proxy.audio-meet.test";
/** Names of the Internet, as far as this server is concerned: only the proxy knows where they lead. */
const PACKAGES = "packages.audio-meet.test";
const KEYS = "keys.audio-meet.test";
const ACME = "acme.audio-meet.test";
const ACME_PORT = 14120;
const LAB_PORT = 8613;
const LOGIN = "ops:s3cret-word";
const KEYRING = join(
  process.env["AUDIO_MEET_CACHE"] ?? join(homedir(), ".cache/audio-meet"),
  "packages/gnupg",
);

const stack = new LabStack("proxy", {});
const folder = mkdtempSync(join(tmpdir(), "proxy-lab-"));
let server: Server;
let proxy: Proxy;
let keys: Publisher;
let authority: Pebble;
/** Servers on this machine, to be stopped. */
const servers: { stop: () => void }[] = [];
let secret: unknown;

const onServer = async (script: string) => mustInGuest(stack, server.name, script);

/** The deployment on the one server; `keyPath`: another one makes the helper fetch the signing key anew. */
async function config(machines: object, keyPath = "/jitsi.key"): Promise<StackConfig> {
  const region = { name: "here", machines: { provider: "existing", user: "ops", ...machines } };
  const core = { address: server.address, hostKey: server.hostKey };
  return labConfig(DOMAIN, {
    "jitsi:regions": [{ ...region, core, videobridges: [{ id: "main", on: "core" }] }],
    "jitsi:packages": {
      jitsiRepository: `http://${PACKAGES}:${LAB_PORT}`,
      jitsiKey: keys.url.replace(HERE, KEYS) + keyPath,
    },
    "jitsi:certificate": {
      issuer: "acme",
      server: authority.directory.replace(HERE, ACME),
      caBundle: await authority.authorities(),
    },
    "jitsi:sshPrivateKey": secret,
  });
}

/** A server of a company: nothing leaves it but to the proxy, and it knows no name of the Internet. */
async function cage(): Promise<void> {
  await onServer(`
    set -e
    ip route del default
    echo 'nameserver 192.0.2.53' >/etc/resolv.conf
    nft -f - <<'END'
table inet cage {
  chain output {
    type filter hook output priority 0; policy drop;
    oif lo accept
    ct state established,related accept
    ip daddr ${HERE} tcp dport ${proxy.port} accept
  }
}
END`);
}

beforeAll(async () => {
  await stack.open();
  servers.push((proxy = await Proxy.start([PACKAGES, KEYS, ACME])));
  const names = await NameServer.start("127.0.0.2");
  servers.push(names);
  await names.set(DOMAIN, [labAddress(DOMAIN, "own-core", 1)]);
  servers.push((authority = await Pebble.start(join(folder, "authority"), ACME_PORT, names, { name: ACME })));
  const certificate = makeCertificate(folder, "keys", KEYS);
  keys = await publish(certificate, HERE);
  servers.push({ stop: keys.close });
  const armored = await mustRun("gpg", ["--homedir", KEYRING, "--armor", "--export"]);
  keys.documents = Object.fromEntries(
    ["/jitsi.key", "/second.key", "/third.key"].map((path) => [path, armored.stdout]),
  );
  const login = await keyPair(stack, "login");
  server = await makeServer(stack, DOMAIN, "own-core", login.open);
  await onServer(`
    set -e
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    apt-get -qq install --yes --no-install-recommends nftables ca-certificates sudo >/dev/null
    rm -rf /var/lib/apt/lists/*
    cat >/usr/local/share/ca-certificates/keys.crt <<'END'
${readFileSync(certificate, "utf8")}
END
    update-ca-certificates >/dev/null
    useradd --create-home --shell /bin/bash ops
    install -d -m 700 -o ops -g ops ~ops/.ssh
    install -m 600 -o ops -g ops /root/.ssh/authorized_keys ~ops/.ssh/authorized_keys
    echo 'ops ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ops`);
  await cage();
  stack.config = await config({});
  secret = await stack.encrypted("jitsi:sshPrivateKey", login.secret);
});

afterAll(async () => {
  await stack.close();
  for (const each of servers) each.stop();
  rmSync(folder, { recursive: true });
});

test("a server that reaches nothing is refused, with the key that names a proxy", async () => {
  stack.config = await config({});
  const refused = await stack.up();
  expect(refused.code).not.toBe(0);
  expect(refused.output).toMatch(
    /outbound access: packages\.audio-meet\.test:8613 \(packages\) does not answer: .*set machines\.httpProxy/,
  );
  expect(refused.output).toMatch(/outbound access: keys\.audio-meet\.test:\d+ \(signing key of packages\)/);
  expect(proxy.seen()).toEqual(new Set());
});

test("a proxy that does not pass on, or is not there, is named before anything is installed", async () => {
  stack.config = await config({ httpProxy: proxy.url });
  proxy.isClosed = true;
  const { output } = await stack.up();
  expect(output).toMatch(/the proxy http:\S+ \(machines.httpProxy\) does not reach keys\S+ .*403 Forbidden/);
  proxy.isClosed = false;
  stack.config = await config({ httpProxy: `http://${HERE}:${proxy.port + 1}` });
  expect((await stack.up()).output).toMatch(/the proxy \S+ \(machines.httpProxy\) does not answer: /);
  expect(await onServer("ls /etc/apt/sources.list.d")).not.toContain("audio-meet");
});

test("with the key one up makes the deployment, certificate and all, through the proxy alone", async () => {
  stack.config = await config({ httpProxy: proxy.url });
  proxy.seen();
  const settings = "cat /etc/environment; apt-config dump | grep -i proxy || true";
  const before = await onServer(settings);
  await stack.mustUp();
  const { health } = await stack.outputs<{ health: Record<string, { healthy: boolean }> }>();
  expect(Object.values(health).map(({ healthy }) => healthy)).toEqual([true]);
  expect(await onServer(settings)).toBe(before);
  const seen = [...proxy.seen()];
  expect(seen).toEqual(
    expect.arrayContaining([
      `GET http://${PACKAGES}:${LAB_PORT}`,
      "GET http://deb.debian.org",
      `CONNECT ${new URL(keys.url).host.replace(HERE, KEYS)}`,
      `CONNECT ${ACME}:${ACME_PORT}`,
    ]),
  );
  expect(seen.filter((what) => what.includes(DOMAIN) || what.includes(server.address))).toEqual([]);
  expect(authority.seen()).toEqual({ orders: 1, issued: 1 });
  expect(keys.asked).toEqual(["/jitsi.key"]);
});

test("the renewal finds the same way", async () => {
  await onServer(RENEW_NOW);
  expect(authority.seen().issued).toBe(2);
  expect(proxy.seen()).toEqual(new Set([`CONNECT ${ACME}:${ACME_PORT}`]));
});

test("without the key, the proxy that the installer of Ubuntu noted for apt is enough", async () => {
  const apt = `Acquire::http::Proxy "${proxy.url}";`;
  await onServer(`echo '${apt}' >/etc/apt/apt.conf.d/90curtin-aptproxy`);
  stack.config = await config({}, "/second.key");
  await stack.mustUp();
  expect(keys.asked).toEqual(["/jitsi.key", "/second.key"]);
  expect([...proxy.seen()]).toEqual(
    expect.arrayContaining([
      `CONNECT ${new URL(keys.url).host.replace(HERE, KEYS)}`,
      `GET http://${PACKAGES}:${LAB_PORT}`,
    ]),
  );
  expect(await onServer("cat /etc/apt/apt.conf.d/90curtin-aptproxy")).toBe(`${apt}\n`);
  await onServer("rm /etc/apt/apt.conf.d/90curtin-aptproxy");
});

test("so is /etc/environment, whose login the proxy gets and no log", async () => {
  const url = proxy.url.replace("//", `//${LOGIN}@`);
  await onServer(`printf 'https_proxy=%s\\nhttp_proxy=%s\\n' '${url}' '${url}' >>/etc/environment`);
  stack.config = await config({}, "/third.key");
  proxy.asked = [];
  const { output } = await stack.mustUp();
  expect(keys.asked).toEqual(["/jitsi.key", "/second.key", "/third.key"]);
  const basic = `Basic ${Buffer.from(LOGIN).toString("base64")}`;
  expect([...new Set(proxy.asked.map(({ login }) => login))]).toEqual([basic]);
  expect(output).not.toContain("s3cret-word");
  expect(
    await onServer("journalctl -q --no-pager; grep -r s3cret /var/lib/audio-meet || true"),
  ).not.toContain("s3cret-word");
});

test("destroy takes everything away, the account at the authority included", async () => {
  proxy.seen();
  const destroyed = await stack.destroy();
  expect({ code: destroyed.code, end: destroyed.output.slice(-2500) }).toMatchObject({ code: 0 });
  expect(proxy.seen()).toContain(`CONNECT ${ACME}:${ACME_PORT}`);
  await stack.close();
  expect(await traces(stack.folder)).toEqual([]);
});
