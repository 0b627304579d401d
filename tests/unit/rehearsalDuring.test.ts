import { appendFileSync, chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { duringOf, noticed } from "../../tools/rehearse/during";
import type { Person } from "../../tools/rehearse/measured";
import { rehearse } from "../../tools/rehearse/program";

function person(more: Partial<Person> = {}): Person {
  const bridge = { address: "198.51.100.7", region: "eu" };
  const heard = { firstSound: 1, heardTurns: 2, heardBy: 2, spoke: true, hasChannel: true };
  return { number: 0, bridge, ...heard, silence: 0, longestGap: 0, ...more };
}

const ran = duringOf(
  { started: "2026-11-29T20:00:00.000Z" },
  {
    command: "pulumi up",
    code: 0,
    began: Date.parse("2026-11-29T20:00:10Z"),
    ended: Date.parse("2026-11-29T20:00:52Z"),
  },
);

test("what people noticed is what they missed from the command on, and not how they came in", () => {
  const silences = [
    { end: 4, length: 3 },
    { end: 20, length: 0.4 },
    { end: 58, length: 2.25 },
  ];
  const people = [
    person({ silences }),
    person({ silences: silences.slice(0, 2) }),
    person({ silences: silences.slice(0, 1) }),
    person({ returns: 1 }),
    person({ failure: "XMPP: the server closed the connection" }),
  ];
  expect(Object.fromEntries(noticed({ people }, ran))).toEqual({
    "the command": "ended with 0 after 42 seconds",
    "thrown out": "2 of 5",
    "heard nothing for over 0.2 s": "2 of 5",
    "heard nothing for over 1 s": "1 of 5",
    "the longest silence": "2.3 s",
  });
});

test("the command runs once all are in, and the crowd stays until it is over", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rehearsal-during-"));
  const [program, log] = [join(folder, "crowd"), join(folder, "log")];
  const crowd = `sleep 0.1; echo joined >>${log}; echo in; cat; echo left >>${log}; echo '{"participants": 2}'`;
  writeFileSync(program, `#!/bin/sh\ncase "$*" in *-stay*) ;; *) exec </dev/null;; esac\n${crowd}\n`);
  chmodSync(program, 0o755);
  try {
    const during = async () => {
      appendFileSync(log, "began\n");
      await new Promise((resolve) => setTimeout(resolve, 200));
      appendFileSync(log, "ended\n");
    };
    expect(await rehearse(program, [], {}, during)).toEqual({ participants: 2 });
    expect(readFileSync(log, "utf8").trim().split("\n")).toEqual(["joined", "began", "ended", "left"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
