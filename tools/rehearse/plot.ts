/** Curves over time as SVG, without a word from elsewhere. */
import { escapeText } from "./markup";

/** One curve: points of seconds, or what else is counted along, and values. */
export interface Curve {
  name: string;
  points: [number, number][];
}

const WIDTH = 860;
const HEIGHT = 240;
const LEFT = 64;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 28;
const TICKS = 5;
// Of Okabe and Ito: told apart by people who see colours differently.
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/** A figure with a title, its unit, a curve for each series, and the unit of what they run along. */
export function plot(title: string, unit: string, curves: Curve[], along = "s"): string {
  const drawn = curves.filter(({ points }) => points.length > 1);
  if (drawn.length === 0) return "";
  const points = drawn.flatMap((curve) => curve.points);
  const until = roundUp(Math.max(...points.map(([second]) => second)));
  const most = roundUp(Math.max(...points.map(([, value]) => value)));
  const x = (second: number) => LEFT + (second / until) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => HEIGHT - BOTTOM - (value / most) * (HEIGHT - TOP - BOTTOM);
  const parts = [
    ...grid(until, most, along, x, y),
    ...drawn.map((curve, index) => line(curve, colour(index), x, y)),
  ];
  const legend = drawn.map(
    ({ name }, index) => `<span><i style="background:${colour(index)}"></i>${escapeText(name)}</span>`,
  );
  return `<figure><figcaption>${escapeText(title)}, ${escapeText(unit)}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeText(title)}">${parts.join("")}</svg>
<p class="legend">${legend.join("")}</p></figure>`;
}

type Scale = (value: number) => number;

function grid(until: number, most: number, along: string, x: Scale, y: Scale): string[] {
  const steps = Array.from({ length: TICKS + 1 }, (_, step) => step / TICKS);
  return steps.flatMap((share) => [
    `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at(y(share * most))}" y2="${at(y(share * most))}"/>`,
    `<text x="${LEFT - 6}" y="${at(y(share * most) + 4)}" text-anchor="end">${short(share * most)}</text>`,
    `<text x="${at(x(share * until))}" y="${HEIGHT - 8}" text-anchor="middle">${short(share * until)} ${escapeText(along)}</text>`,
  ]);
}

function line({ points }: Curve, stroke: string, x: Scale, y: Scale): string {
  const path = points.map(([second, value]) => `${at(x(second))},${at(y(value))}`).join(" ");
  return `<polyline points="${path}" fill="none" stroke="${stroke}" stroke-width="1.6"/>`;
}

function colour(index: number): string {
  return COLOURS[index % COLOURS.length] ?? "#000";
}

/** The next of 1, 2, 2.5, 5, 10, … so that the ticks are short numbers. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const unit = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 2.5, 5].find((step) => step * unit >= value) ?? 10) * unit;
}

function at(pixels: number): string {
  return pixels.toFixed(1);
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
