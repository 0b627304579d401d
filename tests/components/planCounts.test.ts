import * as deploymentPlans from "../../plan/deployment";
import { awsStack } from "./support/stacks";

let plans = 0;
jest.mock("../../plan/deployment", () => {
  const real = jest.requireActual<typeof deploymentPlans>("../../plan/deployment");
  return {
    planDeployment: (...args: Parameters<typeof real.planDeployment>) => {
      plans += 1;
      return real.planDeployment(...args);
    },
  };
});

import { deployment } from "./support/deployment";

async function plansFor(bridges: number): Promise<number> {
  plans = 0;
  await deployment(awsStack(Array.from({ length: bridges }, (_, index) => `iad-${index}`)), {
    preview: true,
  });
  return plans;
}

test("one more bridge on EC2 costs the same few plans, however many there are", async () => {
  const [few, more, most] = [await plansFor(2), await plansFor(6), await plansFor(10)];
  expect(most - more).toBe(more - few);
  expect((more - few) / 4).toBeLessThanOrEqual(4);
});
