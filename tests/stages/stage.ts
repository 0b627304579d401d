/** A test, or a whole check, that did not simply pass, and what there is to say about it. */
export interface Named {
  readonly name: string;
  readonly detail: string;
}

/** What a stage counted. A static check is one test. */
export interface Tally {
  readonly passed: number;
  readonly failed: readonly Named[];
  readonly skipped: readonly Named[];
}

/** How a stage's command ended. `exitCode` is null when a signal or the time limit ended it. */
export interface Ending {
  readonly exitCode: number | null;
  readonly output: string;
  readonly timedOut: boolean;
}

/** One step of `make test`: a command, and how its tests are counted. */
export interface Stage {
  readonly name: string;
  /** Selects several stages at once, as in `STAGES=lint`. */
  readonly group: "lint" | "tests" | "lab";
  readonly command: readonly string[];
  readonly limitMinutes: number;
  /** Runs last, with the machine to itself, and shows its output while it runs. */
  readonly alone?: boolean;
  /** Why the stage cannot run here; it then counts as one skipped test. */
  readonly skipReason?: string;
  /** Why the stage would fail in any case; it then counts as one failed test and is not started. */
  readonly failReason?: string;
  readonly count: (ending: Ending) => Tally;
}

/** A finished stage. */
export interface Result {
  readonly stage: Pick<Stage, "name" | "alone">;
  readonly seconds: number;
  readonly tally: Tally;
  readonly output: string;
}
