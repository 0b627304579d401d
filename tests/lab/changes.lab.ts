import { type Cost, costTable, upAmongPeople } from "./support/faults/change";
import { BRIDGES, type Host } from "./support/faults/fault";
import { Scene, threeBridges } from "./support/faults/scene";
import { LabStack } from "./support/labStack";

const DOMAIN = "changes.audio-meet.test";
const PEOPLE = 60;
const runsAll = process.env["CHANGES"] === "all";
/** `npm run changes`. In `make test` bridges.lab and thinWhole.lab remove and replace bridges with people on them. */
const row = runsAll ? test : test.skip;
const LEFT_OUT = runsAll ? "" : " (skipped: make test has no time for it; npm run changes)";

const stack = new LabStack("changes", threeBridges(DOMAIN, { "jitsi:drain": { deadlineMinutes: 1 } }));
const scene = new Scene(stack, DOMAIN);
const costs: Cost[] = [];

/** Bridges of the stack file from now on; a later generation is another machine. */
function bridgesAre(bridges: Host[]): void {
  const [region] = stack.config["jitsi:regions"] as object[];
  const videobridges = bridges.map((id) => ({ id, generation: scene.generationOf(id) }));
  stack.config = { ...stack.config, "jitsi:regions": [{ ...region, videobridges }] };
}

/** Counters of secrets that go up. */
function rotates(counters: object): void {
  const secrets = { ...(stack.config["jitsi:secrets"] as object | undefined), ...counters };
  stack.config = { ...stack.config, "jitsi:secrets": secrets };
}

/** An `up` that costs nobody anything. */
async function costsNobody(name: string, bridges: readonly Host[], fewest: number): Promise<Cost> {
  const cost = await upAmongPeople(scene, name, [...bridges]);
  costs.push(cost);
  process.stderr.write(`${costTable([cost]).split("\n").at(-1) ?? ""}\n`);
  expect({ code: cost.code, end: cost.output.slice(-1500) }).toMatchObject({ code: 0 });
  expect({ fellOut: cost.fellOut, why: cost.why, cut: cost.cut }).toEqual({ fellOut: 0, why: [], cut: 0 });
  expect(cost.after).toBe(cost.before);
  expect(cost.fewest).toBeGreaterThanOrEqual(fewest);
  return cost;
}

describe(`${PEOPLE} people on three bridges notice no change`, () => {
  beforeAll(async () => {
    await stack.open();
    await stack.mustUp();
    await scene.fill(PEOPLE, ["-visitors", "1", "-ping", "1s", "-late", "500ms"]);
    await scene.watch();
  });

  afterAll(async () => {
    console.info(`${PEOPLE} people; the stand-ins of jicofo and bridge\n${costTable(costs)}`);
    await scene.end();
    await stack.destroy();
    await stack.close();
  });

  row(`a bridge is removed${LEFT_OUT}`, async () => {
    bridgesAre(["jvb-a", "jvb-b"]);
    await costsNobody("a bridge is removed", BRIDGES, 2);
  });

  // It restarts jicofo, which has no bridge yet while it starts.
  row(`the secret focusService is rotated${LEFT_OUT}`, async () => {
    rotates({ focusService: 2 });
    await costsNobody("`focusService` is rotated", ["jvb-a", "jvb-b"], 0);
  });

  row(`a bridge is added${LEFT_OUT}`, async () => {
    scene.renew("jvb-c");
    bridgesAre([...BRIDGES]);
    await costsNobody("a bridge is added", ["jvb-a", "jvb-b"], 2);
  });
});
