import { groupsOf } from "../../services/onHost";
import { withWhoNotices } from "../../services/whoNotices";
import { bridge, planWith } from "./servicesFixture";

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
    expect(sentence(one, "fra-1", "videobridge", "jitsi-videobridge2.service")).toMatch(/hears nothing/);
  });

  test("a group that restarts no daemon of conferences says nothing", () => {
    for (const group of groupsOf(two, "core").filter(({ group }) => ["firewall", "kernel"].includes(group)))
      expect(withWhoNotices(group)).toBe(group);
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
