import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as YAML from "yaml";
import { labAddress } from "../../facts/labHost";
import { changes, footprint } from "./support/footprint";
import { inGuest, keyPair, makeServer, mustInGuest, type Server } from "./support/guests";
import { labConfig } from "./support/labConfig";
import { LabStack, type StackConfig } from "./support/labStack";
import { HERE, NameServer, Pebble, RENEW_NOW } from "./support/pebble";
import { mustRun, run } from "../../lab/run";
import { LastingSession } from "./support/session";

const DOMAIN = "certificate.audio-meet.test";
const TURNS_PORT = 5349;
const KEY_ID = "kid-1";
const HMAC_KEY = "bGFiLWhtYWMta2V5LW9mLTMyLWJ5dGVzLWF0LWxlYXN0";

const stack = new LabStack("certificate", {});
const folder = mkdtempSync(join(tmpdir(), "certificate-lab-"));
const bundle = join(folder, "bundle.pem");
const address = labAddress(DOMAIN, "own-core", 1);
let core: Server;
let names: NameServer;
let authority: Pebble;
let rehearsal: Pebble;
let before: string[];

function config(certificate: object): StackConfig {
  const region = { name: "here", machines: { provider: "existing", user: "root" } };
  return labConfig(DOMAIN, {
    "jitsi:certificate": certificate,
    "jitsi:regions": [
      {
        ...region,
        core: { address: core.address, hostKey: core.hostKey },
        videobridges: [{ id: "main", on: "core" }],
      },
    ],
    ...Object.fromEntries(Object.entries(stack.config).filter(([, value]) => isSecret(value))),
  });
}

function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}

/** Encrypts a key as an operator would: on stdin, so that it is in no command line. */
async function setSecret(key: string, value: string): Promise<void> {
  const args = ["config", "set", "--secret", "--config-file", stack.configFile, key];
  expect((await stack.pulumi(args, { stdin: value })).code).toBe(0);
  const stored = YAML.parse(readFileSync(stack.configFile, "utf8")) as { config: StackConfig };
  stack.config = { ...stack.config, [key]: stored.config[key] };
}

/** Serial number and issuer of the certificate that is served, verified by the authorities in the file. */
async function served(caFile = bundle, port = 443): Promise<{ serial: string; issuer: string }> {
  const script = `openssl s_client -connect "$1" -servername ${DOMAIN} -verify_return_error -verify_hostname ${DOMAIN} \
    -CAfile "$2" </dev/null 2>/dev/null | openssl x509 -noout -serial -issuer`;
  const { stdout } = await mustRun("bash", [
    "-o",
    "pipefail",
    "-c",
    script,
    "bash",
    `${address}:${port}`,
    caFile,
  ]);
  const [serial = "", issuer = ""] = stdout.trim().split("\n");
  return { serial, issuer };
}

const onCore = async (script: string) => mustInGuest(stack, core.name, script);

beforeAll(async () => {
  await stack.open();
  names = await NameServer.start(HERE);
  authority = await Pebble.start(join(folder, "authority"), 14100, names, {
    accounts: { [KEY_ID]: HMAC_KEY },
  });
  rehearsal = await Pebble.start(join(folder, "rehearsal"), 14110, names, {
    accounts: { [KEY_ID]: HMAC_KEY },
  });
  writeFileSync(bundle, (await authority.authorities()) + (await rehearsal.authorities()));
  const login = await keyPair(stack, "login");
  core = await makeServer(stack, DOMAIN, "own-core", login.open);
  // Our name server knows the deployment alone; apt's hosts are looked up here.
  const hosts = ["deb.debian.org", "security.debian.org"].map(async (name) => {
    const { stdout } = await mustRun("getent", ["ahostsv4", name]);
    return `${stdout.split(" ")[0] ?? ""} ${name}`;
  });
  const lines = (await Promise.all(hosts)).join("\n");
  await onCore(`
    set -e
    printf '%s\\n' '${lines}' >>/etc/hosts
    { umount /etc/resolv.conf 2>/dev/null || true; rm -f /etc/resolv.conf; echo 'nameserver ${HERE}' >/etc/resolv.conf; }`);
  before = await footprint(stack, core.name);
  await setSecret("jitsi:sshPrivateKey", login.secret);
  await setSecret("jitsi:acmeEabKey", HMAC_KEY);
  stack.config = config({
    issuer: "acme",
    server: authority.directory,
    rehearsalServer: rehearsal.directory,
    caBundle: readFileSync(bundle, "utf8"),
    externalAccount: KEY_ID,
  });
});

afterAll(async () => {
  await stack.close();
  for (const one of [names, authority, rehearsal]) one.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("a name that leads elsewhere is said before any authority is asked; the page is there all the same", async () => {
  await names.set(DOMAIN, ["203.0.113.9"]);
  const up = await stack.up();
  expect(up.code).not.toBe(0);
  expect(up.output).toContain(`DNS: ${DOMAIN} resolves to 203.0.113.9; no certificate was requested`);
  expect(up.output).toContain(`set ${DOMAIN}. A ${address}, and no other address for it`);
  expect([authority.seen().orders, rehearsal.seen().orders]).toEqual([0, 0]);
  const page = await run("curl", [
    "-sk",
    "--resolve",
    `${DOMAIN}:443:${address}`,
    `https://${DOMAIN}/config.js`,
  ]);
  expect(page.stdout).toContain("var config = {");
});

test("an authority that does not answer ends the run in bounded time, clearly, and the next one finishes", async () => {
  await names.set(DOMAIN, [address]);
  rehearsal.freeze(true);
  const up = await stack.up();
  rehearsal.freeze(false);
  expect(up.code).not.toBe(0);
  expect(up.output).toMatch(
    /certificate for certificate\.audio-meet\.test: https:\/\/10\.213\.0\.1:14110\/dir issued none/,
  );
  expect(up.seconds).toBeLessThan(150);
  expect(authority.seen().orders).toBe(0);

  await stack.mustUp();
  expect(rehearsal.seen().orders).toBeGreaterThan(0);
  expect(authority.seen()).toEqual({ orders: 1, issued: 1 });
  expect((await served()).issuer).toContain("Pebble Intermediate");
  const { health } = await stack.outputs<{ health: { core: { healthy: boolean } } }>();
  expect(health.core.healthy).toBe(true);
});

test("a second up changes nothing and asks nobody", async () => {
  expect((await stack.mustUp()).steps).toEqual([]);
  expect(authority.seen().orders).toBe(1);
});

test("the key of the external account is in no log, no command line and no other file", async () => {
  const found = await onCore(`grep -rlF '${HMAC_KEY}' /etc /var /run /root --devices=skip 2>/dev/null || true
    journalctl -q --no-pager | grep -cF '${HMAC_KEY}' || true`);
  expect(found.trim().split("\n")).toEqual(["/etc/audio-meet/secrets/acme-eab.ini", "0"]);
});

test("the timer's service does nothing before it is time; a renewal is served without ending a conference", async () => {
  await onCore("systemctl start audio-meet-certificate.service");
  expect(authority.seen().orders).toBe(1);
  const first = await served();
  const session = await LastingSession.open(DOMAIN, address, bundle);
  await onCore(RENEW_NOW);
  const second = await served();
  expect(second.serial).not.toBe(first.serial);
  expect(await served(bundle, TURNS_PORT)).toEqual(second);
  expect(authority.seen()).toEqual({ orders: 2, issued: 2 });
  expect(await session.answers()).toBe(true);
  session.close();
});

test("a renewal that fails is seen in the drift and in systemd, and what was served stays", async () => {
  const first = await served();
  await names.set(DOMAIN, ["203.0.113.9"]);
  expect((await inGuest(stack, core.name, RENEW_NOW)).code).toBe(0);
  const drift = await inGuest(stack, core.name, "audio-meet drift");
  expect(drift.output).toContain(`"kind":"certificate","name":"${DOMAIN}","expected":"renewed"`);
  expect(drift.output).toContain("resolves to 203.0.113.9");
  expect(await served()).toEqual(first);
  // The timer waits after a failure, and does not ask meanwhile.
  await onCore("systemctl reset-failed; systemctl start audio-meet-certificate.service");
  await names.set(DOMAIN, [address]);
  await onCore("audio-meet renew-certificate now; audio-meet drift");
});

test("a certificate of the operator's own takes its place, and another one needs a reload and nothing more", async () => {
  const make = async (name: string) => {
    const file = join(folder, name);
    await mustRun("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "30"],
      ...["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${DOMAIN}`],
      ...["-addext", "keyUsage=critical,digitalSignature,keyCertSign"],
      ...["-keyout", `${file}.key`, "-out", `${file}.pem`],
    ]);
    return {
      chain: readFileSync(`${file}.pem`, "utf8"),
      key: readFileSync(`${file}.key`, "utf8"),
      file: `${file}.pem`,
    };
  };
  const [first, second] = [await make("first"), await make("second")];
  const provide = async ({ chain, key }: { chain: string; key: string }) => {
    await setSecret("jitsi:certificateKey", key);
    stack.config = { ...stack.config, "jitsi:acmeEabKey": undefined };
    stack.config = config({ issuer: "provided", chain, caBundle: chain });
    return stack.mustUp();
  };
  await provide(first);
  expect((await served(first.file)).issuer).toContain("first");
  expect(await onCore("ls /var/lib/audio-meet; systemctl list-timers --all --no-legend")).not.toMatch(
    /acme|audio-meet-cert/,
  );
  const state = () =>
    onCore("systemctl show -p MainPID,NRestarts nginx coturn prosody prosody-jvb jicofo jitsi-videobridge2");
  const running = await state();
  const up = await provide(second);
  expect(up.steps.map(({ name }) => name).sort()).toEqual(["core-secrets", "core-verification-run"]);
  expect((await served(second.file)).issuer).toContain("second");
  expect((await served(second.file, TURNS_PORT)).issuer).toContain("second");
  expect(await state()).toBe(running);
});

test("destroy gives the server back", async () => {
  const destroyed = await stack.destroy();
  expect(destroyed.code).toBe(0);
  expect(changes(before, await footprint(stack, core.name))).toEqual([]);
});
