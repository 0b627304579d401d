import { labAddress, labName } from "../../plan/labHost";
import { type Port, PORTS } from "../../plan/ports";
import { inGuest, keyPair, makeServer, mustInGuest, type Server } from "./support/guests";
import { labConfig } from "./support/labConfig";
import { LabStack } from "./support/labStack";
import { type Reached, scan } from "./support/scan";
import { traces } from "./support/traces";

const DOMAIN = "host.audio-meet.test";
const stack = new LabStack(
  "host",
  labConfig(DOMAIN, {
    "jitsi:regions": [
      { name: "local", machines: { provider: "lab" }, core: {}, videobridges: [{ id: "fra-1" }] },
    ],
  }),
);

const HOSTS = {
  core: { guest: labName(DOMAIN, "core", 1), address: labAddress(DOMAIN, "core", 1) },
  "fra-1": { guest: labName(DOMAIN, "fra-1", 1), address: labAddress(DOMAIN, "fra-1", 1) },
};
const ROLES = { core: ["core", "every"], "fra-1": ["videobridge", "every"] };
let stranger: Server;

beforeAll(async () => {
  await stack.open();
  const { open } = await keyPair(stack, "login");
  [stranger] = await Promise.all([makeServer(stack, DOMAIN, "stranger", open), stack.mustUp()]);
});

afterAll(async () => {
  await stack.close();
});

/** What the port table opens on a host to somebody who is one of `from`. */
function table(host: keyof typeof HOSTS, ...from: Port["from"][]): Reached {
  const open = Object.values<Port>(PORTS).filter(
    (port) => ROLES[host].includes(port.role) && from.includes(port.from),
  );
  const of = (protocol: Port["protocol"]) =>
    open
      .filter((port) => port.protocol === protocol)
      .flatMap(({ port, lastPort = port }) =>
        Array.from({ length: lastPort - port + 1 }, (_, index) => port + index),
      )
      .sort((one, other) => one - other);
  return { tcp: of("tcp"), udp: of("udp") };
}

test("a neighbour who is no part of the deployment reaches exactly what the port table opens to everybody", async () => {
  // Both at once, each from its own side of the table.
  const [core, bridge] = await Promise.all([
    scan(stack, stranger.name, HOSTS.core),
    scan(stack, stranger.name, HOSTS["fra-1"]),
  ]);
  expect(core).toEqual(table("core", "world", "admin"));
  expect(bridge).toEqual(table("fra-1", "world", "admin"));
});

test("a bridge reaches prosody-jvb as well, and still no loopback port", async () => {
  expect(await scan(stack, HOSTS["fra-1"].guest, HOSTS.core)).toEqual(
    table("core", "world", "admin", "bridges"),
  );
});

test("rules that lock everybody out are taken back at once, by the same step", async () => {
  const path = "/etc/audio-meet/nftables/host.nft";
  const rules = await mustInGuest(stack, HOSTS.core.guest, `cat ${path}`);
  const files = { [path]: { mode: "0644", owner: "root", group: "root", units: UNITS, check: "nft" } };
  const shut = rules.replace(/\t\ttcp dport 22 accept\n/, "");
  expect(shut).not.toBe(rules);
  const content = { ...files[path], content: shut };
  const unit = await mustInGuest(stack, HOSTS.core.guest, `cat ${UNIT_FILE}`);
  const manifest = {
    group: "firewall",
    files: {
      [path]: content,
      [UNIT_FILE]: { ...files[path], check: "unit", units: {}, content: unit },
    },
    run: Object.keys(UNITS),
    keepReachable: [22],
  };
  const refused = await inGuest(
    stack,
    HOSTS.core.guest,
    `audio-meet files <<'DOCUMENT'\n${JSON.stringify(manifest)}\nDOCUMENT\n`,
  );
  expect(refused.output).toMatch(/port 22\/tcp: the new rules cut it off/);
  expect(refused.code).toBe(1);
  expect(await mustInGuest(stack, HOSTS.core.guest, `cat ${path}`)).toBe(rules);
  expect((await stack.on("core", "nft list table inet audio_meet")).includes("tcp dport 22 accept")).toBe(
    true,
  );
});

const UNITS = { "audio-meet-firewall.service": "reload" };
const UNIT_FILE = "/etc/systemd/system/audio-meet-firewall.service";

test("destroy takes everything away", async () => {
  expect((await stack.destroy()).code).toBe(0);
  await stack.close();
  expect(await traces(stack.folder)).toEqual([]);
});
