import { formatError } from "../../config/errors";
import { valueAt } from "../../config/issues";
import { changed, goodConfig, lab, loadConfig, type Json } from "./configFixtures";

/** What is wrong; where; what the first line says about the value; what the lines of rule and fix mention. */
export type BadCase = [name: string, config: Json, key: string, finding: RegExp, rule: RegExp, fix: RegExp];

export const good = goodConfig();

/** The path of the first bridge, and its key in errors. */
export const bridge = ["regions", 0, "videobridges", 0];
export const BRIDGE = "jitsi:regions[0].videobridges[0]";

/** The good configuration with one value changed. */
export const set = (path: (string | number)[], value: unknown) => changed(good, path, value);

/** The good configuration with one key written otherwise. */
export const renamed = (path: (string | number)[], name: string) =>
  changed(set(path, undefined), [...path.slice(0, -1), name], valueAt(good, path));

/** A good configuration of lab hosts with its region changed. */
export const labConfig = (more: Json) => ({
  ...good,
  regions: [lab("local", { core: {}, videobridges: [{ id: "a" }], ...more })],
});

/** Each case is one error of three lines, and nothing that merely follows from it is reported as well. */
export function testBad(cases: BadCase[]): void {
  test.each(cases)("%s", (_, config, key, finding, rule, fix) => {
    const { errors = [] } = loadConfig(config);
    expect(errors.map((error) => error.key)).toEqual([key]);
    const [first = "", second = "", third = "", ...more] = errors.map(formatError).join("").split("\n");
    expect(more).toEqual([]);
    expect(first.startsWith(`${key} `) && first.endsWith(".")).toBe(true);
    expect(first.slice(key.length + 1, -1)).toMatch(finding);
    expect(second).toMatch(/^ {2}\S/);
    expect(second).toMatch(rule);
    expect(third).toMatch(/^ {2}\S/);
    expect(third).toMatch(fix);
  });
}
