import { readFileSync } from "node:fs";
import * as YAML from "yaml";
import { labName } from "../../facts/labHost";
import { guestsOf, mustInGuest } from "./support/guests";
import { oneMachine } from "./support/labConfig";
import { LabStack, type StackConfig } from "./support/labStack";
import { traces } from "./support/traces";

const DOMAIN = "drift.audio-meet.test";
const GUEST = labName(DOMAIN, "core", 1);
const stack = new LabStack("drift", oneMachine(DOMAIN));

/** What somebody does by hand, and what drift says of it: kind, name and step of each difference. */
interface Edit {
  script: string;
  found: [kind: string, name: string, step: string][];
}

const store = (host: string) => host.replaceAll(".", "%2e").replaceAll("-", "%2d");
const ACCOUNTS = `/var/lib/prosody/${store(`auth.${DOMAIN}`)}/accounts`;
const BRIDGES = `/var/lib/prosody-jvb/${store(`tech.${DOMAIN}`)}/accounts`;
const PINS = "/etc/apt/preferences.d/audio-meet";
const SOURCE = "/etc/apt/sources.list.d/audio-meet-jitsi.sources";
const PEER = "/etc/audio-meet/coturn/peers";
const PLUGINS = "/usr/share/jitsi-meet/prosody-plugins";

/** Seventeen at once that leave the main Prosody, the bridge and nginx alone. */
const QUIET: Record<string, Edit> = {
  "a setting of jicofo": edited("/etc/jitsi/jicofo/jicofo.conf", "jicofo"),
  "the authority is deleted": {
    script: "rm /etc/jitsi/trust/ca.pem",
    found: [["file", "/etc/jitsi/trust/ca.pem", "secrets"]],
  },
  "a password that everybody may read": {
    script: "chmod 0644 /etc/audio-meet/secrets/focus-client",
    found: [["mode", "/etc/audio-meet/secrets/focus-client", "secrets"]],
  },
  "TURN is switched off": {
    script: "systemctl -q disable --now coturn",
    found: [
      ["enabled", "coturn.service", "coturn"],
      ["active", "coturn.service", "coturn"],
    ],
  },
  "a configuration of somebody else": {
    script: "chown nobody /etc/prosody-jvb/prosody.cfg.lua",
    found: [["owner", "/etc/prosody-jvb/prosody.cfg.lua", "prosody-jvb"]],
  },
  "pins are emptied": { script: `: >${PINS}`, found: [["source", PINS, "packages"]] },
  "another package source": {
    script: `sed -i 's/^Types: deb$/Types: deb deb-src/' ${SOURCE}`,
    found: [["source", SOURCE, "packages"]],
  },
  "a package is held": { script: "apt-mark -qq hold jicofo", found: [["hold", "jicofo", "packages"]] },
  "a package is removed": {
    script: "dpkg --remove --force-depends logrotate >/dev/null 2>&1",
    found: [["package", "logrotate", "packages"]],
  },
  "the account of the bridge is deleted": {
    script: `rm ${BRIDGES}/jvb*.dat`,
    found: [["account", `jvb-main-1@tech.${DOMAIN}`, "account-main"]],
  },
  "jicofo's account has another password": {
    script: `sed -i -E '/stored_key/s/"[0-9a-f]{4}/"0000/' ${ACCOUNTS}/focus.dat`,
    found: [["account", `focus@auth.${DOMAIN}`, "prosody"]],
  },
  "an account more": {
    script: `cp -a ${ACCOUNTS}/focus.dat ${ACCOUNTS}/eve.dat`,
    found: [["account", `eve@auth.${DOMAIN}`, "prosody"]],
  },
  "a rule that lets everybody in": {
    script: "nft insert rule inet audio_meet input accept",
    found: [["rules", "inet audio_meet", "host"]],
  },
  "the page": edited(`/etc/jitsi/meet/${DOMAIN}-config.js`, "meet"),
  "a peer of TURN": {
    script: `chmod 0664 ${PEER}/main-*`,
    found: [["mode", `${PEER}/main-`, "turn-peer-main"]],
  },
  "a link in place of a file": {
    script: "mv /etc/apt/apt.conf.d/52audio-meet /root/; ln -s /root/52audio-meet /etc/apt/apt.conf.d/",
    found: [["file", "/etc/apt/apt.conf.d/52audio-meet", "host"]],
  },
  "the helper itself": {
    script: "echo '# by hand' >>/usr/local/lib/audio-meet/audio_meet/verbs.py",
    found: [["content", "/usr/local/lib/audio-meet/version-", "helper"]],
  },
};

/** Three more that leave jicofo and TURN alone. */
const LOUD: Record<string, Edit> = {
  "a plugin of Jitsi's": {
    script: `file=$(find ${PLUGINS} -name '*.lua' | sort | head -n 1); echo '-- by hand' >>"$file"`,
    found: [["content", `${PLUGINS}/`, "packages"]],
  },
  "a site of nginx": {
    script: "rm /etc/nginx/sites-enabled/audio-meet",
    found: [["file", "/etc/nginx/sites-enabled/audio-meet", "nginx"]],
  },
  "the bridge's own unit": {
    script: "echo '# by hand' >>/etc/systemd/system/jitsi-videobridge2.service.d/audio-meet.conf",
    found: [["content", "/etc/systemd/system/jitsi-videobridge2.service.d/audio-meet.conf", "videobridge"]],
  },
};

function edited(path: string, step: string): Edit {
  return { script: `echo '// by hand' >>${path}`, found: [["content", path, step]] };
}

/** Name of the resource of a step of the core. */
function resourceOf(step: string): string {
  const own: Record<string, string> = {
    helper: "core-bootstrap",
    packages: "core-packages",
    secrets: "core-secrets",
    "account-main": "main-account",
    "turn-peer-main": "main-turn-peer",
    videobridge: "main-files-videobridge",
    prosody: "core-prosody-files-prosody",
    "prosody-jvb": "core-prosody-files-prosody-jvb",
  };
  return own[step] ?? `core-files-${step}`;
}

interface Difference {
  kind: string;
  name: string;
  step?: string;
}

async function drift(): Promise<Difference[]> {
  const asked = await stack.ask("drift", "--json");
  const { core } = JSON.parse(asked.stdout) as { core: { drift: Difference[] } };
  expect(asked.code).toBe(core.drift.length > 0 ? 2 : 0);
  return core.drift;
}

/** How often each unit was started, as ids that a start changes. */
async function starts(units: string[]): Promise<string> {
  return mustInGuest(stack, GUEST, `systemctl show -p InvocationID --value ${units.join(" ")}`);
}

beforeAll(async () => {
  await stack.open();
  await stack.mustUp();
});

afterAll(async () => {
  await stack.close();
});

test("a host that was just set up is as deployed", async () => {
  expect(await drift()).toEqual([]);
});

describe.each([
  ["seventeen drifts at once", QUIET, ["prosody", "jitsi-videobridge2", "nginx"]],
  ["three more", LOUD, ["jicofo", "coturn"]],
] as const)("%s", (_, edits, untouched) => {
  const wanted = Object.values(edits).flatMap(({ found }) => found);
  const steps = [...new Set(wanted.map(([, , step]) => step))];

  test("are all found, each with its step, and nothing else is", async () => {
    const scripts = Object.values(edits).map(({ script }) => `( ${script}\n) || exit 1`);
    await mustInGuest(stack, GUEST, scripts.join("\n"));
    const found = (await drift()).map(({ kind, name, step }) => [kind, name, step]);
    const expected = wanted.map(([kind, name, step]) => [
      kind,
      expect.stringContaining(name) as string,
      step,
    ]);
    expect(found).toEqual(expect.arrayContaining(expected));
    expect(found).toHaveLength(expected.length);
  });

  test("go by exactly the steps that drift named, and who had none runs on", async () => {
    const before = await starts([...untouched]);
    const said = await stack.ask("drift", "--repair");
    expect(said.stdout).toContain("jitsi:repair runs again: ");
    const { config } = YAML.parse(readFileSync(stack.configFile, "utf8")) as { config: StackConfig };
    stack.config = config;
    const { steps: done } = await stack.mustUp();
    const resources = [...steps.map(resourceOf), "core-verification-run"];
    expect(done.map(({ name, op }) => `${op} ${name}`).sort()).toEqual(
      resources.map((name) => `update ${name}`).sort(),
    );
    expect(await drift()).toEqual([]);
    expect(await starts([...untouched])).toBe(before);
  });
});

test("another up has nothing to do, and the numbers may go", async () => {
  expect((await stack.mustUp()).steps).toEqual([]);
  const { "jitsi:repair": repaired, ...others } = stack.config;
  stack.config = others;
  const { steps, output } = await stack.mustUp();
  expect(steps).toHaveLength(Object.keys(repaired as object).length + 1);
  expect(output).not.toMatch(/(changed|restarted|reloaded|started): /);
});

test("destroy takes everything away", async () => {
  expect(await stack.destroy()).toMatchObject({ code: 0 });
  expect(await guestsOf(stack)).toEqual([]);
  await stack.close();
  expect(await traces(stack.folder)).toEqual([]);
});
