import type { Result } from "../../bench/result";

const spread = (p50: number, p95: number) => ({ p50, p95, max: p95 });
const usage = (cpuSeconds: number) => ({ cpuSeconds, memoryKilobytes: 102_400, files: 515 });
const span = { jicofoCpuSeconds: 1, stealSeconds: 0 };

/** One in which some were lost. */
export const RUN: Result = {
  label: "",
  perSecond: 30,
  crowd: {
    ...{ participants: 500, joined: 400, lost: 100, lostWhileHolding: 2, failures: {}, sawAll: 400 },
    ...{ socketSeconds: spread(0, 1), boundSeconds: spread(0, 1) },
    ...{ joinedSeconds: spread(1.234, 18.4), joinSeconds: spread(0.2, 0.6), echoSeconds: spread(0, 0) },
    ...{ heardSeconds: spread(0.1, 0.4) },
    ...{ allInSeconds: 36.4, streamManagement: false, presenceBytes: 1525, joinPresences: 160_000 },
    ...{ heldSeconds: 15, changes: 125, changesExpected: 50_000, changesDelivered: 50_000, leftSeconds: 8 },
    ...{ generatorJoinSeconds: 2, generatorSeconds: 3 },
  },
  join: { ...span, seconds: 36, prosody: usage(28), nginx: usage(2), busySeconds: 40 },
  hold: { ...span, seconds: 20, prosody: usage(10), nginx: usage(1), busySeconds: 12 },
  leave: { ...span, seconds: 8, prosody: usage(7), nginx: usage(1), busySeconds: 8 },
  loadBefore: 0.5,
};

/** A run of the benchmark. */
export function benchRun(label: string, participants: number): Result {
  return {
    ...RUN,
    label,
    crowd: { ...RUN.crowd, participants, joined: participants, lost: 0, lostWhileHolding: 0 },
  };
}
