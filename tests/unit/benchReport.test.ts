import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as YAML from "yaml";
import { groups, spread } from "../../bench/report/figures";
import { type Bench, page } from "../../bench/report/page";
import type { Result } from "../../bench/result";
import { withSetting } from "../../bench/setting";
import { benchRun } from "./benchFixture";

const run = (label: string, participants: number, cpuSeconds: number): Result => {
  const one = benchRun(label, participants);
  return { ...one, join: { ...one.join, prosody: { ...one.join.prosody, cpuSeconds } } };
};

const RUNS = [
  run("broadcastOnce=false", 100, 4),
  run("broadcastOnce=false", 500, 35),
  run("broadcastOnce=false", 100, 2),
  run("broadcastOnce=false", 500, 30),
  run("broadcastOnce=true", 100, 1),
  run("broadcastOnce=true", 500, 10),
  run("broadcastOnce=false", 100, 3),
];

test("runs of one kind are told together: the one in the middle, and how far apart they are", () => {
  const [first, ...others] = groups(RUNS);
  expect(first).toMatchObject({ setting: "broadcastOnce=false", participants: 100, perSecond: 30, runs: 3 });
  expect(first?.figures.prosodyPerJoin).toEqual({ median: 30, least: 20, most: 40 });
  expect(others.map(({ setting, participants }) => [setting, participants])).toEqual([
    ["broadcastOnce=false", 500],
    ["broadcastOnce=true", 100],
    ["broadcastOnce=true", 500],
  ]);
});

function bench(most: number): Bench {
  const used = (wallSeconds: number) => ({ wallSeconds, cpuSeconds: 2 * wallSeconds, programMegabytes: 200 });
  return {
    commit: "abc<1>",
    started: "2026-11-30T03:00:00.000Z",
    minutes: 22,
    joins: groups(RUNS),
    loads: { ...spread([0.1]), most },
    steps: {
      label: "now",
      machine: { processor: "A processor", cores: 2, memoryGigabytes: 24, node: "v20", loadBefore: 0.1 },
      previews: [1, 10].map((bridges) => ({
        bridges,
        resources: 45,
        program: [used(4), used(5), used(6)],
        bare: [used(3), used(3), used(3)],
      })),
    },
  };
}

test("the page tells machine, spread, what was real, and draws a line for each setting", () => {
  const html = page(bench(0.3));
  expect(html).toContain("A processor, 2 cores, 24 GB, Node v20. Load before the runs: 0.1 to 0.3.");
  expect(html).toContain("abc&lt;1&gt;");
  expect(html).toContain("<td>100 @ 30/s, broadcastOnce=false</td><td>3</td><td>30 (20–40)</td>");
  expect(html).toContain("<td>5.0 (4.0–6.0)</td><td>3.0</td>");
  expect(html).toMatch(/Stand-in: jicofo/);
  const [figure = ""] = /<figure>.*?<\/figure>/s.exec(html) ?? [];
  expect(figure.match(/<polyline/g)).toHaveLength(2);
  expect(figure).toMatch(/>500 people</);
  expect(html).not.toContain("no result");
  expect(html).not.toMatch(/https?:/);
});

test("a page from a machine that others used says that it is no result", () => {
  expect(page(bench(12))).toContain("no result");
});

test("a setting changes its switches in the stack file of the benchmark, and nothing else", () => {
  const text = readFileSync(join(__dirname, "../../bench/Pulumi.bench.yaml"), "utf8");
  const config = (changed: string) => (YAML.parse(changed) as { config: Record<string, unknown> }).config;
  const before = config(text);
  const after = config(withSetting(text, "jitsiModules=true,lobby=false", "1000"));
  expect(after).toEqual({
    ...before,
    "jitsi:audience": { participants: 1000 },
    "jitsi:features": { streamManagement: false, jitsiModules: true, lobby: false },
  });
  expect(config(withSetting(text, "polls=true", "", "/plugins"))["jitsi:release"]).toMatchObject({
    meetProsody: "1.0.0+plugins.*",
  });
  expect(() => withSetting(text, "polls")).toThrow("write lobby=true");
});
