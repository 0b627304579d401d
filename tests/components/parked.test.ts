import { plain } from "../../lab/plugins/shared/values";
import { changed, type Json } from "../unit/configFixtures";
import { documentOf, differences } from "./support/compare";
import { deployment, everythingBefore, resourceOf, stepOf, type Deployment } from "./support/deployment";
import { labStack, withKey } from "./support/stacks";

const FRA_2 = ["regions", 0, "videobridges", 1];
const parked = (config: Json, value: boolean) => changed(config, [...FRA_2, "parked"], value);

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
