import { planDeployment } from "../../plan/deployment";
import type { DeploymentPlan } from "../../plan/types";
import { groupsOf } from "../../services/onHost";
import { goodConfig, settingsOf } from "./configFixtures";
import { content } from "./servicesFixture";

const planOf = (more: object): DeploymentPlan => planDeployment(settingsOf({ ...goodConfig(), ...more }));
const BEFORE = planOf({});

/** What a file has more than without the settings, as a preview shows it. */
function added(plan: DeploymentPlan, path: string, host = "core"): string {
  const before = content(BEFORE, host, path);
  const after = content(plan, host, path);
  let from = 0;
  while (from < before.length && after[from] === before[from]) from++;
  const rest = before.slice(from);
  expect(after.endsWith(rest)).toBe(true);
  return after.slice(from, after.length - rest.length).trim();
}

const CASES: [part: string, text: string, path: string, lines: string[]][] = [
  [
    "nginx",
    "location = /up { return 200 yes; } # mine",
    "/etc/nginx/sites-enabled/audio-meet",
    ["# jitsi:extra.nginx", "    location = /up {", "        return 200 yes;", "    }"],
  ],
  [
    "nginx",
    "add_header X-A 'b c';",
    "/etc/nginx/snippets/audio-meet-headers.conf",
    ["# jitsi:extra.nginx", 'add_header X-A "b c";'],
  ],
  [
    "prosody",
    "c2s_close_timeout = 10; names = { 'a', 2 }",
    "/etc/prosody/prosody.cfg.lua",
    ["jitsi:extra.prosody", "c2s_close_timeout = 10", 'names = { "a", 2 }'],
  ],
  [
    "prosodyJvb",
    "c2s_tcp_keepalives = true",
    "/etc/prosody-jvb/prosody.cfg.lua",
    ["jitsi:extra.prosodyJvb", "c2s_tcp_keepalives = true"],
  ],
  [
    "jicofo",
    "jicofo { conference { initial-timeout = 30 seconds } }",
    "/etc/jitsi/jicofo/jicofo.conf",
    ["# jitsi:extra.jicofo", 'jicofo.conference.initial-timeout = "30 seconds"'],
  ],
];

test.each(CASES)("jitsi:extra.%s, %j, stands in %s below its own name", (part, text, path, lines) => {
  const shown = added(planOf({ extra: { [part]: text } }), path).split("\n");
  expect(shown.map((line) => line.replace(/^-- /, ""))).toEqual(
    lines.map((line) => line.replace(/^-- /, "")),
  );
});

test("every bridge gets what is said of bridges", () => {
  const plan = planOf({ extra: { videobridge: "videobridge.entity-expiration.timeout = 2 minutes" } });
  for (const host of ["fra-1", "iad-1"])
    expect(added(plan, "/etc/jitsi/videobridge/jvb.conf", host).split("\n")).toEqual([
      "# jitsi:extra.videobridge",
      'videobridge.entity-expiration.timeout = "2 minutes"',
    ]);
});

test("a file names the key whose settings are in it, and no other does", () => {
  const plan = planOf({ extra: { jicofo: "jicofo.conference.min-participants = 1" } });
  const origins = groupsOf(plan, "core").flatMap(({ files }) =>
    Object.entries(files).flatMap(([path, { origin }]) => (origin === undefined ? [] : [[path, origin]])),
  );
  expect(origins).toEqual([["/etc/jitsi/jicofo/jicofo.conf", "jitsi:extra.jicofo"]]);
});

test("a comment that changes changes no file", () => {
  const files = (text: string) => groupsOf(planOf({ extra: { nginx: text } }), "core");
  expect(files("# a\nadd_header X-A b;")).toEqual(files("\n\nadd_header   X-A b; # c"));
});
