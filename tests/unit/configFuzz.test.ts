import * as fc from "fast-check";
import { load } from "../../config/load";
import { changed, goodConfig, loadConfig, recordOf } from "./configFixtures";

describe("whatever is thrown at it", () => {
  const words = [
    "core",
    "lab",
    "existing",
    "127.0.0.1",
    "10.0.0.1",
    "__proto__",
    "constructor",
    "id",
    "name",
    "machines",
  ];
  const names = [
    "name",
    "machines",
    "provider",
    "core",
    "videobridges",
    "id",
    "on",
    "address",
    "hostKey",
    "port",
    "__proto__",
  ];
  const leaf = fc.oneof(
    fc.constantFrom(...words),
    fc.string(),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6, withCrossShrink: true },
      leaf,
      fc.array(tie("tree"), { maxLength: 4 }),
      fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), tie("tree"), { maxKeys: 5 }),
    ),
  }));

  test("it never throws, and every error has its four parts", () => {
    const text = fc.oneof(
      tree.map((value) => JSON.stringify(value)),
      fc.string(),
    );
    const names = fc.oneof(
      fc.constantFrom(...Object.keys(recordOf(goodConfig())), "jitsi:drain", "jitsi:release"),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.dictionary(names, text), fc.array(names), (record, secretKeys) => {
        const { settings, errors = [] } = load(record, new Set(secretKeys));
        expect(settings === undefined).toBe(errors.length > 0);
        for (const { key, finding, rule, fix } of errors) expect([key, finding, rule, fix]).not.toContain("");
      }),
      { numRuns: 300 },
    );
  });

  test("one wild value in a good configuration never throws", () => {
    const paths = [
      ["domain"],
      ["regions"],
      ["regions", 0],
      ["regions", 0, "core"],
      ["regions", 0, "machines"],
      ["regions", 0, "videobridges", 0],
      ["regions", 0, "videobridges", 0, "address"],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...paths), tree, (path, value) => {
        expect(() => loadConfig(changed(goodConfig(), path, value))).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });
});
