import { labName } from "../../../facts/labHost";
import type { Ended } from "../../../lab/run";
import { guestsOf, inGuest, mustInGuest } from "./guests";
import type { LabStack } from "./labStack";
import { RunningUp } from "./runningUp";

/** A session whose host says nothing more: 15 s until the kernel asks, 10 s until it gives up; the rest is the engine's own. */
const NOTICED_SECONDS = 60;
/** How long a step tries a machine that has answered before (components/host/step.ts), and the engine's own. */
const SILENT_SECONDS = 60 + 40;
const CONTACT = "others@example.org";

/** Keeps a step that restarts or reloads the main Prosody from ending before the power is cut; gone with the next boot. */
const SLOW_PROSODY = `
  mkdir -p /run/systemd/system/prosody.service.d
  printf '[Service]\\nExecStartPre=/bin/sleep 20\\nExecReload=/bin/sleep 20\\n' >/run/systemd/system/prosody.service.d/slow.conf
  systemctl daemon-reload`;

/** Each step that failed, with the one line that says why. */
function failedSteps({ output }: Ended): Record<string, string> {
  const [, diagnostics = ""] = output.split("Diagnostics:\n");
  const blocks = [...diagnostics.matchAll(/^ {2}\S+ \(meet-(\S+)\):\n((?: {4}.*\n|\n)*)/gm)];
  const errors = blocks.flatMap(([, step = "", lines = ""]) =>
    [...lines.matchAll(/^ {4}error: (.*)$/gm)].map(([, error = ""]) => [step, error] as const),
  );
  const failed = Object.fromEntries(errors);
  expect(errors.map(([step]) => step)).toEqual(Object.keys(failed));
  return failed;
}

/** An `up` that ends red by itself and in time. */
function expectRed({ code, signal, seconds, output }: Ended, mostSeconds: number): void {
  expect({ isRed: code !== null && code !== 0, signal, end: output.slice(-3000) }).toMatchObject({
    isRed: true,
    signal: null,
  });
  expect(seconds).toBeLessThan(mostSeconds);
}

/**
 * The one machine loses its power while a daemon gets its files, and comes back; in the same moment a machine that is about to join as
 * a bridge goes for good while its packages are installed.
 */
export function lostHosts(stack: LabStack, domain: string, processes: () => Promise<string>): void {
  const core = labName(domain, "core", 1);
  const gone = labName(domain, "gone", 1);
  let regions: StackRegions;

  test("a host loses its power and a machine goes for good: up ends, names the two steps, and the host comes back whole", async () => {
    regions = stack.config["jitsi:regions"] as StackRegions;
    const [here] = regions;
    const videobridges = [...(here?.videobridges ?? []), { id: "gone" }];
    stack.config = {
      ...stack.config,
      "jitsi:contact": CONTACT,
      "jitsi:regions": [{ ...here, videobridges }],
    };
    await mustInGuest(stack, core, SLOW_PROSODY);
    const cut = new RunningUp(stack);
    await cut.says(/meet-gone-packages creating/);
    await cut.says(/meet-core-prosody-files-prosody updating/);
    await Promise.all([stack.lab("stop", core, "--at-once"), stack.lab("stop", gone, "--at-once")]);
    await Promise.all([stack.lab("start", core), stack.lab("delete", gone)]);
    const ended = await cut.ended;
    expectRed(ended, NOTICED_SECONDS + 60);
    expect(Object.keys(failedSteps(ended)).sort()).toEqual(["core-prosody-files-prosody", "gone-packages"]);
    // Before anybody does anything: all daemons run, with files of one version each.
    await mustInGuest(
      stack,
      core,
      `for unit in prosody prosody-jvb jicofo jitsi-videobridge2 nginx coturn; do
         timeout 60 sh -c "until systemctl -q is-active $unit; do sleep 0.5; done" || { echo "$unit is down"; exit 1; }
       done
       prosodyctl check config`,
    );
  });

  test("the next up finishes the host that came back, and names the machine that is gone with what to do", async () => {
    const ended = await stack.up();
    expectRed(ended, SILENT_SECONDS);
    expect(Object.keys(failedSteps(ended))).toEqual(["gone-packages"]);
    expect(ended.output).toMatch(
      /warning: \S+:22 \(gone\) has not answered for 45 s\. .*npm run forget -- --stack interrupted --host gone \(with --gone .*then take its entry out/,
    );
    expect(await mustInGuest(stack, core, `grep -c mailto:${CONTACT} /etc/prosody/prosody.cfg.lua`)).toBe(
      "2\n",
    );
    expect((await inGuest(stack, core, "audio-meet drift")).stdout).toMatch(/"drift":\[\]/);
  });

  test("once it is forgotten and out of the stack file, up finishes, and nobody was thrown out", async () => {
    const before = await processes();
    const forgotten = await stack.tool("forget", "--host", "gone", "--gone");
    expect(forgotten.stdout).toMatch(/^gone is forgotten: [1-9]\d* steps/);
    stack.config = { ...stack.config, "jitsi:regions": regions };
    await stack.mustUp();
    expect(await processes()).toBe(before);
    expect(await guestsOf(stack)).toEqual([{ name: core, state: "running" }]);
    const accounts = await mustInGuest(stack, core, "find /var/lib/prosody-jvb -path '*/accounts/*.dat'");
    expect(accounts).not.toContain("gone");
    expect((await stack.resources()).filter(({ urn }) => /::meet-gone/.test(urn))).toEqual([]);
  });
}

/** As far as it matters here. */
type StackRegions = { videobridges?: object[] }[];
