import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as YAML from "yaml";
import { DASHBOARDS } from "../../monitoring/dashboards";
import { AUTHORITY } from "../../services/links/authority";
import { PROMETHEUS } from "../../services/prometheus";
import { RULES_FILE } from "../../services/prometheus";
import { DASHBOARD_FOLDER, dashboardJson } from "../../tools/dashboards";
import { bridgeOnCore, monitored, planWith, publicBridge } from "../unit/servicesFixture";
import { behindProxy, content, PLAN } from "./files";
import { inFolder, run, testWith } from "./programs";

interface RuleTest {
  name: string;
  promql_expr_test: { expr: string; exp_samples: unknown[] }[];
}

const tests = (
  YAML.parse(readFileSync(RULES_FILE.replace("rules.yml", "rules.test.yml"), "utf8")) as {
    tests: RuleTest[];
  }
).tests;
const alerts = (
  YAML.parse(readFileSync(RULES_FILE, "utf8")) as { groups: { rules: { alert: string }[] }[] }
).groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));

/** One test of the rules on its own, so that each is counted; `change` is done to the rules first. */
function promtool(one: RuleTest, change: (rules: string) => string = (text) => text) {
  return inFolder((folder) => {
    writeFileSync(join(folder, "rules.yml"), change(readFileSync(RULES_FILE, "utf8")));
    const document = { rule_files: ["rules.yml"], evaluation_interval: "1m", tests: [one] };
    writeFileSync(join(folder, "test.yml"), YAML.stringify(document));
    return run("promtool", ["test", "rules", join(folder, "test.yml")]);
  });
}

test("every alert has a test in which it fires and one in which it keeps silent", () => {
  for (const alert of alerts) {
    const own = tests.filter(({ name }) => name.startsWith(`${alert}: `));
    const samples = own.map(({ promql_expr_test: [only] }) => only?.exp_samples.length).sort();
    expect([alert, samples]).toEqual([alert, [0, 1]]);
  }
});

for (const one of tests) {
  testWith(["promtool"], one.name, () => {
    expect(promtool(one)).toMatchObject({ code: 0 });
  });
}

testWith(["promtool"], "a rule that never fires is noticed by these tests", () => {
  const [first] = tests;
  if (!first) throw new Error("there are no tests");
  expect(promtool(first, (rules) => rules.replace("_operational < 1", "_operational < 0")).code).toBe(1);
});

const PLANS = {
  "one machine": monitored(planWith([bridgeOnCore("main")])),
  "bridges in two regions": monitored(PLAN),
  "a host with an IPv6 address": monitored(
    planWith([{ ...publicBridge("six", 6), publicAddress: "2001:db8::6" }]),
  ),
};

for (const [name, plan] of Object.entries(PLANS)) {
  testWith(["promtool"], `promtool accepts the configuration for ${name}`, () => {
    inFolder((folder) => {
      const file = (path: string) => join(folder, path.replaceAll("/", "_"));
      let text = content(PROMETHEUS.config, "monitoring", plan);
      text = text.replaceAll(AUTHORITY, file(AUTHORITY));
      // Without its rules the configuration is good as well: they are checked side by side, before either is in place.
      writeFileSync(join(folder, "prometheus.yml"), text);
      writeFileSync(file(AUTHORITY), "");
      expect(run("promtool", ["check", "config", join(folder, "prometheus.yml")]).code).toBe(0);
      text = text.replaceAll(PROMETHEUS.everyRule, file(PROMETHEUS.rules));
      writeFileSync(file(PROMETHEUS.rules), content(PROMETHEUS.rules, "monitoring", plan));
      writeFileSync(join(folder, "prometheus.yml"), text);
      const { code, output } = run("promtool", ["check", "config", join(folder, "prometheus.yml")]);
      expect([code, output]).toEqual([0, expect.stringContaining(`${alerts.length} rules found`)]);
    });
  });
}

const prometheus = PLANS["one machine"].monitoring?.prometheus;
const { webhook, mail } = prometheus?.receivers ?? {};
const RECEIVERS = Object.entries({
  nobody: {},
  "a webhook": { webhook },
  mail: { mail },
  both: { webhook, mail },
});
for (const [name, receivers] of RECEIVERS) {
  testWith(["amtool"], `amtool accepts the configuration for alerts to ${name}`, () => {
    const plan = monitored(planWith([bridgeOnCore("main")]));
    if (plan.monitoring?.prometheus) Object.assign(plan.monitoring.prometheus, { receivers });
    inFolder((folder) => {
      const path = join(folder, "alertmanager.yml");
      for (const each of [plan, behindProxy(plan)]) {
        writeFileSync(path, content(PROMETHEUS.alertmanager, "monitoring", each));
        expect(run("amtool", ["check-config", path])).toMatchObject({ code: 0 });
      }
    });
  });
}

test.each(DASHBOARDS.map((dashboard) => [dashboard.uid, dashboard] as const))(
  "%s lies there as it is made",
  (uid, dashboard) => {
    expect(readFileSync(join(DASHBOARD_FOLDER, `${uid}.json`), "utf8")).toBe(dashboardJson(dashboard));
  },
);

testWith(["promtool"], "every expression of a dashboard can be read", () => {
  const expressions = DASHBOARDS.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries));
  const rules = expressions.map(([, expr], at) => ({ record: `panel_${at}`, expr }));
  inFolder((folder) => {
    const path = join(folder, "panels.yml");
    writeFileSync(path, YAML.stringify({ groups: [{ name: "panels", rules }] }));
    expect(run("promtool", ["check", "rules", path])).toMatchObject({ code: 0 });
  });
});
