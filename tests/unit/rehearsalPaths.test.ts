import type { Crowd } from "../../tools/rehearse/measured";
import { type Path, pathOf, rounds, verdictOf, wishOfPair } from "../../tools/rehearse/paths";

const bridge = (region: string, publicAddress: string) => ({
  region,
  publicAddress,
  privateAddress: `10.${publicAddress}`,
});
const BRIDGES = { "fra-1": bridge("eu", "0.0.1"), "iad-1": bridge("us", "0.0.2") };
const TWO_IN_ONE = { ...BRIDGES, "fra-2": bridge("eu", "0.0.3") };

function pair(one: object, other: object): Crowd {
  const person = (address: string, more: object) => ({
    bridge: { address, region: "" },
    heardTurns: 1,
    ...more,
  });
  return { people: [person("0.0.1", one), person("10.0.0.2", other)] } as unknown as Crowd;
}

/** All paths of two bridges, each heard. */
const ALL: Path[] = (["UDP", "TURN over TLS"] as const).flatMap((way) =>
  [
    ["fra-1", "fra-1"],
    ["iad-1", "iad-1"],
    ["fra-1", "iad-1"],
  ].map((ids) => ({
    way,
    bridges: ids as [string, string],
    wrong: [],
  })),
);

describe("the paths that are tried", () => {
  test("are each region by itself and each pair, over UDP and then over TURN", () => {
    const tried = rounds(BRIDGES).flat();
    expect(tried.map(({ way, regions }) => `${regions.join("-")} ${way}`)).toEqual([
      "eu-eu UDP",
      "us-us UDP",
      "eu-us UDP",
      "eu-eu TURN over TLS",
      "us-us TURN over TLS",
      "eu-us TURN over TLS",
    ]);
  });

  test("are more rooms at a time where a region has more bridges, within a bound", () => {
    expect(rounds(TWO_IN_ONE)[0]).toHaveLength(4);
    const many = Object.fromEntries(
      Array.from({ length: 20 }, (_, n) => [`b-${n}`, bridge("eu", `0.0.${n}`)]),
    );
    expect(rounds(many)[0]).toHaveLength(12);
  });

  test("use nothing but relayed addresses where UDP is closed", () => {
    expect(wishOfPair({ way: "TURN over TLS", regions: ["eu", "us"] }, "r")).toMatchObject({
      relayedOver: "tls",
      regions: ["eu", "us"],
      participants: 2,
    });
    expect(wishOfPair({ way: "UDP", regions: ["eu", "us"] }, "r").relayedOver).toBeUndefined();
  });
});

describe("a path", () => {
  test("is between the bridges that jicofo gave, by whichever of their addresses", () => {
    expect(pathOf("UDP", pair({}, {}), BRIDGES)).toEqual({
      way: "UDP",
      bridges: ["fra-1", "iad-1"],
      wrong: [],
    });
  });

  test("says which end is deaf, and why where that is known", () => {
    const path = pathOf(
      "UDP",
      pair({ heardTurns: 0 }, { heardTurns: 0, failure: "ICE: not reached" }),
      BRIDGES,
    );
    expect(path.wrong).toEqual([
      "the participant on fra-1 hears nothing of the one on iad-1",
      "the participant on iad-1: ICE: not reached",
    ]);
  });
});

describe("the verdict on all paths", () => {
  test("is good where each carried sound", () => {
    expect(verdictOf(ALL, BRIDGES)).toEqual({ silent: [], notes: [] });
  });

  test("names the silent path", () => {
    const paths = ALL.map((path, index) =>
      index === 2 ? { ...path, wrong: ["the participant on iad-1: no"] } : path,
    );
    expect(verdictOf(paths, BRIDGES).silent).toEqual([
      { path: "fra-1 and iad-1 over UDP", way: "UDP", why: "the participant on iad-1: no" },
    ]);
  });

  test("says once what both of a path say", () => {
    const wrong = Array.from({ length: 2 }, () => "the participant on fra-1: no");
    const paths = ALL.map((path, index) => (index === 0 ? { ...path, wrong } : path));
    expect(verdictOf(paths, BRIDGES).silent.map(({ why }) => why)).toEqual(["the participant on fra-1: no"]);
  });

  test("names a bridge that nobody was given, for each way", () => {
    expect(verdictOf(ALL, TWO_IN_ONE).silent.map(({ path, why }) => `${path}: ${why}`)).toEqual([
      "fra-2 over UDP: jicofo gave it to nobody",
      "fra-2 over TURN over TLS: jicofo gave it to nobody",
    ]);
  });

  test("tells which pairs could not be tried", () => {
    const more: Path[] = (["UDP", "TURN over TLS"] as const).map((way) => ({
      way,
      bridges: ["fra-2", "fra-2"],
      wrong: [],
    }));
    const { silent, notes } = verdictOf([...ALL, ...more], TWO_IN_ONE);
    expect(silent).toEqual([]);
    expect(notes).toEqual([expect.stringMatching(/^not tried, .*: fra-1 and fra-2, fra-2 and iad-1$/)]);
  });

  test("calls a deployment without TURN no silent one, and says what it lacks", () => {
    const paths = ALL.map((path) =>
      path.way === "UDP"
        ? path
        : { ...path, wrong: ["the participant on fra-1: the server offers no TURN over tls"] },
    );
    expect(verdictOf(paths, BRIDGES)).toEqual({
      silent: [],
      notes: ["the deployment offers no TURN over TLS: who has no UDP hears nobody"],
    });
  });
});
