import { join } from "node:path";
import { labName } from "../../facts/labHost";
import { guestsOf, inGuest, mustInGuest, runsIn } from "./support/guests";
import { halfWayStates } from "./support/halfWay";
import { oneMachine } from "./support/labConfig";
import { LabStack } from "./support/labStack";
import { type Ended, mustRun } from "../../lab/run";
import { traces } from "./support/traces";

const DOMAIN = "interrupted.audio-meet.test";
const GUEST = labName(DOMAIN, "core", 1);
/** A verification of a healthy host takes a few seconds; one that cannot hold must end soon after this. */
const PATIENCE_SECONDS = 12;

const stack = new LabStack(
  "interrupted",
  // Debian 12: Prosody 13 comes from its backports.
  oneMachine(DOMAIN, {}, { suite: "bookworm" }),
);

/** A moment of the first `up`, seen in what the CLI prints and in what runs in the guest. */
const MOMENTS: Record<string, (output: string) => boolean> = {
  "the guest is made": (output) => /core-machine-guest creating/.test(output),
  "dpkg unpacks and configures packages": () => runsIn(GUEST, /dpkg.* (--unpack|--configure)/),
  "secrets and certificates go to the host": (output) => /core-(secrets|trust) creating/.test(output),
  "the main Prosody gets its files": (output) => /core-prosody-files-prosody creating/.test(output),
  "the verification waits for the daemons": (output) => /core-verification-run creating/.test(output),
};

interface Outputs {
  health: Record<string, { healthy: boolean }>;
}

/** What the run after the first killed one came to. */
let locked: Ended | undefined;

beforeAll(async () => {
  await stack.open();
});

afterAll(async () => {
  await stack.close();
});

test.each(Object.entries(MOMENTS))("up dies by SIGKILL while %s", async (_, reached) => {
  const killed = await stack.up({ killWhen: reached });
  expect({ signal: killed.signal, end: killed.output.slice(-1500) }).toMatchObject({ signal: "SIGKILL" });
  locked ??= await stack.up();
  const cancelled = await stack.pulumi(["cancel", "--yes"]);
  expect({ code: cancelled.code, output: cancelled.output }).toMatchObject({ code: 0 });
});

test("the run after a killed one stops at once at the lock that is left, and names the command that helps", () => {
  expect(locked?.code).not.toBe(0);
  expect(locked?.output).toMatch(/locked by 1 lock/);
  expect(locked?.output).toMatch(/`?pulumi cancel`?/);
});

test("the state holds no sidecar file, which the backend would write in place and a kill leave empty", async () => {
  const state = await mustRun("find", [join(stack.folder, "state"), "-type", "f"]);
  expect(state.stdout).toMatch(/\/stacks\/jitsi\/interrupted\.json$/m);
  expect(state.stdout).not.toMatch(/\.attrs$/m);
});

test("one more up converges without any other repair", async () => {
  await stack.mustUp();
  const { health } = await stack.outputs<Outputs>();
  expect(Object.values(health).map(({ healthy }) => healthy)).toEqual([true]);
});

test("another one has nothing left to do", async () => {
  expect((await stack.mustUp()).steps).toEqual([]);
});

test("nothing exists twice: one guest, one resource of each name, each account once", async () => {
  expect(await guestsOf(stack)).toEqual([{ name: GUEST, state: "running" }]);
  const names = (await stack.resources()).map(({ urn }) => urn);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  const accounts = await mustInGuest(
    stack,
    GUEST,
    "cd /var/lib; find prosody prosody-jvb -path '*/accounts/*.dat' | sort",
  );
  const host = (name: string) => name.replaceAll(".", "%2e").replaceAll("-", "%2d");
  expect(accounts.trim().split("\n")).toEqual([
    `prosody-jvb/${host(`tech.${DOMAIN}`)}/accounts/focus.dat`,
    `prosody-jvb/${host(`tech.${DOMAIN}`)}/accounts/${host("jvb-main-1")}.dat`,
    `prosody/${host(`auth.${DOMAIN}`)}/accounts/focus.dat`,
  ]);
});

test("no interrupted run left a half-done file, an unfinished group or a stop on daemons", async () => {
  const left = await mustInGuest(
    stack,
    GUEST,
    `find /etc /usr/local /var/lib/audio-meet -name '.audio-meet.*' -o -name '.*.new'
     ls /var/lib/audio-meet/unfinished 2>/dev/null
     ls /usr/sbin/policy-rc.d 2>/dev/null
     dpkg --audit
     systemctl --failed --no-legend --plain`,
  );
  expect(left.trim()).toBe("");
  expect((await inGuest(stack, GUEST, "audio-meet drift")).stdout).toMatch(/"drift":\[\]/);
});

test("Debian 12 runs Prosody 13 from its backports, and jicofo counts the one bridge", async () => {
  const release = await mustInGuest(stack, GUEST, ". /etc/os-release; echo $ID-$VERSION_ID");
  expect(release.trim()).toBe("debian-12");
  expect(await mustInGuest(stack, GUEST, "dpkg-query -W -f '${Version}' prosody")).toMatch(/^13\..*~bpo12/);
  const stats = await mustInGuest(stack, GUEST, "curl -s -H 'Accept: */*' http://127.0.0.1:8888/stats");
  const { bridge_selector: counted } = JSON.parse(stats) as {
    bridge_selector: { bridge_count: number; operational_bridge_count: number };
  };
  expect(counted).toMatchObject({ bridge_count: 1, operational_bridge_count: 1 });
});

test("drift names a file that somebody edited by hand", async () => {
  const file = "/etc/jitsi/jicofo/jicofo.conf";
  await mustInGuest(stack, GUEST, `cp -a ${file} /root/kept; echo '# by hand' >>${file}`);
  const drift = await inGuest(stack, GUEST, "audio-meet drift");
  await mustInGuest(stack, GUEST, `cat /root/kept >${file}; rm /root/kept`);
  expect(drift.code).toBe(2);
  expect((JSON.parse(drift.stdout) as { drift: unknown }).drift).toEqual([
    { kind: "content", name: file, expected: "as applied", found: "changed since", step: "jicofo" },
  ]);
  expect((await inGuest(stack, GUEST, "audio-meet drift")).code).toBe(0);
});

/** The verification that `up` runs, with less patience; on stdin, as from the program. */
async function verify() {
  const run = (await stack.resources()).find(({ urn }) => urn.endsWith("-core-verification-run"));
  const manifest = JSON.parse(String(run?.inputs?.["stdin"])) as object;
  const document = JSON.stringify({ ...manifest, timeoutSeconds: PATIENCE_SECONDS });
  return inGuest(stack, GUEST, `audio-meet verify <<'MANIFEST'\n${document}\nMANIFEST`);
}

test("a wrong password of the bridge is found although its unit is active and its health page says 200", async () => {
  const secrets = "/etc/audio-meet/secrets/videobridge.env";
  await mustInGuest(
    stack,
    GUEST,
    `cp -a ${secrets} /root/kept
     sed -i '/PASSWORD/s/=.*/="wrong-for-certain"/' ${secrets}
     systemctl restart jitsi-videobridge2; sleep 5`,
  );
  const failed = await verify();
  const seeming = await mustInGuest(
    stack,
    GUEST,
    `systemctl is-active jitsi-videobridge2
     curl -s -o /dev/null -w '%{http_code}\\n' http://127.0.0.1:8080/about/health`,
  );
  await mustInGuest(
    stack,
    GUEST,
    `cp -a /root/kept ${secrets}; rm /root/kept; systemctl restart jitsi-videobridge2`,
  );
  expect(seeming.trim().split("\n")).toEqual(["active", "200"]);
  expect(failed.code).toBe(1);
  // At the end of its time it asks once for an invitation, whose answer it awaits for up to ten seconds.
  expect(failed.seconds).toBeLessThan(PATIENCE_SECONDS + 20);
  const lines = failed.output.split("\n");
  const about = (what: string) =>
    expect.stringMatching(new RegExp(`^audio-meet: ${GUEST}: ${what}`)) as unknown;
  expect(lines).toContainEqual(about("videobridge .*muc_clients_connected is 0, not 1"));
  expect(lines).toContainEqual(about("prosodySessions .*not logged in: jvb-"));
  expect(lines).toContainEqual(about("jicofo .*"));
  expect(failed.output).not.toContain("wrong-for-certain");
  expect((await verify()).output).toMatch(/"healthy":true/);
});

halfWayStates(stack, DOMAIN);

test("destroy takes everything away", async () => {
  const destroyed = await stack.destroy();
  expect({ code: destroyed.code, end: destroyed.output.slice(-1500) }).toMatchObject({ code: 0 });
  expect(await stack.resources()).toEqual([]);
  expect(await guestsOf(stack)).toEqual([]);
  await stack.close();
  expect(await traces(stack.folder)).toEqual([]);
});
