import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { momentOf } from "../../config/wallClock";
import { planDeployment } from "../../plan/deployment";
import { eventWarnings, needAt } from "../../plan/events";
import { check } from "../../tools/check";
import { events } from "../../tools/events";
import { withParked } from "../../tools/parkedKeys";
import { type BadCase, set, testBad } from "./configBad";
import { changed, goodConfig, settingsOf, type Json } from "./configFixtures";

const event = (at: string, more: Json = {}) =>
  changed(
    set(["events"], [{ at, hours: 3, participants: 50, ...more }]),
    ["regions", 0, "videobridges", 0, "parked"],
    false,
  );
const utc = (moment: number | undefined) =>
  moment === undefined ? undefined : new Date(moment).toISOString().slice(0, 16);

testBad([
  ...[
    ["no zone", "2026-12-06 10:00", /day, at a time, in a zone/, /Europe\/Berlin/],
    ["no time", "2026-12-06 Europe/Berlin", /day, at a time, in a zone/, /10:00/],
    ["a day that no calendar has", "2026-02-30 10:00 Europe/Berlin", /day, at a time/, /calendar/],
    ["an hour that no clock has", "2026-12-06 24:00 Europe/Berlin", /23:59/, /next day/],
    ["a zone that is none", "2026-12-06 10:00 Europe/Atlantis", /time zone database/, /timedatectl/],
    ["an offset in place of a zone", "2026-12-06 10:00 +01:00", /summer time/, /timedatectl/],
    ["an hour that clocks skip", "2026-03-29 02:30 Europe/Berlin", /skip that time/, /another time/],
  ].map(([name, at, rule, fix]): BadCase => [
    `an event with ${name as string}`,
    event(at as string),
    "jitsi:events[0].at",
    /is ("|text of)/,
    rule as RegExp,
    fix as RegExp,
  ]),
  [
    "an event of no hours",
    event("2026-12-06 10:00 UTC", { hours: 0 }),
    "jitsi:events[0].hours",
    /is 0/,
    /1 to 720/,
    /Round up/,
  ],
  [
    "events where no bridge may be parked",
    set(["events"], [{ at: "2026-12-06 10:00 UTC", hours: 3, participants: 50 }]),
    "jitsi:events",
    /no bridge has parked/,
    /bridges that may be parked/,
    /parked: true/,
  ],
]);

describe("a time on the wall", () => {
  test.each([
    ["winter", "2026-12-06", "10:00", "Europe/Berlin", "2026-12-06T09:00"],
    ["summer", "2026-07-06", "10:00", "Europe/Berlin", "2026-07-06T08:00"],
    ["the day on which summer time begins", "2026-03-29", "10:00", "Europe/Berlin", "2026-03-29T08:00"],
    ["the hour that comes twice, the first time", "2026-10-25", "02:30", "Europe/Berlin", "2026-10-25T00:30"],
    ["the other side of the date line", "2026-01-01", "00:30", "Pacific/Auckland", "2025-12-31T11:30"],
    ["half an hour", "2026-01-01", "12:00", "Asia/Kolkata", "2026-01-01T06:30"],
    ["a clock behind", "2026-11-01", "01:30", "America/New_York", "2026-11-01T05:30"],
    ["UTC", "2026-01-01", "12:00", "UTC", "2026-01-01T12:00"],
    ["an hour that no clock shows", "2026-03-29", "02:30", "Europe/Berlin", undefined],
  ])("is a moment: %s", (_, day, time, zone, moment) => {
    expect(utc(momentOf(day, time, zone))).toBe(moment);
  });
});

/** A bridge that always serves, two that may be parked, with room for 110, 110 and 220. */
function withEvents(list: Json[], parked = [true, true]): Json {
  const [region] = goodConfig()["regions"] as { core: Json; videobridges: Json[] }[];
  const [bridge] = region?.videobridges ?? [];
  const own = (id: string, last: number, cores: number, more: Json = {}) => ({
    ...bridge,
    ...{ id, address: `203.0.113.${last}`, privateAddress: `10.0.0.${last}` },
    size: { cores, memoryMegabytes: 8192 },
    ...more,
  });
  const videobridges = [
    own("fra-1", 2, 2),
    own("fra-2", 3, 2, { parked: parked[0] }),
    own("fra-3", 4, 4, { parked: parked[1] }),
  ];
  return { ...goodConfig(), regions: [{ ...region, videobridges }], events: list };
}

const EVENT = { at: "2026-12-06 10:00 Europe/Berlin", hours: 3, participants: 90 };
const CARRIES = [{ participants: 110 }, { participants: 110 }, { participants: 220 }];

function parkedAt(list: Json[], moment: string): Record<string, boolean> {
  return needAt(planDeployment(settingsOf(withEvents(list))), CARRIES, Date.parse(moment)).parked;
}

describe("which bridges are awake", () => {
  test.each([
    ["nobody is expected", "2026-12-06T08:29Z", [true, true]],
    ["it begins in half an hour", "2026-12-06T08:30Z", [false, true]],
    ["it is under way", "2026-12-06T10:00Z", [false, true]],
    ["people stay", "2026-12-06T12:29Z", [false, true]],
    ["it was over half an hour ago", "2026-12-06T12:30Z", [true, true]],
  ])("when %s", (_, moment, [two, three]) => {
    expect(parkedAt([EVENT], moment)).toEqual({ "fra-2": two, "fra-3": three });
  });

  test("so many that the loss of the largest one is no loss, in the order of the config", () => {
    const at = (participants: number) => parkedAt([{ ...EVENT, participants }], "2026-12-06T09:00Z");
    expect(at(110)).toEqual({ "fra-2": false, "fra-3": true });
    expect(at(111)).toEqual({ "fra-2": false, "fra-3": false });
    // More than all of them carry: all of them.
    expect(at(5000)).toEqual({ "fra-2": false, "fra-3": false });
  });

  test("events that overlap add up", () => {
    const other = { at: "2026-12-06 12:00 UTC", hours: 1, participants: 90 };
    expect(parkedAt([other, EVENT], "2026-12-06T12:00Z")).toEqual({ "fra-2": false, "fra-3": false });
    expect(parkedAt([other, EVENT], "2026-12-06T13:00Z")).toEqual({ "fra-2": false, "fra-3": true });
  });

  test("one at least, also where all of them may be parked", () => {
    const config = changed(withEvents([EVENT]), ["regions", 0, "videobridges", 0, "parked"], false);
    const need = needAt(planDeployment(settingsOf(config)), CARRIES, Date.parse("2026-01-01T00:00Z"));
    expect(need.parked).toEqual({ "fra-1": false, "fra-2": true, "fra-3": true });
  });

  test("an event that all bridges do not carry is told, and nothing of a plan but the list depends on events", () => {
    const plan = planDeployment(settingsOf(withEvents([{ ...EVENT, participants: 900 }])));
    expect(eventWarnings(plan, 440)).toEqual([
      "with every bridge in service 440 participants are carried, the event of 2026-12-06 10:00 Europe/Berlin expects 900: add a bridge",
    ]);
    expect(eventWarnings(plan, 900)).toEqual([]);
    expect({ ...plan, events: [] }).toEqual(planDeployment(settingsOf(withEvents([]))));
  });
});

describe("npm run events", () => {
  let folder: string;
  let file: string;
  const STACK = `# Ours
config:
  jitsi:domain: meet.example.org
  jitsi:contact: ops@example.org
  jitsi:audience: { participants: 100 }
  jitsi:events: [{ at: "2026-12-06 10:00 Europe/Berlin", hours: 3, participants: 300 }]
  jitsi:regions:
    - name: eu
      machines: { provider: lab }
      core: {}
      videobridges:
        - { id: fra-1 }
        - { id: fra-2, parked: true } # for events
        - id: fra-3
          parked: true
`;
  const run = (...args: string[]) => events(["--stack-file", file, ...args]);
  const DURING = ["--at", "2026-12-06 11:00 Europe/Berlin"];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "audio-meet-events-"));
    file = join(folder, "Pulumi.prod.yaml");
    writeFileSync(file, STACK);
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  test("says what is to be woken, and ends with 2 while the file says otherwise", () => {
    const { code, stdout } = run(...DURING);
    expect(code).toBe(2);
    expect(stdout).toEqual([
      "2026-12-06 10:00 Europe/Berlin, 3 h, 300 participants: now (bridges in service 2026-12-06T08:30Z to 2026-12-06T12:30Z)",
      "2026-12-06T10:00Z: 300 participants expected; in service: fra-1, fra-2, fra-3",
      "wake fra-2",
      "wake fra-3",
    ]);
    expect(readFileSync(file, "utf8")).toBe(STACK);
  });

  test("looks at the clock, and ends with 0 where nothing is to be done", () => {
    expect(events(["--stack-file", file], Date.parse("2026-12-01T00:00Z"))).toMatchObject({ code: 0 });
    expect(events(["--stack-file", file], Date.parse("2026-12-06T09:00Z"))).toMatchObject({ code: 2 });
  });

  test("writes it into the stack file, which changes nowhere else, and parks when the event is over", () => {
    expect(run(...DURING, "--write")).toMatchObject({ code: 0 });
    expect(readFileSync(file, "utf8")).toBe(STACK.replaceAll("parked: true", "parked: false"));
    expect(check(["--stack-file", file])).toMatchObject({ code: 0 });
    expect(run(...DURING)).toMatchObject({ code: 0 });
    expect(run("--at", "2026-12-06 14:00 Europe/Berlin", "--write").stdout).toContain("park fra-3");
    expect(readFileSync(file, "utf8")).toBe(STACK);
  });

  test("says what it cannot do: a file that is wrong, a time that is none, a value that stands elsewhere", () => {
    expect(run("--at", "tomorrow")).toMatchObject({ code: 2, stderr: [expect.stringContaining("usage:")] });
    const alias = STACK.replace("{ id: fra-2, parked: true }", "{ id: fra-2, parked: &p true }").replace(
      "          parked: true",
      "          parked: *p",
    );
    expect(() => withParked(alias, { "fra-3": false }, "f")).toThrow(/parked of fra-3 is not written out/);
    writeFileSync(file, STACK.replace("hours: 3", "hours: 0"));
    expect(run(...DURING)).toMatchObject({ code: 1 });
  });
});
