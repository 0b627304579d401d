import { plain } from "../../lab/plugins/shared/values";
import { changed, type Json } from "../unit/configFixtures";
import { documentOf, differences } from "./support/compare";
import {
  deployment,
  everythingBefore,
  resourceOf,
  stepOf,
  steps,
  type Deployment,
} from "./support/deployment";
import { awsStack, labStack, withKey } from "./support/stacks";

const FRA_2 = ["regions", 0, "videobridges", 1];
const parked = (config: Json, value: boolean) => changed(config, [...FRA_2, "parked"], value);

/** What differs and is not left as it was because its machine is off. */
function wantedChanges(before: Deployment, after: Deployment): string[] {
  const left = new Set(
    after.resources.flatMap(({ name, ignoreChanges }) => ignoreChanges.map((input) => `${name}.${input}`)),
  );
  return differences(before, after).changed.filter((change) => !left.has(change));
}

const MONITORED = { monitoring: { networks: ["192.0.2.0/24"] } };

const isBefore = (run: Deployment, first: string, second: string) =>
  everythingBefore(run, resourceOf(run, second)).has(resourceOf(run, first).label);

describe("in the lab and on servers that exist", () => {
  const LAB = labStack(["fra-1", "fra-2", "fra-3"]);
  let serving: Deployment;
  let resting: Deployment;
  beforeAll(async () => {
    serving = await deployment(parked(LAB, false));
    resting = await deployment(parked(LAB, true));
  });

  test("parking runs the step of the bridge, the verifications and the one that listens, and makes nothing and ends nothing", () => {
    expect(differences(serving, resting)).toEqual({
      added: [],
      removed: [],
      changed: [
        "core-ear.stdin",
        "core-verification-run.create",
        "core-verification-run.stdin",
        "fra-2-files-videobridge.create",
        "fra-2-files-videobridge.stdin",
        // A step that waits for people has the long time to connect.
        "fra-2-verification-run.create",
        "fra-2-verification-run.stdin",
      ],
    });
  });

  test("false is as good as nothing", async () => {
    expect(differences(await deployment(LAB), serving)).toEqual({ added: [], removed: [], changed: [] });
  });

  test("its step empties it and has its files all the same, and its verification asks that it is down", () => {
    const [was, is] = [serving, resting].map((run) => documentOf(stepOf(run, "fra-2-files-videobridge")));
    expect([was?.["run"], is?.["run"]]).toEqual([["jitsi-videobridge2.service"], []]);
    expect(is?.["parks"]).toMatchObject({ unit: "jitsi-videobridge2.service", deadlineMinutes: 10 });
    expect(is?.["files"]).toEqual(was?.["files"]);
    // Nothing restarts, so nobody is told to notice anything.
    expect(is?.["whoNotices"]).toBeUndefined();
    const { checks } = documentOf(stepOf(resting, "fra-2-verification-run")) as {
      checks: { kind: string }[];
    };
    expect(checks).toContainEqual({ kind: "down", name: "jitsi-videobridge2.service" });
    expect(checks.map(({ kind }) => kind)).not.toContain("videobridge");
  });

  test("has time to be emptied", async () => {
    const patient = await deployment(withKey(parked(LAB, true), "drain", { deadlineMinutes: 60 }));
    const { inputs } = stepOf(patient, "fra-2-files-videobridge");
    expect(inputs["create"]).toMatch(/^timeout 5700 .* files/);
  });

  test("jicofo is asked for the others alone", () => {
    const { checks } = documentOf(stepOf(resting, "core-verification-run")) as { checks: Json[] };
    expect(checks).toContainEqual(expect.objectContaining({ kind: "jicofo", bridges: ["fra-1", "fra-3"] }));
  });

  test("comes when all that take its people are verified, and no other one waits for it", () => {
    const turn = (one: string, other: string) =>
      isBefore(resting, `Command ${one}-verification-run`, `Command ${other}-secrets`);
    const turns = [
      turn("fra-1", "fra-3"),
      turn("fra-1", "fra-2"),
      turn("fra-3", "fra-2"),
      turn("fra-2", "fra-3"),
    ];
    expect(turns).toEqual([true, true, true, false]);
  });

  test("nobody listens for it; those in service are heard", () => {
    const ear = documentOf(resourceOf(resting, "Command core-ear")) as { bridges: Json };
    expect(Object.keys(ear.bridges)).toEqual(["fra-1", "fra-3"]);
  });

  test("outputs say so, and how much is carried now and with it", () => {
    const outputs = plain(resting.outputs) as Record<string, Record<string, Json>>;
    expect(outputs["bridges"]?.["fra-2"]).toMatchObject({ parked: true });
    expect(outputs["bridges"]?.["fra-1"]).not.toHaveProperty("parked");
    expect(outputs["health"]?.["fra-2"]).toMatchObject({ parked: true });
    expect(outputs["capacity"]).toMatchObject({ participants: 440, allAwake: { participants: 660 } });
    expect(outputs["endpoints"]?.["media"]).toHaveLength(2);
    expect(outputs["ssh"]).toHaveProperty("fra-2");
  });
});

describe("on EC2", () => {
  const eu = (config: Json) =>
    changed(config, ["regions", 0, "videobridges"], [{ id: "fra-1" }, { id: "fra-2" }]);
  const AWS = { ...eu(awsStack()), ...MONITORED };
  let serving: Deployment;
  let resting: Deployment;
  beforeAll(async () => {
    serving = await deployment(parked(AWS, false));
    resting = await deployment(parked(AWS, true));
  });

  test("parking empties the bridge, takes the place of its verification, and stops the instance; nothing else of it runs", () => {
    const { added, removed } = differences(serving, resting);
    expect([added, removed]).toEqual([[], []]);
    const ofBridge = wantedChanges(serving, resting).filter((change) => change.startsWith("fra-2"));
    expect(ofBridge).toEqual(
      [
        "fra-2-drain.deletedWith",
        "fra-2-files-videobridge.create",
        "fra-2-files-videobridge.stdin",
        "fra-2-machine-power.state",
        "fra-2-verification-run.create",
        "fra-2-verification-run.stdin",
      ]
        .concat(ofBridge.filter((change) => change.endsWith(".ignoreChanges")))
        .sort(),
    );
    expect(resourceOf(resting, "InstanceState fra-2-machine-power").inputs).toMatchObject({
      region: "eu-central-1",
      state: "stopped",
    });
  });

  test("the instance stops when its bridge is empty, and runs before anything is done on it", () => {
    for (const step of ["drain", "files-videobridge", "verification-run"])
      expect([step, isBefore(resting, `Command fra-2-${step}`, "InstanceState fra-2-machine-power")]).toEqual(
        [step, true],
      );
    const own = steps(serving).filter(({ name }) => /^fra-2-(?!account|turn-peer)/.test(name));
    expect(own.length).toBeGreaterThan(6);
    for (const { name } of own)
      expect([name, isBefore(serving, "InstanceState fra-2-machine-power", `Command ${name}`)]).toEqual([
        name,
        true,
      ]);
  });

  test("whatever changes while it is off logs in nowhere, and is owed until it is woken", async () => {
    const changes: [string, unknown][] = [
      ["secrets", { videobridge: 2 }],
      ["drain", { deadlineMinutes: 77 }],
      ["extra", { videobridge: "videobridge.entity-expiration.timeout = 3 minutes" }],
      ["release", { videobridge: "2.3-1" }],
      ["repair", { "fra-2/videobridge": 3, "fra-2/packages": 1 }],
      ["maxBridgeParticipants", 100],
    ];
    const config = changes.reduce((made: Json, [key, value]) => withKey(made, key, value), AWS);
    const other = await deployment(parked(config, true));
    const ofBridge = wantedChanges(resting, other).filter((change) => change.startsWith("fra-2"));
    // On the core; what the drain knows, which keeps it (no engine is here that would hold it to that); in the state.
    const [drain, park] = ["fra-2-drain", "fra-2-files-videobridge"].map((name) => stepOf(other, name));
    expect(park?.inputs["stdin"]).toBe(drain?.inputs["stdin"]);
    expect(drain?.ignoreChanges).toContain("stdin");
    expect(ofBridge).toEqual([
      "fra-2-account.stdin",
      "fra-2-files-videobridge.stdin",
      "fra-2-password.keepers",
    ]);
    const woken = await deployment(parked(config, false));
    const { changed: comes } = differences(resting, woken);
    for (const step of ["packages", "secrets", "files-videobridge"])
      expect(comes).toContain(`fra-2-${step}.stdin`);
    expect(isBefore(woken, "Command fra-2-secrets", "Command fra-2-files-videobridge")).toBe(true);
  });

  test("its drain and its steps go with the machine, since nobody can log in to undo them", () => {
    for (const step of steps(resting).filter(({ name }) => /^fra-2-(?!account|turn-peer)/.test(name)))
      expect([step.name, step.deletedWith]).toEqual([
        step.name,
        "aws:ec2/instance:Instance fra-2-machine-instance",
      ]);
    expect(stepOf(serving, "fra-2-drain").deletedWith).toBeUndefined();
  });

  test("a machine that takes its place is set up where it is, and switched off", async () => {
    const other = await deployment(changed(parked(AWS, true), [...FRA_2, "generation"], 2));
    const own = steps(other).filter(({ name }) => /^fra-2-(?!account|turn-peer)/.test(name));
    for (const { ignoreChanges } of own) expect(ignoreChanges).not.toContain("connection");
  });

  test("nobody reads its metrics, and the tools do not ask it", () => {
    const outputs = plain(resting.outputs) as Record<string, Record<string, Json>>;
    expect(Object.keys(outputs["ssh"] ?? {}).sort()).toEqual(["core", "fra-1", "iad-1"]);
    expect(outputs["power"]).toMatchObject({ "fra-2": { state: "stopped" } });
    expect((outputs["monitoring"]?.["metrics"] as Record<string, string[]>)["fra-2"]).toEqual([]);
    expect(outputs["cost"]).toMatchObject({ allAwake: {} });
  });

  test("the address, the key and the image of the machine stay", () => {
    const ofMachine = wantedChanges(serving, resting).filter((change) => change.startsWith("fra-2-machine"));
    expect(ofMachine).toEqual(["fra-2-machine-power.state"]);
  });

  test("a bridge has a switch where parked is written, whatever it says, and nothing else changes by that", async () => {
    const switches = serving.resources.filter(({ type }) => type.endsWith(":InstanceState"));
    expect(switches.map(({ name, inputs }) => [name, inputs["state"]])).toEqual([
      ["fra-2-machine-power", "running"],
    ]);
    expect(differences(await deployment(AWS), serving)).toEqual({
      added: [switches[0]?.label],
      removed: [],
      changed: [],
    });
  });

  test("under termination protection the switch may go: without it the instance stays as it is", async () => {
    const kept = await deployment(
      changed(parked(AWS, true), ["regions", 0, "machines", "terminationProtection"], true),
    );
    expect(resourceOf(kept, "InstanceState fra-2-machine-power").protect).toBe(false);
  });

  test("a step on a machine that may have been switched on has the time of a boot; any other one has not", () => {
    expect(stepOf(serving, "fra-2-files-videobridge").timeouts).toMatchObject({ update: "5m" });
    expect(stepOf(serving, "fra-1-files-videobridge").timeouts).toMatchObject({ update: "60s" });
  });

  test("a bridge on the core's own instance is parked without it", async () => {
    const region = ["regions", 0, "videobridges"];
    const onCore = (value: boolean) =>
      changed(awsStack(), region, [{ id: "main", on: "core", parked: value }]);
    const {
      added,
      removed,
      changed: steps,
    } = differences(await deployment(onCore(false)), await deployment(onCore(true)));
    expect([added, removed]).toEqual([[], []]);
    expect(steps).toContain("main-files-videobridge.stdin");
    expect(steps.filter((change) => change.endsWith(".ignoreChanges"))).toEqual([]);
  });
});
