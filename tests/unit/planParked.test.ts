import { capacityOf } from "../../plan/capacity";
import { costEstimate, costLine } from "../../plan/cost";
import { planDeployment } from "../../plan/deployment";
import { bridgeSummary, endpoints } from "../../plan/endpoints";
import { hasSwitch, inService, isAsleep, isParked } from "../../plan/parked";
import { capacitySummary } from "../../services/outputs";
import { set, testBad } from "./configBad";
import { changed, existing, hostKey, settingsOf, type Json } from "./configFixtures";

testBad([
  [
    "every bridge parked",
    changed(
      set(["regions", 1, "videobridges", 0, "parked"], true),
      ["regions", 0, "videobridges", 0, "parked"],
      true,
    ),
    "jitsi:regions[0].videobridges[0].parked",
    /is true, as of every other bridge/,
    /At least one bridge is not parked/,
    /smallest bridge/,
  ],
  [
    "another word than true and false",
    set(["regions", 0, "videobridges", 0, "parked"], "yes"),
    "jitsi:regions[0].videobridges[0].parked",
    /text of|"yes"/,
    /true or false/,
    /without quotes/,
  ],
]);

/** A core with a bridge, bridges on EC2 and on a server of one's own. */
function stack(parked: Record<string, boolean>): Json {
  const node = (id: string, more: Json = {}) => ({
    id,
    ...more,
    ...(id in parked && { parked: parked[id] }),
  });
  const machines = { provider: "aws", region: "eu-central-1", adminCidrs: ["198.51.100.0/24"] };
  return {
    domain: "meet.example.org",
    contact: "ops@example.org",
    regions: [
      {
        name: "eu",
        machines,
        core: { instanceType: "c7i.2xlarge" },
        videobridges: [
          node("main", { on: "core" }),
          node("fra-1"),
          node("fra-2", { instanceType: "c7i.2xlarge" }),
        ],
      },
      existing("own", {
        videobridges: [
          node("own-1", {
            address: "203.0.113.9",
            hostKey: hostKey(),
            size: { cores: 2, memoryMegabytes: 4096 },
          }),
        ],
      }),
    ],
  };
}

const planOf = (parked: Record<string, boolean>) => planDeployment(settingsOf(stack(parked)));
const ALL = { main: true, "own-1": true };

test("the bridges in service are those that are not parked", () => {
  const plan = planOf(ALL);
  expect(inService(plan).map(({ id }) => id)).toEqual(["fra-1", "fra-2"]);
  const hosts = ["core", "fra-1", "fra-2", "own-1"].filter((hostId) => isParked(plan, hostId));
  expect(hosts).toEqual(["core", "own-1"]);
});

test("an instance of EC2 goes off with the bridge that it is for; a core and a server of one's own stay", () => {
  const about = (asked: typeof isAsleep, parked: Record<string, boolean>) =>
    ["core", "fra-1", "fra-2", "own-1"].filter((hostId) => asked(planOf(parked), hostId));
  const all = { main: true, "fra-1": true, "fra-2": false, "own-1": true };
  expect(about(isAsleep, all)).toEqual(["fra-1"]);
  expect(about(hasSwitch, all)).toEqual(["fra-1", "fra-2"]);
  expect(about(hasSwitch, {})).toEqual([]);
});

test("a stopped instance costs its volume and its address, and the estimate says both ends", () => {
  const [serving, resting] = [costEstimate(planOf({})), costEstimate(planOf({ "fra-1": true }))];
  if (!serving || !resting) throw new Error("no estimate");
  const [was = 0, is = 0] = [serving, resting].map(({ hosts }) => hosts["fra-1"]);
  // 20 GB of gp3 and an address, 730 hours: 1.9 and 3.65 USD in Frankfurt, rounded by the hour.
  expect(is * 730).toBeGreaterThan(5);
  expect(is * 730).toBeLessThan(6.5);
  expect(resting.perHour).toBeCloseTo(serving.perHour - was + is, 2);
  const { perHour, perConferenceHour, perMonth } = serving;
  expect(resting.allAwake).toEqual({ perHour, perConferenceHour, perMonth });
});

test("the capacity is that of the bridges in service, and beside it that of all", () => {
  const summary = (parked: Record<string, boolean>) => {
    const plan = planOf(parked);
    const each = plan.videobridges.map((bridge) => capacityOf(plan, bridge));
    return capacitySummary(plan, each);
  };
  expect(summary(ALL)).toMatchObject({
    participants: 330,
    afterLossOfLargest: 110,
    allAwake: { participants: 550, afterLossOfLargest: 330 },
  });
  // The audience is held against what there is to be woken: parking is no reason to warn.
  expect(summary(ALL).warnings).toEqual(summary({}).warnings);
  expect(summary({})).not.toHaveProperty("allAwake");
  expect(summary({ "own-1": false })).toEqual(summary({}));
});

test("a machine costs what it did, and the conference what the bridges in service send", () => {
  const [serving, resting] = [costEstimate(planOf({})), costEstimate(planOf({ "own-1": true }))];
  if (!serving || !resting) throw new Error("no estimate");
  expect(resting.perHour).toBe(serving.perHour);
  expect(resting.perConferenceHour).toBeGreaterThan(serving.perConferenceHour);
  const { perHour, perConferenceHour, perMonth } = serving;
  expect(resting.allAwake).toEqual({ perHour, perConferenceHour, perMonth });
  expect(serving).not.toHaveProperty("allAwake");
  expect(costLine(resting)).toContain(
    `with every parked bridge in service ${perHour.toFixed(2)} USD an hour`,
  );
  expect(costLine(serving)).not.toContain("parked");
});

test("participants are sent to bridges in service, and a parked one keeps its name and address", () => {
  const [serving, resting] = [planOf({}), planOf({ "own-1": true })];
  expect(endpoints(serving).media).toContain("udp://203.0.113.9:10000");
  expect(endpoints(resting).media).not.toContain("udp://203.0.113.9:10000");
  expect(bridgeSummary(resting, "own-1")).toEqual({ ...bridgeSummary(serving, "own-1"), parked: true });
});
