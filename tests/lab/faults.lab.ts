import { spawnSync } from "node:child_process";
import { labAddress } from "../../facts/labHost";
import type { Fault } from "./support/faults/fault";
import { faultTable } from "./support/faults/report";
import { happen, type Outcome } from "./support/faults/run";
import { Scene, threeBridges } from "./support/faults/scene";
import { faults } from "./support/faults/table";
import { LabStack } from "./support/labStack";
import { authorityKey, pageCertificates } from "./support/pageCertificates";

const DOMAIN = "faults.audio-meet.test";
/** `npm run faults`; `make test` leaves out what takes long, and is a smaller crowd. */
const runsAll = process.env["FAULTS"] === "all";
const PEOPLE = Number(process.env["FAULTS_PEOPLE"] ?? (runsAll ? 200 : 60));

/** What everything is held to. */
const BRIDGE_OUT_SECONDS = 15;
const PEOPLE_MOVED_SECONDS = 20;
const SETTLED_SECONDS = 30;
/** This machine on the lab's bridge. */
const HERE = "10.213.0.1";

const stack = new LabStack("faults", threeBridges(DOMAIN, {}, true));
const scene = new Scene(stack, DOMAIN);
const expired = { certificate: "", key: "" };
const outcomes: Outcome[] = [];

// In `make test` two other labs compete for the processors: a row that fails is tried again, and each try is said.
if (!runsAll) jest.retryTimes(2, { logErrorsBeforeRetry: true });

/** Why a fault is left out of this run; empty: it is not. */
function reasonAgainst({ takes, needs }: Fault): string {
  if (takes !== undefined && !runsAll) return `takes ${takes} s; npm run faults`;
  if (needs === undefined || spawnSync("sh", ["-c", needs.command]).status === 0) return "";
  return needs.reason;
}

beforeAll(async () => {
  await stack.open();
  await stack.mustUp();
  const { caPem } = await stack.outputs<{ caPem: string }>();
  const made = await pageCertificates(DOMAIN, { caPem, caKeyPem: authorityKey(await stack.resources(true)) });
  Object.assign(expired, { certificate: made.expired, key: made.key });
  await scene.fill(PEOPLE, ["-visitors", "1"]);
  await scene.watch(true);
});

afterAll(async () => {
  console.info(`${PEOPLE} people in one room; the stand-ins of jicofo and bridge\n${faultTable(outcomes)}`);
  await scene.end();
  await stack.close();
});

/** The table; the certificate in it is made once the deployment is there. */
const table = () => faults({ core: labAddress(DOMAIN, "core", 1), people: HERE, expired });

for (const [row, planned] of table().entries()) {
  const against = reasonAgainst(planned);
  const named = against === "" ? planned.name : `${planned.name} (skipped: ${against})`;
  (against === "" ? test : test.skip)(named, async () => {
    const fault = table()[row];
    if (fault === undefined) throw new Error("no such row");
    const outcome = await happen(scene, fault);
    outcomes.push(outcome);
    process.stderr.write(`${JSON.stringify(outcome)}\n`);
    const { fellOut, well, outOfUse, moved, held } = outcome;
    const fell = fellOut === 0 ? "nobody" : fellOut === PEOPLE ? "everybody" : "some";
    expect({ fell, held, why: outcome.why }).toEqual({ fell: fault.falls, held: true, why: outcome.why });
    expect(well).toBeLessThan(SETTLED_SECONDS);
    if (fault.loses) {
      expect(outOfUse).toBeLessThan(BRIDGE_OUT_SECONDS);
      expect(moved).toBeLessThan(PEOPLE_MOVED_SECONDS);
    }
    for (const alert of fault.alerts ?? [])
      expect(outcome.alerts).toContainEqual(expect.stringContaining(alert));
  });
}

test("nothing is left to mend: every host is healthy", async () => {
  await scene.asDeployed();
  expect((await stack.ask("health")).output).not.toMatch(/healthy: false|notKnown/);
});
