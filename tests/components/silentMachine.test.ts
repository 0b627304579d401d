import { changed } from "../unit/configFixtures";
import { deployment, steps, type Deployment } from "./support/deployment";
import { awsStack, existingStack, labStack, oneMachineStack } from "./support/stacks";

const timeoutsOf = (run: Deployment) =>
  Object.fromEntries(steps(run).map(({ name, timeouts }) => [name, timeouts]));
const PATIENT = { create: "30m", update: "30m", delete: "30m" };

test.each([
  ["the lab", labStack(["fra-1"])],
  ["EC2", awsStack(["iad-1"])],
])(
  "a machine of %s has the time of a boot before its first step alone; each other step gives up after a minute",
  async (_, stack) => {
    for (const [name, timeouts] of Object.entries(timeoutsOf(await deployment(stack)))) {
      // What is said while a bridge is emptied, which may take hours, comes as long as the provider may try.
      if (name.endsWith("-drain")) expect({ [name]: timeouts }).toEqual({ [name]: PATIENT });
      else {
        const create = name.endsWith("-bootstrap") ? "30m" : "60s";
        expect({ [name]: timeouts }).toEqual({ [name]: { create, update: "60s", delete: "60s" } });
      }
    }
  },
);

test("the limit of tries is an input of each step, and stays what every stack has: another one would change all of them", async () => {
  for (const { inputs } of steps(await deployment(oneMachineStack())))
    expect(JSON.stringify(inputs["connection"])).toContain('"dialErrorLimit":60');
});

test("a step that empties a bridge to park it may say so for as long", async () => {
  const parked = changed(labStack(["fra-1", "fra-2"]), ["regions", 0, "videobridges", 1, "parked"], true);
  expect(timeoutsOf(await deployment(parked))["fra-2-files-videobridge"]).toEqual(PATIENT);
});

test("a server that was there before is dialled once, whatever the time", async () => {
  for (const timeouts of Object.values(timeoutsOf(await deployment(existingStack()))))
    expect(timeouts).toEqual(PATIENT);
});
