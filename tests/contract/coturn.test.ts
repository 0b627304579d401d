import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { content } from "./files";
import { inFolder, run, testWith } from "./programs";

/** What coturn remarks about a configuration: it has no test mode, so that it starts for a moment, on ports of its own. */
function remarks(text: string): string[] {
  return inFolder((folder) => {
    const file = join(folder, "turnserver.conf");
    const other = text
      .replace("=3478", "=23478")
      .replace("=5349", "=25349")
      .replace(/^syslog$/m, "log-file=stdout");
    writeFileSync(file, other);
    const options = ["-c", file, "--pidfile", join(folder, "pid"), "--userdb", join(folder, "db")];
    const { output } = run("timeout", ["3", "turnserver", ...options]);
    expect(output).toContain("Relay ports initialization done");
    return output.split("\n").filter((line) => /Bad configuration|CONFIG ERROR/.test(line));
  });
}

testWith(["turnserver", "timeout"], "coturn knows every line of its configuration", () => {
  expect(remarks(content("/etc/turnserver.conf"))).toEqual([]);
});

testWith(["turnserver", "timeout"], "a typo in it is noticed by this check", () => {
  expect(remarks(`${content("/etc/turnserver.conf")}\nno-clli\n`)).not.toEqual([]);
});

testWith(["shellcheck"], "what its unit runs is a sound shell script", () => {
  expect(run("shellcheck", ["-"], content("/etc/audio-meet/coturn/prepare"))).toEqual({
    code: 0,
    output: "",
  });
});
