import { join } from "node:path";
import { joinedGroup } from "../../services/joinedGroup";
import {
  groupsOf,
  loginGroupsOf,
  packagesFor,
  secretGroup,
  verificationOf,
  wayOf,
} from "../../services/onHost";
import { preflightOf } from "../../services/preflight";
import { hostPlanOf } from "../../services/roles";
import { SECRETS } from "../../services/secrets";
import { trustGroup } from "../../services/trust";
import { withWhoNotices } from "../../services/whoNotices";
import { recorderDrainOf } from "../../services/jibri/upload";
import { AUTHORITY_PEM, monitored, SECRET_VALUES, withRecorder, withVisitors } from "../unit/servicesFixture";
import { behindProxy, content, PLAN } from "./files";
import { run, testWith } from "./programs";

const HOST_FOLDER = join(__dirname, "../../host");
const PEMS = {
  caPem: AUTHORITY_PEM,
  mainCertPem: AUTHORITY_PEM,
  techCertPem: AUTHORITY_PEM,
  webCertPem: AUTHORITY_PEM,
};

/** Lets the helper's own parser read documents; it refuses every key and type that it does not know. */
function read(
  parser: "file_group" | "verify" | "way" | "preflight" | "packages" | "drain" | "restarts",
  documents: unknown[],
) {
  const script = `import json, sys
sys.path.insert(0, sys.argv[1])
from audio_meet.checks import look, verify
from audio_meet.owed import decision
from audio_meet.packages import packages
from audio_meet.preflight import preflight
from audio_meet.recorder import upload_config
from audio_meet.system import documents, manifest
from audio_meet.system.root import Root
parsers = {"verify": verify.parse, "way": lambda value: look.parse(value, "way"), "preflight": preflight.parse, "file_group": manifest.file_group,
  "packages": packages.parse, "restarts": lambda value: decision.parse(value, "restarts"),
  "drain": lambda value: upload_config.parse(Root(), value, more={"deadlineMinutes": float})}
parse = parsers[sys.argv[2]]
for line in sys.stdin:
    parse(documents.load(line))`;
  const lines = documents.map((document) => `${JSON.stringify(document)}\n`).join("");
  return run("python3", ["-c", script, HOST_FOLDER, parser], lines);
}

const hosts = PLAN.hosts.map(({ id }) => id);

testWith(["python3"], "the helper understands every group of every host", () => {
  const groups = hosts.flatMap((id) => [
    joinedGroup(SECRETS, [
      ...[secretGroup(PLAN, id, SECRET_VALUES), trustGroup(PLAN, id, PEMS)],
      ...loginGroupsOf(PLAN, id, (member) => member.id).filter(({ group }) => group === "videobridge-login"),
    ]),
    ...loginGroupsOf(PLAN, id, (member) => member.id),
    ...groupsOf(PLAN, id),
  ]);
  expect(read("file_group", groups)).toEqual({ code: 0, output: "" });
});

testWith(["python3"], "the helper understands which restarts wait, and for what", () => {
  const window = {
    days: ["Sun" as const],
    begins: "03:00",
    ends: "05:00",
    zone: "Europe/Berlin",
    text: "it",
  };
  for (const restarts of ["whenEmpty" as const, window]) {
    const plan = { ...withRecorder(PLAN), restarts };
    const groups = [...groupsOf(plan, "core"), trustGroup(plan, "core", PEMS)].map((group) =>
      withWhoNotices(group, plan),
    );
    const specs = [...groups, packagesFor(plan, hostPlanOf(plan, "core"))].flatMap(
      (each) => each.restarts ?? [],
    );
    expect(specs.flatMap(({ units }) => units)).toEqual(
      expect.arrayContaining(["prosody.service", "nginx.service", "coturn.service", "jicofo.service"]),
    );
    expect(read("file_group", groups)).toEqual({ code: 0, output: "" });
    expect(read("restarts", specs)).toEqual({ code: 0, output: "" });
  }
});

testWith(["python3"], "the helper understands every check of every host", () => {
  const plan = withVisitors(PLAN);
  const documents = hosts.map((id) => ({ checks: verificationOf(plan, id), timeoutSeconds: 60 }));
  expect(read("verify", documents)).toEqual({ code: 0, output: "" });
});

testWith(["python3"], "the helper understands what the doctor asks of every host", () => {
  const plan = withVisitors(withRecorder(PLAN));
  const ways = plan.hosts.map(({ id }) => wayOf(plan, id));
  expect(read("way", ways)).toEqual({ code: 0, output: "" });
  expect(Object.keys(ways[0] ?? {})).toEqual(
    expect.arrayContaining(["door", "focus", "invitation", "visitors v1"]),
  );
});

testWith(
  ["python3"],
  "the helper understands what every host is asked before anything is changed there",
  () => {
    for (const plan of [PLAN, behindProxy(monitored(withRecorder(PLAN)))]) {
      const documents = plan.hosts.map((host) => preflightOf(plan, host));
      expect(documents.length).toBeGreaterThan(1);
      expect(read("preflight", documents)).toEqual({ code: 0, output: "" });
    }
  },
);

testWith(["python3"], "the helper understands the proxy of packages and of recordings", () => {
  const plan = behindProxy(withRecorder(PLAN));
  const documents = plan.hosts.map((host) => packagesFor(plan, host));
  expect(read("packages", documents)).toEqual({ code: 0, output: "" });
  const drains = plan.recorders.map((recorder) => recorderDrainOf(plan, recorder));
  expect(JSON.stringify(drains)).toContain("proxy.example.org");
  expect(read("drain", drains)).toEqual({ code: 0, output: "" });
});

testWith(["python3"], "the helper runs Prosody on the Lua that the units name", () => {
  const script =
    "import sys; sys.path.insert(0, sys.argv[1]); from audio_meet.prosody import programs; print(programs.LUA)";
  const { output } = run("python3", ["-c", script, HOST_FOLDER]);
  const units = [
    "/etc/systemd/system/prosody-jvb.service",
    "/etc/systemd/system/prosody.service.d/audio-meet.conf",
  ];
  for (const unit of units)
    expect(content(unit)).toContain(`\nExecStart=/usr/bin/${output.trim()} /usr/bin/prosody `);
});

testWith(["python3"], "a group that the helper does not understand is noticed by this check", () => {
  const { code, output } = read("file_group", [{ group: "x", files: {}, run: ["prosody"] }]);
  expect(code).not.toBe(0);
  expect(output).toContain("not the full name of a unit");
});
