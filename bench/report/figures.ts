import type { Result } from "../result";

/** Runs of the same: the one in the middle, and how far apart they are. */
export interface Spread {
  median: number;
  least: number;
  most: number;
}

/** What is told of a join, with its unit. */
export const FIGURES = {
  prosodyPerJoin: {
    title: "CPU of Prosody for a join",
    unit: "ms",
    of: ({ join, crowd }: Result) => (1000 * join.prosody.cpuSeconds) / crowd.joined,
  },
  nginxPerJoin: {
    title: "CPU of nginx for a join",
    unit: "ms",
    of: ({ join, crowd }: Result) => (1000 * join.nginx.cpuSeconds) / crowd.joined,
  },
  joined: { title: "Arrival to joined, p95", unit: "s", of: ({ crowd }: Result) => crowd.joinedSeconds.p95 },
  allIn: { title: "All in after", unit: "s", of: ({ crowd }: Result) => crowd.allInSeconds },
  holding: {
    title: "Prosody while all are in",
    unit: "% of a core",
    of: ({ hold }: Result) => (100 * hold.prosody.cpuSeconds) / hold.seconds,
  },
  memory: {
    title: "Memory of Prosody",
    unit: "MB",
    of: ({ hold }: Result) => hold.prosody.memoryKilobytes / 1024,
  },
  left: { title: "All out after", unit: "s", of: ({ crowd }: Result) => crowd.leftSeconds },
  lost: { title: "Lost", unit: "people", of: ({ crowd }: Result) => crowd.lost + crowd.lostWhileHolding },
} as const satisfies Record<string, { title: string; unit: string; of: (result: Result) => number }>;

export type Figure = keyof typeof FIGURES;

/** Runs with the same setting, people and rate. */
export interface Group {
  setting: string;
  participants: number;
  perSecond: number;
  runs: number;
  figures: Record<Figure, Spread>;
}

/** The runs, put together with those of the same kind, in the order in which the kinds came. */
export function groups(results: Result[]): Group[] {
  const kinds = new Map<string, Result[]>();
  for (const result of results) {
    const kind = JSON.stringify([result.label, result.crowd.participants, result.perSecond]);
    kinds.set(kind, [...(kinds.get(kind) ?? []), result]);
  }
  return [...kinds.values()].flatMap((runs) => {
    const [first] = runs;
    if (first === undefined) return [];
    const { label, perSecond, crowd } = first;
    const figures = Object.entries(FIGURES).map(([name, { of }]) => [name, spread(runs.map(of))]);
    return [
      {
        setting: label,
        participants: crowd.participants,
        perSecond,
        runs: runs.length,
        figures: Object.fromEntries(figures) as Record<Figure, Spread>,
      },
    ];
  });
}

export function spread(values: number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  return {
    median: sorted[Math.floor(sorted.length / 2)] ?? 0,
    least: sorted[0] ?? 0,
    most: sorted.at(-1) ?? 0,
  };
}
