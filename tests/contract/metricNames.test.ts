import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as YAML from "yaml";
import { DASHBOARDS } from "../../monitoring/dashboards";
import { RULES_FILE } from "../../services/prometheus";
import { bridgeOnCore, monitored, planWith } from "../unit/servicesFixture";
import { exported, fits, groupedBy, selectors, type Labels } from "./exported";
import { content } from "./files";

interface Alert {
  alert: string;
  expr: string;
  annotations: Record<string, string>;
}

const alerts = (
  YAML.parse(readFileSync(RULES_FILE, "utf8")) as { groups: { rules: Alert[] }[] }
).groups.flatMap(({ rules }) => rules);

/** What Prometheus adds to every series itself (templates/prometheus/prometheus.yml). */
const OF_PROMETHEUS = ["instance", "job", "region"];

/** Ours, as the helper writes them: names and labels stand in its source as they are. */
function ofTheHelper(): [string, Labels][] {
  const source = readFileSync(join(__dirname, "../../host/audio_meet/checks/metrics.py"), "utf8");
  const labels = [...source.matchAll(/\{"(\w+)": /g)].map(([, label = ""]) => [label, undefined] as const);
  const names = [...source.matchAll(/"(audio_meet_\w+)"/g)].map(([, name = ""]) => name);
  const plan = monitored(planWith([bridgeOnCore("main")]));
  const { gauges } = JSON.parse(content("/etc/audio-meet/metrics/textfile.json", "core", plan)) as {
    gauges: object;
  };
  return [...names, ...Object.keys(gauges)].map((name) => [name, Object.fromEntries(labels)]);
}

/** Ours in the main Prosody: "prosody_mod_", the module, two lines and the name, with the host that the module is on (core.statsmanager). */
function ofOurModules(): [string, Labels][] {
  const folder = join(__dirname, "../../templates/prosody");
  const modules = readdirSync(folder).flatMap((file) => /^mod_(\w+)\.lua$/.exec(file)?.[1] ?? []);
  return modules.flatMap((module) => {
    const source = readFileSync(join(folder, `mod_${module}.lua`), "utf8");
    const names = [...source.matchAll(/module:metric\("\w+", "(\w+)"/g)];
    return names.map(([, name = ""]): [string, Labels] => [
      `prosody_mod_${module}__${name}`,
      { host: undefined },
    ]);
  });
}

const known = new Map<string, Labels>([["up", {}], ...exported(), ...ofTheHelper(), ...ofOurModules()]);

/** Everything in an expression that nobody exports. */
function missing(expression: string): string[] {
  const asked = selectors(expression);
  const wrong = asked.flatMap(({ name, matchers }) => {
    const labels = known.get(name);
    if (labels === undefined) return [name];
    return matchers
      .filter(({ label }) => !OF_PROMETHEUS.includes(label))
      .filter((matcher) => {
        if (!(matcher.label in labels)) return true;
        const values = labels[matcher.label];
        return values !== undefined && !fits(values, matcher);
      })
      .map(({ label, operator, value }) => `${name}{${label}${operator}"${value}"}`);
  });
  const labelled = asked.flatMap(({ name }) => Object.keys(known.get(name) ?? {}));
  const groups = groupedBy(expression).filter((label) => ![...labelled, ...OF_PROMETHEUS].includes(label));
  return [...wrong, ...groups.map((label) => `by (${label})`)];
}

test.each(alerts.map(({ alert, expr }) => [alert, expr]))(
  "%s looks at what the real daemons and exporters say",
  (_, expr) => {
    expect(selectors(expr).length).toBeGreaterThan(0);
    expect(missing(expr)).toEqual([]);
  },
);

test.each(alerts.map((alert) => [alert.alert, alert] as const))(
  "%s names in its words labels that the series have",
  (_, { expr, annotations }) => {
    const named = Object.values(annotations).flatMap((text) =>
      [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label = ""]) => label),
    );
    // Of a sum the labels are left that it is made by.
    const isSum = /\b(sum|avg|count|min|max)\b/.test(expr);
    const own = selectors(expr).flatMap(({ name }) => Object.keys(known.get(name) ?? {}));
    const there = isSum ? groupedBy(expr) : [...own, ...OF_PROMETHEUS];
    expect(named.filter((label) => !there.includes(label))).toEqual([]);
  },
);

test.each(
  DASHBOARDS.flatMap(({ title, panels }) =>
    panels.map((panel) => [title, panel.title, panel.queries] as const),
  ),
)("%s, %s: each line is of what is really said", (_, __, queries) => {
  // A variable of Grafana is any host.
  for (const [, expression] of queries) expect(missing(expression.replaceAll("$host", ".*"))).toEqual([]);
});

test("what nobody says is noticed: a name, a label, and a value of a label that has few", () => {
  expect(missing("jitsi_jvb_nothing > 1")).toEqual(["jitsi_jvb_nothing"]);
  expect(missing('node_cpu_seconds_total{state="idle"}')).toEqual(['node_cpu_seconds_total{state="idle"}']);
  expect(missing('jitsi_jvb_rtp_transit_time_bucket{le="51.0"}')).toEqual([
    'jitsi_jvb_rtp_transit_time_bucket{le="51.0"}',
  ]);
  expect(missing("sum by (shard) (jitsi_jvb_stress)")).toEqual(["by (shard)"]);
});
