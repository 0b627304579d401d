/** A rehearsal as one page of HTML that needs nothing else. */
import { escapeText } from "./markup";
import type { Look, Rehearsal } from "./measured";
import { type Curve, plot } from "./plot";
import { allFigures, remarks, troubles, unseen } from "./verdict";

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:900px;margin:2em auto;padding:0 1em;color:#222;background:#fff}
table{border-collapse:collapse}td,th{padding:.2em .8em .2em 0;text-align:left;border-bottom:1px solid #ddd}
figure{margin:1.5em 0}figcaption{font-weight:600}svg{width:100%;height:auto}svg text{font-size:11px;fill:#555}.grid{stroke:#e4e4e4}
.legend span{margin-right:1.2em}.legend i{display:inline-block;width:1em;height:.25em;margin-right:.4em;vertical-align:middle}
.right{color:#00663c}.wrong{color:#b00020}`;

/** The page. */
export function pageOf(rehearsal: Rehearsal): string {
  const { deployment, label, machine, crowd } = rehearsal;
  const wrong = troubles(crowd);
  const verdict =
    wrong.length === 0
      ? `<p class="right"><strong>Everybody heard, and was heard.</strong></p>`
      : `<p class="wrong"><strong>Not everybody heard:</strong></p>${list(wrong)}`;
  const about = `${crowd.participants} participants, ${crowd.talkers} talking at a time for ${crowd.turnSeconds} s each, ${crowd.holdSeconds} s after all were in. Started ${crowd.started.slice(0, 19)}Z.`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Rehearsal of ${escapeText(deployment)}</title><style>${STYLE}</style></head><body>
<h1>Rehearsal of ${escapeText(deployment)}</h1>
<p>${escapeText(about)}</p><p>The crowd came from: ${escapeText(machine)}. ${escapeText(label)}</p>
${verdict}${list([...remarks(crowd), ...unseen(rehearsal.hosts)])}
<table>${allFigures(rehearsal)
    .map(([name, value]) => `<tr><th>${escapeText(name)}</th><td>${escapeText(value)}</td></tr>`)
    .join("")}</table>
${hostTable(rehearsal)}
${plots(rehearsal)}
</body></html>
`;
}

function list(lines: string[]): string {
  if (lines.length === 0) return "";
  return `<ul>${lines.map((line) => `<li>${escapeText(line)}</li>`).join("")}</ul>`;
}

function plots({ crowd, hosts }: Rehearsal): string {
  const { samples } = crowd;
  const started = Date.parse(crowd.started);
  const each = (pick: (one: (typeof samples)[number]) => number): [number, number][] =>
    samples.map((one) => [one.second, pick(one)]);
  const ofHosts = (curves: (id: string, looks: Look[]) => Curve[]): Curve[] =>
    Object.entries(hosts).flatMap(([id, looks]) => curves(id, looks));
  return [
    plot("Linked to a bridge, and silent", "participants", [
      { name: "linked", points: each((one) => one.linked) },
      { name: "hear nothing although somebody speaks", points: each((one) => one.silent) },
    ]),
    plot("Delay from talker to listener", "ms", [
      { name: "p50", points: each((one) => one.delayP50 * 1000) },
      { name: "p95", points: each((one) => one.delayP95 * 1000) },
    ]),
    plot("Heard by all together", "packets a second", [
      { name: "packets", points: each((one) => one.packets) },
    ]),
    plot(
      "CPU of the daemons",
      "cores",
      ofHosts((id, looks) => cpuCurves(id, looks, started)),
    ),
    plot(
      "Through the bridges",
      "packets a second",
      ofHosts((id, looks) => packetCurves(id, looks, started)),
    ),
  ].join("\n");
}

/** Daemons that take a hundredth of a core are not drawn. */
const LEAST_DRAWN = 0.05;

function cpuCurves(id: string, looks: Look[], started: number): Curve[] {
  const names = [...new Set(looks.flatMap(({ units }) => Object.keys(units)))];
  const curves = names.map((unit) => ({ name: `${id} ${unit}`, points: cores(looks, unit, started) }));
  return curves.filter(({ points }) => points.some(([, value]) => value > LEAST_DRAWN));
}

function cores(looks: Look[], unit: string, started: number): [number, number][] {
  return looks.slice(1).flatMap((look, index): [number, number][] => {
    const before = looks[index];
    const [now, then] = [look.units[unit], before?.units[unit]];
    if (before === undefined || now === undefined || then === undefined || look.at < started) return [];
    return [
      [(look.at - started) / 1000, ((now.cpuSeconds - then.cpuSeconds) * 1000) / (look.at - before.at)],
    ];
  });
}

function packetCurves(id: string, looks: Look[], started: number): Curve[] {
  const seen = looks.flatMap(({ at, bridge }) => (bridge && at >= started ? [{ at, bridge }] : []));
  const curve = (name: string, pick: (one: (typeof seen)[number]) => number): Curve => ({
    name: `${id} ${name}`,
    points: seen.map((one) => [(one.at - started) / 1000, pick(one)]),
  });
  return [
    curve("in", ({ bridge }) => bridge.packetsInPerSecond),
    curve("out", ({ bridge }) => bridge.packetsOutPerSecond),
  ];
}

/** What each daemon needed while all were in. */
export interface Need {
  host: string;
  unit: string;
  /** Cores on average, and megabytes at most. */
  cores: number;
  megabytes: number;
  packetsIn?: number;
  packetsOut?: number;
  endpoints?: number;
}

/** What the daemons of all hosts needed while all were in. */
export function needs({ crowd, hosts }: Rehearsal): Need[] {
  const from = Date.parse(crowd.started) + crowd.allIn * 1000;
  return Object.entries(hosts).flatMap(([host, all]) => {
    const looks = all.filter(({ at }) => at >= from);
    const [first, last] = [looks[0], looks.at(-1)];
    if (first === undefined || last === undefined || last.at === first.at) return [];
    return Object.keys(last.units).map((unit): Need => {
      const used = (last.units[unit]?.cpuSeconds ?? 0) - (first.units[unit]?.cpuSeconds ?? 0);
      const most = Math.max(...looks.map(({ units }) => units[unit]?.memoryKilobytes ?? 0));
      const need: Need = { host, unit, cores: (used * 1000) / (last.at - first.at), megabytes: most / 1024 };
      return unit === "jitsi-videobridge2" ? { ...need, ...traffic(looks) } : need;
    });
  });
}

function traffic(looks: Look[]): Partial<Need> {
  const seen = looks.flatMap(({ bridge }) => bridge ?? []);
  if (seen.length === 0) return {};
  const average = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    packetsIn: average(seen.map((one) => one.packetsInPerSecond)),
    packetsOut: average(seen.map((one) => one.packetsOutPerSecond)),
    endpoints: Math.max(...seen.map((one) => one.endpoints)),
  };
}

function hostTable(rehearsal: Rehearsal): string {
  const rows = needs(rehearsal);
  if (rows.length === 0) return "<p>The hosts were not looked at.</p>";
  const cells = rows.map(({ host, unit, cores: used, megabytes, packetsIn, packetsOut, endpoints }) => {
    const numbers = [used.toFixed(2), megabytes.toFixed(0), ...[endpoints, packetsIn, packetsOut].map(whole)];
    return `<tr><td>${escapeText(host)}</td><td>${escapeText(unit)}</td>${numbers.map((one) => `<td>${one}</td>`).join("")}</tr>`;
  });
  const names = ["host", "daemon", "cores", "MB", "endpoints", "packets/s in", "packets/s out"];
  return `<h2>While all were in</h2><table><tr>${names.map((name) => `<th>${name}</th>`).join("")}</tr>${cells.join("")}</table>`;
}

function whole(value: number | undefined): string {
  return value === undefined ? "" : String(Math.round(value));
}
