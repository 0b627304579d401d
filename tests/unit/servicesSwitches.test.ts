import { planDeployment } from "../../plan/deployment";
import { machineRecords } from "../../plan/protectedMachines";
import { switchErrors, switches, switchRefusal, type LastRun } from "../../services/switches";
import { settingsOf, type Json } from "./configFixtures";

interface Stack {
  /** As it is written at fra-2; absent: it is not. */
  parked?: boolean;
  isMonitored?: boolean;
  more?: Json;
  bridges?: Json[];
}

function planOf({ parked, isMonitored, more = {}, bridges }: Stack) {
  const fra2 = { id: "fra-2", ...more, ...(parked !== undefined && { parked }) };
  return planDeployment(
    settingsOf({
      domain: "meet.example.org",
      contact: "ops@example.org",
      ...(isMonitored === true && { monitoring: { networks: ["192.0.2.0/24"] } }),
      regions: [
        {
          name: "eu",
          machines: { provider: "aws", region: "eu-central-1", adminCidrs: ["198.51.100.0/24"] },
          core: {},
          videobridges: bridges ?? [{ id: "fra-1" }, fra2],
        },
      ],
    }),
  );
}

/** What the outputs keep of an `up`. */
function after(stack: Stack): LastRun {
  const plan = planOf(stack);
  return { power: switches(plan), instances: machineRecords(plan) };
}

const errors = (before: Stack, now: Stack) => switchErrors(after(before), planOf(now));

test("a bridge with the key has a switch, with what is on its machine", () => {
  expect(switches(planOf({}))).toEqual({});
  const groups = ["host", "videobridge"];
  expect(switches(planOf({ parked: false }))).toEqual({ "fra-2": { state: "running", groups } });
  expect(switches(planOf({ parked: true, isMonitored: true }))).toEqual({
    "fra-2": { state: "stopped", groups: ["host", "metrics", "videobridge"] },
  });
});

test.each<[string, Stack, Stack]>([
  ["stays off", { parked: true }, { parked: true }],
  ["is parked", { parked: false }, { parked: true }],
  ["is parked, and was never", {}, { parked: true }],
  [
    "is parked while metrics come, which are there before it is off",
    { parked: false },
    { parked: true, isMonitored: true },
  ],
  ["wakes with metrics", { parked: true }, { parked: false, isMonitored: true }],
  ["wakes without them", { parked: true, isMonitored: true }, { parked: false }],
  ["has served with the key, and loses it", { parked: false }, {}],
  ["goes from the stack file", { parked: true }, { bridges: [{ id: "fra-1" }] }],
  ["gets another machine", { parked: true }, { parked: true, isMonitored: true, more: { generation: 2 } }],
])("nothing is said against a bridge that %s", (_, before, now) => {
  expect(errors(before, now)).toEqual([]);
});

test.each<[string, Stack, Stack, string[]]>([
  [
    "whose key goes while it is off",
    { parked: true },
    {},
    ["fra-2 is off, and without parked nobody starts it: write parked: false, and remove it later"],
  ],
  [
    "that is off when metrics come",
    { parked: true },
    { parked: true, isMonitored: true },
    [
      'fra-2 is off, and "metrics" is new on it: write parked: false for this `pulumi up`, and true again after it',
    ],
  ],
  [
    "that is off when metrics go",
    { parked: true, isMonitored: true },
    { parked: true },
    [
      'fra-2 is off by then, and "metrics" is to go from it: write parked: false for this `pulumi up`, and true again after it',
    ],
  ],
  [
    "that is parked when metrics go, which is after all else",
    { parked: false, isMonitored: true },
    { parked: true },
    [expect.stringContaining("is off by then")],
  ],
])("a bridge %s is refused by name", (_, before, now, refused) => {
  expect(errors(before, now)).toEqual(refused);
});

test("the refusal says first that nothing was changed", () => {
  expect(switchRefusal(["fra-2 is off"])).toBe(
    "This change needs a login at a machine that is switched off with its bridge; nothing was changed:\n  fra-2 is off",
  );
});
