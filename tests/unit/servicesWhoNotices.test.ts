import { groupsOf } from "../../services/onHost";
import { priceOf, withWhoNotices } from "../../services/whoNotices";
import { bridge, monitored, planWith, withRecorder } from "./servicesFixture";

const one = planWith([bridge("fra-1", 3)]);
const two = planWith([bridge("fra-1", 3), bridge("fra-2", 4)]);

/** The sentence of a unit in a group of a host, without the digest. */
function sentence(plan: typeof one, host: string, group: string, unit: string): string | undefined {
  const found = groupsOf(plan, host).find((each) => each.group === group);
  if (found === undefined) throw new Error(`${host} has no group ${group}`);
  return withWhoNotices(found).whoNotices?.[unit]?.replace(/^restarts with [0-9a-f]{6}: /, "");
}

describe("what people notice of a restart", () => {
  test("of the core's daemons", () => {
    expect(sentence(two, "core", "prosody", "prosody.service")).toBe("everybody has to join again");
    expect(sentence(two, "core", "prosody-jvb", "prosody-jvb.service")).toBe("nobody notices");
    expect(sentence(two, "core", "jicofo", "jicofo.service")).toMatch(/twice.*recording ends/);
  });

  test("of a bridge, with another one and without", () => {
    expect(sentence(two, "fra-1", "videobridge", "jitsi-videobridge2.service")).toMatch(/moved first/);
    expect(sentence(one, "fra-1", "videobridge", "jitsi-videobridge2.service")).toMatch(/hear nothing/);
  });

  test("a group that restarts no daemon of conferences says nothing", () => {
    const host = groupsOf(two, "core").filter(({ group }) => group === "host");
    expect(host).toHaveLength(1);
    for (const group of host) expect(withWhoNotices(group)).toBe(group);
  });
});

test("every unit that a step of a deployment with everything in it restarts has its price", () => {
  const certificate = { kind: "acme", server: "https://acme.example.org/directory", isTrial: false } as const;
  const plan = monitored(withRecorder(planWith([bridge("fra-1", 11)], { certificate })));
  const groups = plan.hosts.flatMap(({ id }) => groupsOf(plan, id));
  const restarted = groups.flatMap((group) =>
    Object.values(group.files).flatMap(({ units }) =>
      Object.keys(units)
        .filter((unit) => units[unit] === "restart")
        .map((unit) => [unit, group] as const),
    ),
  );
  expect(new Set(restarted.map(([unit]) => unit)).size).toBeGreaterThan(15);
  for (const [unit, group] of restarted) expect(priceOf(unit, group).costs).toMatch(/^[a-z]/);
  expect(() => priceOf("nobody-knows.service", { group: "g", files: {}, run: [] })).toThrow(/has no price/);
});

test("a host gets the parts between which it puts the people that it counts", () => {
  const prosody = groupsOf(two, "core").find(({ group }) => group === "prosody");
  if (prosody === undefined) throw new Error("no prosody");
  expect(withWhoNotices(prosody).prices).toEqual({
    "prosody.service": { who: "everybody", what: "has to join again", count: "core" },
  });
});

test("the sentence differs as soon as a file does that the unit restarts for, and only then", () => {
  const group = { group: "g", run: [], files: {} };
  const file = (content: string, action: "restart" | "reload") => ({
    ...{ mode: "0644", owner: "root", group: "root", content },
    units: { "jicofo.service": action },
  });
  const words = (a: string, b: string) =>
    withWhoNotices({ ...group, files: { "/a": file(a, "restart"), "/b": file(b, "reload") } }).whoNotices;
  expect(words("1", "1")).toEqual(words("1", "2"));
  expect(words("1", "1")).not.toEqual(words("2", "1"));
});
