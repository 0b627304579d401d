import { labName } from "../../../facts/labHost";
import { mustInGuest } from "./guests";
import type { LabStack } from "./labStack";
import { lostHosts } from "./lostHosts";
import { RunningUp } from "./runningUp";

/** Tests of what is left when an `up` and something else come together, on a deployment of one machine. */
export function halfWayStates(stack: LabStack, domain: string): void {
  const guest = labName(domain, "core", 1);
  /** What shows whether somebody was thrown out: the processes of both Prosodys and of jicofo. */
  const processes = async () =>
    mustInGuest(
      stack,
      guest,
      "for unit in prosody prosody-jvb jicofo; do systemctl show -p MainPID --value $unit; done",
    );

  const notice = (text: string) => {
    stack.config = { ...stack.config, "jitsi:web": { notice: text } };
  };

  test("of two ups at once the second is refused with clear words, and the service goes on", async () => {
    const before = await processes();
    notice("one at a time");
    const first = new RunningUp(stack);
    await first.says(/core-files-meet updating/);
    const second = await stack.up();
    expect(second.code).not.toBe(0);
    expect(second.output).toMatch(/locked by 1 lock/);
    const { code, output } = await first.ended;
    expect({ code, output: output.slice(-1500) }).toMatchObject({ code: 0 });
    expect(await processes()).toBe(before);
    expect((await stack.mustUp()).steps).toEqual([]);
  });

  lostHosts(stack, domain, processes);
}
