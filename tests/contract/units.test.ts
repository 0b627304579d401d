import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { content } from "./files";
import { inFolder, run, testWith } from "./programs";

const UNITS = ["prosody-jvb.service", "jicofo.service", "audio-meet-firewall.service"];
const DROP_INS = ["prosody.service", "coturn.service", "jitsi-videobridge2.service"];

/** What is only true on a host: programs and units that this machine does not have. */
const ELSEWHERE =
  /is not executable: No such file|Failed to (?:create|prepare).*No such file|Unit \S+ not found/;

/** What systemd-analyze says about a unit with what belongs to it; its exit code is 0 for unknown keys. */
function complaints(files: Record<string, string>, unit: string): string[] {
  return inFolder((folder) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const { output } = run("systemd-analyze", ["verify", "--man=no", join(folder, unit)]);
    // Remarks about other units of this machine are not ours.
    const lines = output.split("\n").filter((line) => line.includes(unit) || line.includes(folder));
    return lines.filter((line) => !ELSEWHERE.test(line));
  });
}

describe.each(UNITS)("%s", (unit) => {
  const text = content(`/etc/systemd/system/${unit}`);

  testWith(["systemd-analyze"], "systemd reads it without a remark", () => {
    expect(complaints({ [unit]: text }, unit)).toEqual([]);
  });

  testWith(["systemd-analyze"], "a typo in it is noticed by this check", () => {
    expect(
      complaints({ [unit]: text.replace("[Service]", "[Service]\nProtectSytem=strict") }, unit),
    ).not.toEqual([]);
  });
});

describe.each(DROP_INS)("the addition to %s", (unit) => {
  const path = `${unit}.d/audio-meet.conf`;
  const base = "[Service]\nType=simple\nExecStart=/bin/true\n";

  testWith(["systemd-analyze"], "systemd reads it without a remark", () => {
    expect(complaints({ [unit]: base, [path]: content(`/etc/systemd/system/${path}`) }, unit)).toEqual([]);
  });

  testWith(["systemd-analyze"], "a typo in it is noticed by this check", () => {
    const text = `${content(`/etc/systemd/system/${path}`)}LimitNOFILES=1\n`;
    expect(complaints({ [unit]: base, [path]: text }, unit)).not.toEqual([]);
  });
});
