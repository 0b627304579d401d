import { setTimeout as pause } from "node:timers/promises";
import type { Noticed } from "./crowd";
import { BRIDGES } from "./fault";
import type { Scene } from "./scene";

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
  /** People who had no bridge to go to, by jicofo's count since its last start. */
  cut: number;
}

/** Of jicofo's stand-in. */
interface Stats {
  standin_cut_endpoints: number;
}

/** An `up` while people are in a room and on all bridges. */
export async function upAmongPeople(
  scene: Scene,
  name: string,
  bridges: string[],
  around: { before?: () => Promise<unknown>; after?: () => Promise<unknown> } = {},
): Promise<Cost> {
  await scene.occupy(Object.fromEntries(bridges.map((id) => [id, 20])), scene.room);
  const before = scene.carried();
  await around.before?.();
  const began = Date.now();
  const { seconds, code, output } = await scene.stack.up();
  await around.after?.();
  // The last bridge that restarted may still be handing over.
  await pause(8000);
  scene.rewatch();
  await pause(2000);
  const stats = JSON.parse(await scene.on("core", "curl -sf http://127.0.0.1:8888/stats")) as Stats;
  const counts = scene.core.since(began).map(({ bridges: used }) => used?.length ?? BRIDGES.length);
  return {
    ...{ name, seconds, code, output, before, after: scene.carried() },
    ...{ cut: stats.standin_cut_endpoints, fewest: Math.min(...counts), ...scene.crowd.noticed(began) },
  };
}

const HEADINGS = [
  "change",
  "`up`",
  "thrown out",
  "without a bridge",
  "longest wait of who is in",
  "longest entry of a newcomer",
  "people on bridges before, after",
  "fewest bridges in use",
];

/** Costs as a table of Markdown. */
export function costTable(costs: Cost[]): string {
  const rows = costs.map((cost) => [
    cost.name,
    `${cost.seconds.toFixed(0)} s${cost.code === 0 ? "" : ", fails"}`,
    String(cost.fellOut),
    String(cost.cut),
    cost.longestWait === 0 ? "under 0.5 s" : `${cost.longestWait.toFixed(1)} s`,
    `${cost.longestEntry.toFixed(1)} s`,
    `${cost.before}, ${cost.after}`,
    String(cost.fewest),
  ]);
  return [HEADINGS, HEADINGS.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
