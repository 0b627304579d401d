import type * as pulumi from "@pulumi/pulumi";

/** What no host begins before every host has come as far; see `Barriers`. */
class Barrier {
  /** For dependsOn; settled once all hosts are known. */
  readonly passed: Promise<pulumi.Resource[]>;
  private readonly steps: pulumi.Resource[] = [];
  private settle: (steps: pulumi.Resource[]) => void = () => undefined;

  constructor() {
    this.passed = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  /** One more host has to come through this step. */
  add(step: pulumi.Resource): void {
    this.steps.push(step);
  }

  close(): void {
    this.settle(this.steps);
  }
}

/**
 * Where the hosts of a deployment wait for each other before anything is changed on any of them: an operator reads the
 * findings of all at once, and no server is half changed because another one is refused.
 */
export class Barriers {
  /** Every host was logged in to. Before that none is looked at: the first refusal would end the run for the others. */
  readonly entered = new Barrier();
  /** Every host was found fit. */
  readonly fit = new Barrier();

  /** All hosts are known. */
  close(): void {
    this.entered.close();
    this.fit.close();
  }
}
