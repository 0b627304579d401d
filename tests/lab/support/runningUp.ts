import { setTimeout as pause } from "node:timers/promises";
import type { Ended } from "../../../lab/run";
import type { LabStack } from "./labStack";

/** An `up` that goes on beside the caller, who waits for a word of its output. */
export class RunningUp {
  private said = "";
  readonly ended: Promise<Ended>;

  constructor(stack: LabStack) {
    const follow = (output: string): boolean => {
      this.said = output;
      return false;
    };
    this.ended = stack.up({ killWhen: follow, timeoutSeconds: 300 });
  }

  async says(words: RegExp): Promise<void> {
    const until = Date.now() + 60_000;
    while (!words.test(this.said)) {
      if (Date.now() > until) throw new Error(`up does not say ${words.source}: ${this.said.slice(-2000)}`);
      await pause(50);
    }
  }
}
