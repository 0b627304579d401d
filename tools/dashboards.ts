import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DASHBOARDS, type Dashboard, type Panel } from "../monitoring/dashboards";

/** Where the dashboards lie, ready for Grafana's import. */
export const DASHBOARD_FOLDER = join(__dirname, "..", "monitoring", "dashboards");

/** Grafana's grid is 24 wide; two panels stand side by side. */
const WIDTH = 12;
const HEIGHT = 8;

/** The JSON of one dashboard as Grafana 9 and newer import it; it asks which Prometheus to read. */
export function dashboardJson({ uid, title, panels, variable }: Dashboard): string {
  const variables = variable === undefined ? [] : [hostVariable(variable)];
  const document = {
    uid,
    title,
    tags: ["audio-meet"],
    schemaVersion: 36,
    editable: true,
    refresh: "30s",
    time: { from: "now-3h", to: "now" },
    templating: { list: [DATASOURCE, ...variables] },
    panels: panels.map(panelJson),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

const SOURCE = { type: "prometheus", uid: "${source}" };
const DATASOURCE = { name: "source", label: "Prometheus", type: "datasource", query: "prometheus" };

/** A choice of hosts, by the metric that only such hosts have. */
function hostVariable(metric: string) {
  const query = `label_values(${metric}, instance)`;
  const many = { includeAll: true, multi: true, current: { text: "All", value: "$__all" } };
  return { name: "host", label: "Host", type: "query", datasource: SOURCE, query, refresh: 2, ...many };
}

function panelJson({ title, unit, queries }: Panel, index: number) {
  return {
    id: index + 1,
    type: "timeseries",
    title,
    datasource: SOURCE,
    gridPos: {
      x: (index % 2) * WIDTH,
      y: Math.floor(index / 2) * HEIGHT,
      w: WIDTH,
      h: HEIGHT,
    },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: queries.map(([legendFormat, expr], at) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + at),
      datasource: SOURCE,
      expr,
      legendFormat,
    })),
  };
}

if (require.main === module) {
  for (const dashboard of DASHBOARDS) {
    writeFileSync(join(DASHBOARD_FOLDER, `${dashboard.uid}.json`), dashboardJson(dashboard));
  }
}
