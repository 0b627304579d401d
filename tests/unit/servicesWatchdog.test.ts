import type { WatchdogManifest } from "../../services/manifest";
import { groupsOf, verificationOf } from "../../services/onHost";
import { bridge, content, planWith } from "./servicesFixture";

const PLAN = planWith([bridge("fra-1", 3)]);
const UNIT = "/etc/systemd/system/audio-meet-watchdog.service";
const groups = (plan: typeof PLAN) => groupsOf(plan, "core").map(({ group }) => group);

test("the watchdog is on the core alone, and asks jicofo and prosody-jvb there", () => {
  const told = JSON.parse(content(PLAN, "core", "/etc/audio-meet/watchdog.json")) as WatchdogManifest;
  expect(told).toEqual({
    jicofo: "http://127.0.0.1:8888",
    bridges: "http://127.0.0.1:15280",
    domain: "tech.meet.example.org",
  });
  expect(groupsOf(PLAN, "fra-1").map(({ group }) => group)).not.toContain("watchdog");
});

test("it may do nothing itself: no capability, no account, this host alone, and a sign for a restart of jicofo", () => {
  const unit = content(PLAN, "core", UNIT);
  for (const line of [
    "DynamicUser=yes",
    "CapabilityBoundingSet=",
    "IPAddressDeny=any",
    "NoNewPrivileges=yes",
  ])
    expect(unit.split("\n")).toContain(line);
  const folder = /^RuntimeDirectory=(.*)$/m.exec(unit)?.[1];
  const sign = content(PLAN, "core", "/etc/systemd/system/audio-meet-restart-jicofo.path");
  expect(sign).toContain(`PathModified=/run/${folder}/restart-jicofo`);
  expect(content(PLAN, "core", "/etc/systemd/system/audio-meet-restart-jicofo.service")).toContain(
    "ExecStart=/bin/systemctl try-restart jicofo.service",
  );
});

test("the switch takes it off the core and changes nothing else there", () => {
  const off = { ...PLAN, watchdog: false };
  expect(groups(off)).toEqual(groups(PLAN).filter((group) => group !== "watchdog"));
  const named = (plan: typeof PLAN) =>
    verificationOf(plan, "core").filter((check) => JSON.stringify(check).includes("watchdog"));
  expect(named(PLAN)).toEqual([{ kind: "unit", name: "audio-meet-watchdog.service" }]);
  expect(named(off)).toEqual([]);
});
