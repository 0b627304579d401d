import { groupsOf, packagesFor } from "../../services/onHost";
import { hostPlanOf } from "../../services/roles";
import { trustGroup } from "../../services/trust";
import { priceOf, withWhoNotices } from "../../services/whoNotices";
import { AUTHORITY_PEM, bridge, monitored, planWith, withRecorder } from "./servicesFixture";

const one = planWith([bridge("fra-1", 3)]);
const two = planWith([bridge("fra-1", 3), bridge("fra-2", 4)]);

/** The sentence of a unit in a group of a host, without the digest. */
function sentence(plan: typeof one, host: string, group: string, unit: string): string | undefined {
  const found = groupsOf(plan, host).find((each) => each.group === group);
  if (found === undefined) throw new Error(`${host} has no group ${group}`);
  return withWhoNotices(found, plan).whoNotices?.[unit]?.replace(/^restarts with [0-9a-f]{6}: /, "");
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
    for (const group of host) expect(withWhoNotices(group, two)).toBe(group);
  });
});

test("every unit that a step of a deployment with everything in it restarts has its price", () => {
  const certificate = { kind: "acme", server: "https://acme.example.org/directory", isTrial: false } as const;
  const plan = monitored(
    withRecorder(planWith([bridge("fra-1", 11)], { certificate, restarts: "whenEmpty" })),
  );
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
  expect(withWhoNotices(prosody, two).prices).toEqual({
    "prosody.service": { who: "everybody", what: "has to join again", count: "core" },
  });
});

describe("what waits under jitsi:restarts", () => {
  const waiting = { ...two, restarts: "whenEmpty" as const };

  test("what throws people out, or cuts them off for long, waits; a short gap and a bridge do not", () => {
    const until = "; waits until nobody is in a conference";
    expect(sentence(waiting, "core", "prosody", "prosody.service")).toBe(
      `everybody has to join again${until}`,
    );
    for (const [group, unit] of [
      ["nginx", "nginx.service"],
      ["coturn", "coturn.service"],
    ] as const)
      expect(sentence(waiting, "core", group, unit)).toMatch(new RegExp(`${until}$`));
    for (const [host, group, unit] of [
      ["core", "prosody-jvb", "prosody-jvb.service"],
      ["core", "jicofo", "jicofo.service"],
      ["fra-1", "videobridge", "jitsi-videobridge2.service"],
    ] as const)
      expect(sentence(waiting, host, group, unit)).not.toContain("waits");
  });

  test("a restart that ends recordings waits where there may be one", () => {
    const recording = withRecorder(waiting);
    expect(sentence(recording, "core", "jicofo", "jicofo.service")).toMatch(/ends; waits until nobody/);
  });

  test("a window is named as it was written", () => {
    const window = { days: ["Sun" as const], begins: "03:00", ends: "05:00", zone: "Europe/Berlin" };
    const plan = { ...two, restarts: { ...window, text: "Sun 03:00-05:00 Europe/Berlin" } };
    const words = "; waits until Sun 03:00-05:00 Europe/Berlin";
    expect(sentence(plan, "core", "prosody", "prosody.service")).toMatch(new RegExp(`${words}$`));
  });

  test("another authority does not wait, and says why", () => {
    const recording = withRecorder(waiting);
    const pems = {
      caPem: AUTHORITY_PEM,
      mainCertPem: AUTHORITY_PEM,
      techCertPem: AUTHORITY_PEM,
      webCertPem: AUTHORITY_PEM,
    };
    const trust = withWhoNotices(trustGroup(recording, "core", pems), recording);
    expect(trust.whoNotices?.["jicofo.service"]).toMatch(
      /; does not wait: whoever has the key of the authority/,
    );
    expect(Object.values(trust.restarts?.atOnce ?? {})).toHaveLength(1);
  });

  test("without the key no document speaks of it", () => {
    for (const group of groupsOf(two, "core")) expect(withWhoNotices(group, two).restarts).toBeUndefined();
    expect(packagesFor(two, hostPlanOf(two, "core")).restarts).toBeUndefined();
    expect(packagesFor(waiting, hostPlanOf(waiting, "core")).restarts?.units).toContain("prosody.service");
    expect(packagesFor(waiting, hostPlanOf(waiting, "fra-1")).restarts).toBeUndefined();
  });
});

test("the sentence differs as soon as a file does that the unit restarts for, and only then", () => {
  const group = { group: "g", run: [], files: {} };
  const file = (content: string, action: "restart" | "reload") => ({
    ...{ mode: "0644", owner: "root", group: "root", content },
    units: { "jicofo.service": action },
  });
  const words = (a: string, b: string) =>
    withWhoNotices({ ...group, files: { "/a": file(a, "restart"), "/b": file(b, "reload") } }, two)
      .whoNotices;
  expect(words("1", "1")).toEqual(words("1", "2"));
  expect(words("1", "1")).not.toEqual(words("2", "1"));
});
