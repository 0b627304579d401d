import { turnserverComplaints as remarks } from "./checkers";
import { content } from "./files";
import { run, testWith } from "./programs";

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
