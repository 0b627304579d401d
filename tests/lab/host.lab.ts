import { load } from "../../config/load";
import { planDeployment } from "../../plan/deployment";
import { labAddress, labName } from "../../facts/labHost";
import { type Port, PORTS } from "../../facts/ports";
import type { DeploymentPlan } from "../../plan/types";
import { verificationOf } from "../../services/onHost";
import { inGuest, keyPair, makeServer, mustInGuest, type Server } from "./support/guests";
import { labConfig } from "./support/labConfig";
import type { Ended } from "../../lab/run";
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

/** The plan that the stack is made from. */
const PLAN = ((): DeploymentPlan => {
  const record = Object.entries(stack.config).map(([key, value]): [string, string] => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const { settings, errors } = load(Object.fromEntries(record), new Set());
  if (!settings) throw new Error(JSON.stringify(errors));
  return planDeployment(settings);
})();

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

/** The same, as far as something listens there: a switch may leave a service of the table out. UDP is seen at the filter. */
async function answering(host: keyof typeof HOSTS, ...from: Port["from"][]): Promise<Reached> {
  const printed = await mustInGuest(stack, HOSTS[host].guest, "ss -Hltn | awk '{ print $4 }'");
  const listening = new Set(printed.split("\n").map((line) => Number(line.split(":").at(-1))));
  const { tcp, udp } = table(host, ...from);
  return { tcp: tcp.filter((port) => listening.has(port)), udp };
}

test("a neighbour who is no part of the deployment reaches exactly what the port table opens to everybody", async () => {
  // Both at once, each from its own side of the table.
  const [core, bridge] = await Promise.all([
    scan(stack, stranger.name, HOSTS.core),
    scan(stack, stranger.name, HOSTS["fra-1"]),
  ]);
  expect(core).toEqual(await answering("core", "world", "admin"));
  expect(bridge).toEqual(await answering("fra-1", "world", "admin"));
  // What everybody's browser needs is there in any case, and what knows no login is nowhere.
  expect(core.tcp).toEqual(expect.arrayContaining([22, 80, 443]));
  for (const port of [5222, 5280, 8080, 8888, 9090, 15222]) {
    expect(core.tcp).not.toContain(port);
    expect(bridge.tcp).not.toContain(port);
  }
});

test("a bridge reaches prosody-jvb as well, and still no loopback port", async () => {
  const reached = await scan(stack, HOSTS["fra-1"].guest, HOSTS.core);
  expect(reached).toEqual(await answering("core", "world", "admin", "bridges"));
  expect(reached.tcp).toContain(15222);
  for (const port of [5222, 5280, 8888, 9090, 15280]) expect(reached.tcp).not.toContain(port);
});

const RULES = "/etc/audio-meet/nftables/host.nft";

/** Brings other rules to the core as the step of its firewall does. */
async function bringRules(content: string): Promise<Ended> {
  const step = (await stack.resources()).find(({ urn }) => urn.endsWith("core-files-host"));
  const manifest = JSON.parse(String(step?.inputs?.["stdin"])) as { files: Record<string, object> };
  manifest.files[RULES] = { ...manifest.files[RULES], content };
  const script = `audio-meet files <<'DOCUMENT'\n${JSON.stringify(manifest)}\nDOCUMENT\n`;
  return inGuest(stack, HOSTS.core.guest, script);
}

test("rules that lock everybody out are taken back at once, by the same step", async () => {
  const rules = await mustInGuest(stack, HOSTS.core.guest, `cat ${RULES}`);
  const shut = rules.replace(/\t\ttcp dport 22 accept\n/, "");
  expect(shut).not.toBe(rules);
  const refused = await bringRules(shut);
  expect(refused.output).toMatch(/port 22\/tcp: the new rules block new connections to it/);
  expect(refused.code).toBe(1);
  expect(await mustInGuest(stack, HOSTS.core.guest, `cat ${RULES}`)).toBe(rules);
  expect((await stack.on("core", "nft list table inet audio_meet")).includes("tcp dport 22 accept")).toBe(
    true,
  );
});

test("a packet that is lost, as on a busy machine, is not taken for a rule that locks everybody out", async () => {
  const rules = await mustInGuest(stack, HOSTS.core.guest, `cat ${RULES}`);
  // Loses the first packet of each connection from the network that tries the port.
  const lossy = `table inet lossy {
  set seen { type inet_service; flags dynamic; timeout 1m; }
  chain input {
    type filter hook input priority -300
    ip saddr 198.18.255.2 tcp flags & (syn | ack) == syn tcp sport != @seen add @seen { tcp sport } drop
  }
}
`;
  const loaded = await bringRules(`${rules}${lossy}`);
  const seen = await mustInGuest(
    stack,
    HOSTS.core.guest,
    "nft list set inet lossy seen; nft delete table inet lossy",
  );
  const restored = await bringRules(rules);
  expect([loaded.output, loaded.code, restored.code]).toEqual([
    expect.stringContaining(`changed: ${RULES}`),
    0,
    0,
  ]);
  expect(seen).toMatch(/elements = \{ \d+ /);
});

test("a unit that its group no longer runs ends before its file goes, and runs on where the rest fails", async () => {
  const leaving = "audio-meet-leaving.service";
  const staying = "audio-meet-staying.service";
  const folder = "/etc/systemd/system";
  const unit = (name: string, program: string) => ({
    [`${folder}/${name}`]: {
      ...{ mode: "0644", owner: "root", group: "root", units: { [name]: "restart" }, check: "unit" },
      content: `[Unit]\nDescription=probe\n[Service]\nExecStart=${program}\n[Install]\nWantedBy=multi-user.target\n`,
    },
  });
  const sleeps = "/bin/sleep infinity";
  const apply = (units: Record<string, string>) => {
    const files = Object.entries(units).map(([name, program]) => unit(name, program));
    const manifest = {
      group: "probe",
      files: Object.assign({}, ...files) as object,
      run: Object.keys(units),
    };
    const document = `audio-meet files <<'DOCUMENT'\n${JSON.stringify(manifest)}\nDOCUMENT\n`;
    return inGuest(stack, HOSTS["fra-1"].guest, document);
  };
  const leavingNow = () =>
    mustInGuest(
      stack,
      HOSTS["fra-1"].guest,
      `systemctl show -p LoadState,ActiveState,UnitFileState --value ${leaving}
       find ${folder} -name '${leaving}' | wc -l`,
    );

  expect((await apply({ [leaving]: sleeps, [staying]: sleeps })).code).toBe(0);
  const runs = (await leavingNow()).trim().split("\n");
  expect(runs).toEqual(["loaded", "active", "enabled", "2"]);

  const refused = await apply({ [staying]: "/bin/false" });
  expect(refused.output).toContain(`${staying}: does not stay up`);
  expect((await leavingNow()).trim().split("\n")).toEqual(runs);

  expect((await apply({ [staying]: sleeps })).stdout).toContain("stopped: audio-meet-leaving");
  expect((await leavingNow()).trim().split("\n")).toEqual(["not-found", "inactive", "", "0"]);
  await mustInGuest(stack, HOSTS["fra-1"].guest, "audio-meet remove probe");
});

interface Health {
  healthy: boolean;
  checks: { check: string; ok: boolean; detail: string }[];
}

/** What the deployment's own verification says of a host now; it waits as long as a boot may take. */
async function verified(host: keyof typeof HOSTS): Promise<Health> {
  const manifest = { checks: verificationOf(PLAN, host), timeoutSeconds: 60 };
  const { guest } = HOSTS[host];
  const ended = await inGuest(
    stack,
    guest,
    `audio-meet verify <<'DOCUMENT'\n${JSON.stringify(manifest)}\nDOCUMENT\n`,
  );
  return JSON.parse(ended.stdout) as Health;
}

const broken = ({ checks }: Health) => checks.filter(({ ok }) => !ok);

/** The highest exposure that `systemd-analyze security` may report (docs/SECURITY.md has the reasons). */
const EXPOSURE: Record<keyof typeof HOSTS, Record<string, number>> = {
  core: {
    "prosody.service": 3.0,
    "prosody-jvb.service": 3.0,
    "jicofo.service": 4.5,
    "nginx.service": 4.5,
    "coturn.service": 3.0,
    "audio-meet-firewall.service": 3.0,
    "audio-meet-kernel.service": 3.0,
  },
  "fra-1": {
    "jitsi-videobridge2.service": 4.5,
    "audio-meet-firewall.service": 3.0,
    "audio-meet-kernel.service": 3.0,
  },
};
const hostIds = Object.keys(HOSTS) as (keyof typeof HOSTS)[];

test.each(hostIds)("the units of %s are no more exposed than the documentation says", async (host) => {
  const units = Object.entries(EXPOSURE[host]);
  const printed = await mustInGuest(
    stack,
    HOSTS[host].guest,
    units.map(([unit]) => `systemd-analyze security --no-pager ${unit} | tail -1`).join("\n"),
  );
  const scores = [...printed.matchAll(/level for (\S+): ([\d.]+)/g)].map(([, unit, score]) => [
    unit,
    Number(score),
  ]);
  expect(scores.map(([unit]) => unit)).toEqual(units.map(([unit]) => unit));
  expect(scores.filter(([unit, score]) => Number(score) > (EXPOSURE[host][String(unit)] ?? 0))).toEqual([]);
});

test("pins hold what is released, security updates and needrestart leave it alone, logs are rotated", async () => {
  const printed = await mustInGuest(
    stack,
    HOSTS.core.guest,
    `apt-get -s upgrade | grep -cE '^Inst (jicofo|prosody|jitsi)' || true
     apt-config dump | grep -c 'Unattended-Upgrade::Package-Blacklist:: "\\(prosody\\|jicofo\\|jitsi-\\|nginx\\)";'
     apt-config dump APT::Periodic::Unattended-Upgrade
     perl -e 'our %nrconf; do "/etc/needrestart/conf.d/audio-meet.conf" or die;
       print scalar(grep { "prosody-jvb.service" =~ $_ } keys %{$nrconf{override_rc}}), "\\n"'
     logrotate --debug /etc/logrotate.conf 2>&1 | grep -cE 'log (/var/log/jitsi/jicofo.log|/var/log/nginx/)' || true
     systemd-analyze cat-config systemd/journald.conf | grep -c '^SystemMaxUse=1G'`,
  );
  const [upgrades, blacklisted, periodic, needrestart, rotated, journald] = printed.trim().split("\n");
  expect({ upgrades, blacklisted, periodic, needrestart, journald }).toEqual({
    upgrades: "0",
    blacklisted: "4",
    periodic: 'APT::Periodic::Unattended-Upgrade "1";',
    needrestart: "1",
    journald: "1",
  });
  expect(Number(rotated)).toBeGreaterThanOrEqual(2);
});

const DAEMONS = {
  core: ["prosody", "prosody-jvb", "jicofo", "nginx", "coturn"],
  "fra-1": ["jitsi-videobridge2"],
};

test("a killed daemon is back within 10 seconds, and bridges log in again", async () => {
  for (const host of hostIds) {
    const printed = await mustInGuest(
      stack,
      HOSTS[host].guest,
      DAEMONS[host]
        .map(
          (unit) => `(old=$(systemctl show -p MainPID --value ${unit}); began=$(date +%s%N); kill -9 $old
         while :; do now=$(systemctl show -p MainPID --value ${unit})
           [ $now != 0 ] && [ $now != $old ] && systemctl -q is-active ${unit} && break
           [ $(( ($(date +%s%N) - began) / 1000000000 )) -ge 20 ] && break; sleep 0.2; done
         echo ${unit} $(( ($(date +%s%N) - began) / 1000000 ))) &`,
        )
        .join("\n") + "\nwait",
    );
    const slow = printed
      .trim()
      .split("\n")
      .filter((line) => Number(line.split(" ")[1]) > 10_000);
    expect(slow).toEqual([]);
    expect(printed.trim().split("\n")).toHaveLength(DAEMONS[host].length);
  }
  expect(broken(await verified("fra-1"))).toEqual([]);
  expect(broken(await verified("core"))).toEqual([]);
});

test.each(hostIds)("%s comes back from a power cycle by itself, whole", async (host) => {
  const { guest } = HOSTS[host];
  await stack.lab("stop", guest);
  await stack.lab("start", guest);
  expect(broken(await verified(host))).toEqual([]);
  expect((await mustInGuest(stack, guest, "systemctl --failed --no-legend --plain")).trim()).toBe("");
  expect(broken(await verified("core"))).toEqual([]);
});

test("destroy takes everything away", async () => {
  expect((await stack.destroy()).code).toBe(0);
  await stack.close();
  expect(await traces(stack.folder)).toEqual([]);
});
