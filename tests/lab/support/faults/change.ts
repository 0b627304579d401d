import { setTimeout as pause } from "node:timers/promises";
import { tableLines } from "../../../../tools/markdown";
import { until } from "../until";
import type { Noticed } from "./crowd";
import { BRIDGES, type Host } from "./fault";
import type { Scene } from "./scene";
import type { BridgeLook } from "./watch";

const ON_EACH_BRIDGE = 20;
/** The last bridge that restarted may still be handing over. */
const HANDING_OVER_SECONDS = 30;
/** Nobody is counted on a bridge that has not answered for so long. */
const SILENT_MILLISECONDS = 3000;
/** Bridges are looked at twice a second, each at its own moment. */
const SEEN_SECONDS = 1;

/** What an `up` cost the people who were there. Seconds. */
export interface Cost extends Noticed {
  name: string;
  /** Of the `up`. */
  seconds: number;
  /** Whether it ended well, and the words of it that matter. */
  code: number | null;
  output: string;
  /** People on bridges before and after, and the fewest bridges that jicofo used meanwhile. */
  before: number;
  after: number;
  fewest: number;
  /** The longest time in which the bridges together had fewer people than before; undefined: they could not be asked. */
  gap?: number | undefined;
  /** People who had no bridge to go to, by jicofo's count since its last start. */
  cut: number;
}

/** What is done around an `up`: once people are there, and right after it. `mutes`: a bridge cannot be asked meanwhile. */
export interface Around {
  before?: () => unknown;
  after?: () => Promise<unknown>;
  mutes?: boolean;
}

/** Of jicofo's stand-in. */
interface Stats {
  standin_cut_endpoints: number;
}

/** An `up` while people are in a room and on all these bridges. */
export async function upAmongPeople(
  scene: Scene,
  name: string,
  bridges: Host[],
  around: Around = {},
): Promise<Cost> {
  scene.rewatch(bridges);
  await scene.occupy(Object.fromEntries(bridges.map((id) => [id, ON_EACH_BRIDGE])), scene.room);
  const before = ON_EACH_BRIDGE * bridges.length;
  await until("everybody is on a bridge", HANDING_OVER_SECONDS, () => scene.carried() === before);
  await around.before?.();
  scene.watchNext(bridges);
  const began = Date.now();
  const { seconds, code, output } = await scene.stack.up();
  await around.after?.();
  await pause(8000);
  // Whoever is not back by then is missing in the table, and in what the test expects.
  await until("as many as before", HANDING_OVER_SECONDS, () => scene.carried() === before).catch(() => "");
  const counts = scene.core.since(began).map(({ bridges: used }) => used?.length ?? BRIDGES.length);
  const looks = [...scene.bridges.values()].map((watch) => watch.looks);
  return {
    ...{ name, seconds, code, output, before, after: scene.carried() },
    gap: around.mutes === true ? undefined : longestGap(looks, began, before),
    ...{ cut: await cut(scene), fewest: Math.min(...counts), ...scene.crowd.noticed(began) },
  };
}

async function cut(scene: Scene): Promise<number> {
  const stats = JSON.parse(await scene.on("core", "curl -sf http://127.0.0.1:8888/stats")) as Stats;
  return stats.standin_cut_endpoints;
}

/** Seconds: the longest time since then in which all bridges together had fewer people. */
export function longestGap(bridges: BridgeLook[][], from: number, people: number): number {
  const latest = new Map<number, BridgeLook>();
  const all = bridges.flatMap((looks, bridge) => looks.map((look) => ({ bridge, look })));
  let [longest, fewerSince]: [number, number | undefined] = [0, undefined];
  for (const { bridge, look } of all.sort((one, other) => one.look.at - other.look.at)) {
    latest.set(bridge, look);
    if (look.at < from) continue;
    const heard = [...latest.values()].filter(({ at }) => look.at - at < SILENT_MILLISECONDS);
    const sum = heard.reduce((total, { now }) => total + now, 0);
    if (sum < people) fewerSince ??= look.at;
    if (fewerSince !== undefined) longest = Math.max(longest, look.at - fewerSince);
    if (sum >= people) fewerSince = undefined;
  }
  return longest / 1000;
}

const HEADINGS = [
  "change",
  "`up`",
  "thrown out",
  "without a bridge",
  "fewer on bridges for",
  "longest wait of who is in",
  "longest entry of a newcomer",
  "people on bridges before, after",
  "fewest bridges in use",
];

/** Costs as a table of Markdown. */
export function costTable(costs: Cost[]): string {
  return tableLines(HEADINGS, costs.map(cells)).join("\n");
}

function cells(cost: Cost): string[] {
  return [
    cost.name,
    `${cost.seconds.toFixed(0)} s${cost.code === 0 ? "" : ", fails"}`,
    String(cost.fellOut),
    String(cost.cut),
    cost.gap === undefined ? "not seen" : under(cost.gap, SEEN_SECONDS),
    under(cost.longestWait, 0.5),
    cost.longestEntry === 0 ? "nobody came" : `${cost.longestEntry.toFixed(1)} s`,
    `${cost.before}, ${cost.after}`,
    String(cost.fewest),
  ];
}

function under(seconds: number, least: number): string {
  return seconds < least ? `under ${least} s` : `${seconds.toFixed(1)} s`;
}
