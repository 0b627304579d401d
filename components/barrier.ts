import * as pulumi from "@pulumi/pulumi";

/** What no host begins before every host has come as far; see `Barriers`. */
class Barrier {
  /**
   * Resolves once the steps of all hosts are done. Nothing to depend on: what the hosts wait for is over by then, and an edge between
   * any two of them would be a hundred times as many as all others at fifty hosts.
   */
  readonly passed: Promise<pulumi.Resource[]>;
  private readonly steps = new Map<string, pulumi.Resource>();
  private settle: (done: Promise<pulumi.Resource[]>) => void = () => undefined;

  constructor(private readonly hostIds: string[]) {
    this.passed = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  /** A host has to come through this step. */
  add(hostId: string, step: pulumi.Resource): void {
    this.steps.set(hostId, step);
    if (this.missing.length === 0) this.settle(whenDone([...this.steps.values()]));
  }

  /** Hosts of the plan that no component has brought so far. */
  get missing(): string[] {
    return this.hostIds.filter((id) => !this.steps.has(id));
  }
}

/** The engine answers with the URN when a step has ended well; where one fails, this never comes. */
async function whenDone(steps: pulumi.Resource[]): Promise<pulumi.Resource[]> {
  await new Promise((resolve) => pulumi.all(steps.map(({ urn }) => urn)).apply(resolve));
  return [];
}

/**
 * Where the hosts of a deployment wait for each other before anything is changed on any of them: an operator reads the
 * findings of all at once, and no server is half changed because another one is refused.
 */
export class Barriers {
  /** Every secret that the program passes has the right form; until then no host is logged in to. Nothing to depend on. */
  readonly approved: Promise<pulumi.Resource[]>;
  /** Every host was logged in to. Before that none is looked at: the first refusal would end the run for the others. */
  readonly entered: Barrier;
  /** Every host was found fit. */
  readonly fit: Barrier;

  constructor(hostIds: string[], approved: Promise<void>) {
    this.approved = approved.then(() => []);
    this.entered = new Barrier(hostIds);
    this.fit = new Barrier(hostIds);
  }
}
