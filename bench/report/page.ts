import { escapeText } from "../../tools/rehearse/markup";
import { type Curve, plot } from "../../tools/rehearse/plot";
import type { Report, Previews } from "../steps/report";
import { type Figure, FIGURES, type Group, type Spread, spread } from "./figures";

/** Everything that a report is made of. */
export interface Bench {
  commit: string;
  /** When it began, and how long it took. */
  started: string;
  minutes: number;
  joins: Group[];
  /** Mean load of the machine before each run of joins. */
  loads: Spread;
  steps: Report;
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:920px;margin:2em auto;padding:0 1em;color:#222}
table{border-collapse:collapse;margin:1em 0;font-size:13px}th,td{border:1px solid #ccc;padding:.25em .6em;text-align:right}
td:first-child,th{text-align:left}figure{margin:2em 0}figcaption{font-weight:600}svg{width:100%}.grid{stroke:#ddd}
svg text{font-size:11px;fill:#555}.legend span{margin-right:1.5em}.legend i{display:inline-block;width:1em;height:.3em;margin-right:.4em}`;

/** One page that needs nothing from elsewhere. */
export function page(bench: Bench): string {
  const { processor, cores, memoryGigabytes, node } = bench.steps.machine;
  const { least, most } = bench.loads;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Benchmark of Audio Meet</title><style>${STYLE}</style></head><body>
<h1>Benchmark of Audio Meet</h1>
<p>Commit ${escapeText(bench.commit)}, ${escapeText(bench.started.slice(0, 16))}Z, ${bench.minutes} minutes.
${escapeText(processor)}, ${cores} cores, ${memoryGigabytes} GB, Node ${escapeText(node)}. Load before the runs: ${least.toFixed(1)} to ${most.toFixed(1)}${
    most > cores ? ": <strong>other work shared the machine, so this is no result</strong>" : ""
  }.</p>
<h2>People join one room</h2>
<p>Real: Prosody, nginx with TLS, the stack as it is deployed. Stand-in: jicofo, which costs next to nothing, and browsers: one
program says what hundreds of them would say. No sound. Generator and core share the machine. Of the runs of one kind the one in the middle;
in brackets the least and the most.</p>
${joinTable(bench.joins)}
${joinPlots(bench.joins)}
<h2>Previews that change nothing</h2>
<p>Real: engine and program. Stand-in: the provider of commands, which answers at once. Beside each a bare program with as many resources.</p>
${stepTable(bench.steps.previews)}
${stepPlots(bench.steps.previews)}
</body></html>
`;
}

const TOLD: Figure[] = [
  "prosodyPerJoin",
  "nginxPerJoin",
  "joined",
  "allIn",
  "holding",
  "memory",
  "left",
  "lost",
];
const DRAWN: Figure[] = ["prosodyPerJoin", "allIn", "joined", "memory"];

function joinTable(groups: Group[]): string {
  const heads = ["run", "runs", ...TOLD.map((name) => `${FIGURES[name].title}, ${FIGURES[name].unit}`)];
  return table(
    heads,
    groups.map((group) => [
      `${group.participants} @ ${group.perSecond}/s, ${group.setting}`,
      String(group.runs),
      ...TOLD.map((name) => told(group.figures[name])),
    ]),
  );
}

/** A curve for each setting and rate, over the number of people. */
function joinPlots(groups: Group[]): string {
  const lines = [...new Set(groups.map(lineOf))];
  return DRAWN.map((name) => {
    const curves = lines.map((line): Curve => {
      const points = groups.filter((group) => lineOf(group) === line);
      return {
        name: line,
        points: points.map(({ participants, figures }) => [participants, figures[name].median]),
      };
    });
    return plot(FIGURES[name].title, FIGURES[name].unit, curves, "people");
  }).join("\n");
}

function lineOf({ setting, perSecond }: Group): string {
  return `${setting} @ ${perSecond}/s`;
}

function stepTable(previews: Previews[]): string {
  const heads = [
    "bridges",
    "resources",
    "runs",
    "wall, s",
    "bare",
    "CPU, s",
    "bare",
    "program's memory, MB",
    "bare",
  ];
  return table(
    heads,
    previews.map(({ bridges, resources, program, bare }) => [
      String(bridges),
      String(resources),
      String(program.length),
      ...(["wallSeconds", "cpuSeconds", "programMegabytes"] as const).flatMap((field) =>
        [program, bare].map((runs) => told(spread(runs.map((run) => run[field])))),
      ),
    ]),
  );
}

function stepPlots(previews: Previews[]): string {
  const curve = (name: string, pick: (one: Previews) => number[]): Curve => ({
    name,
    points: previews.map((one) => [one.bridges, spread(pick(one)).median]),
  });
  return (["wallSeconds", "cpuSeconds"] as const)
    .map((field) =>
      plot(
        field === "wallSeconds" ? "Time of a preview" : "CPU of a preview",
        "s",
        [
          curve("this program", ({ program }) => program.map((run) => run[field])),
          curve("a bare program", ({ bare }) => bare.map((run) => run[field])),
        ],
        "bridges",
      ),
    )
    .join("\n");
}

function told({ median, least, most }: Spread): string {
  const digits = most < 10 ? 1 : 0;
  const [middle, low, high] = [median, least, most].map((value) => value.toFixed(digits));
  return low === high ? `${middle}` : `${middle} (${low}–${high})`;
}

function table(heads: string[], rows: string[][]): string {
  const cells = (tag: string, texts: string[]) =>
    texts.map((text) => `<${tag}>${escapeText(text)}</${tag}>`).join("");
  return `<table><tr>${cells("th", heads)}</tr>${rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("")}</table>`;
}
