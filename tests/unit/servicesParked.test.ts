import type { DeploymentPlan } from "../../plan/types";
import type { TextfileManifest } from "../../services/manifest";
import { groupsOf, metricsAddresses, verificationOf, wayOf } from "../../services/onHost";
import { METRICS } from "../../services/metrics/paths";
import { bridge, planWith } from "./servicesFixture";

const MONITORING = { networks: ["192.0.2.0/24"], sources: ["192.0.2.0/24"] };
const planOf = (parked: boolean) =>
  planWith([bridge("fra-1", 3), bridge("fra-2", 4, { parked })], { monitoring: MONITORING });
const [serving, resting] = [planOf(false), planOf(true)];

const checksOf = (plan: DeploymentPlan, hostId: string, kind: string) =>
  verificationOf(plan, hostId).filter((check) => check.kind === kind);
const textfile = (plan: DeploymentPlan): TextfileManifest => {
  const file = groupsOf(plan, "core").flatMap(({ files }) => files[METRICS.textfile] ?? [])[0];
  return JSON.parse(file?.content ?? "") as TextfileManifest;
};
const modules = (plan: DeploymentPlan, hostId: string) =>
  (metricsAddresses(plan)[hostId] ?? []).map((url) => new URL(url).searchParams.get("module"));

test("the core expects the bridges in service, logged in, in the brewery and in its alerts", () => {
  for (const [plan, ids] of [
    [serving, ["fra-1", "fra-2"]],
    [resting, ["fra-1"]],
  ] as const) {
    expect(checksOf(plan, "core", "jicofo")).toMatchObject([{ bridges: ids }]);
    const sessions = JSON.stringify(checksOf(plan, "core", "prosodySessions"));
    expect(["fra-1", "fra-2"].filter((id) => sessions.includes(`jvb-${id}-1@`))).toEqual(ids);
    expect(textfile(plan).gauges).toMatchObject({ audio_meet_planned_bridges: ids.length });
  }
});

test("its metrics are neither read nor asked for; those of its machine are", () => {
  expect(modules(serving, "fra-2")).toContain("videobridge");
  expect(modules(resting, "fra-2")).toEqual(["node", "process"]);
  const asked = (plan: DeploymentPlan) => JSON.stringify(checksOf(plan, "fra-2", "metrics"));
  expect([asked(serving), asked(resting)].map((text) => text.includes("videobridge"))).toEqual([true, false]);
  // The door knows of it all the same, so that waking changes nothing there.
  const door = (plan: DeploymentPlan) => groupsOf(plan, "fra-2").find(({ group }) => group === "metrics");
  expect(door(resting)).toEqual(door(serving));
});

test("the way of a call goes by the bridges in service", () => {
  const links = (plan: DeploymentPlan) =>
    ["core", "fra-1", "fra-2"]
      .flatMap((id) => Object.keys(wayOf(plan, id)))
      .filter((link) => / fra-/.test(link));
  expect(links(serving)).toEqual(expect.arrayContaining(["bridge fra-2", "media fra-2", "relay fra-1"]));
  expect([...new Set(links(resting))].sort()).toEqual(["bridge fra-1", "media fra-1"]);
});

test("two are invited in each region that has a bridge in service", () => {
  const invited = (parked: boolean) => {
    const plan = planWith([
      bridge("fra-1", 3),
      bridge("fra-2", 4, { parked: false }),
      bridge("iad-1", 5, { region: "us", parked }),
    ]);
    return checksOf(plan, "core", "invitation").map((check) => ("regions" in check ? check.regions : []));
  };
  expect([invited(false), invited(true)]).toEqual([[["eu", "us"]], [[]]]);
});

test("the last bridge in service has nobody to hand over to", () => {
  const handsOver = (plan: DeploymentPlan) =>
    groupsOf(plan, "fra-1").find(({ group }) => group === "videobridge")?.handOver;
  expect([handsOver(serving), handsOver(resting)]).toEqual([true, undefined]);
});
