import { groupsOf } from "../../services/groups";
import { packagesFor } from "../../plan/versions";
import { hasUnknown, plain } from "../../lab/plugins/shared/values";
import { documentOf } from "./support/compare";
import { deployment, stepOf, steps, type Deployment } from "./support/deployment";
import { existingStack, labStack, oneMachineStack } from "./support/stacks";

/** "<step>.<input>" of what a first preview cannot show. */
function unknownInputs(run: Deployment): string[] {
  return steps(run).flatMap(({ name, inputs }) =>
    Object.entries(inputs)
      .filter(([, value]) => hasUnknown(plain(value)))
      .map(([key]) => `${name}.${key}`),
  );
}

const needCredentials = (...hosts: string[]) =>
  hosts.flatMap((id) => [`${id}-secrets.stdin`, `${id}-trust.stdin`, `${id}-verification-run.stdin`]);

describe.each([
  ["lab machines", labStack(["fra-1", "fra-2"])],
  ["servers that exist", existingStack()],
  ["one machine", oneMachineStack()],
])("the first preview of %s", (_, config) => {
  test("shows every file that holds no secret, as it will be on the host", async () => {
    const run = await deployment(config, { preview: true });
    for (const { id } of run.plan.hosts) {
      const groups = groupsOf(run.plan, id);
      expect(groups.length).toBeGreaterThan(0);
      for (const group of groups) {
        const step = stepOf(run, `${id}-files-${group.group}`);
        // A secret text would be shown as "[secret]" and a single line, not as the files in it.
        expect(typeof step.inputs["stdin"]).toBe("string");
        expect(documentOf(step)).toEqual(JSON.parse(JSON.stringify(group)));
      }
    }
  });

  test("shows the packages and their versions", async () => {
    const run = await deployment(config, { preview: true });
    for (const host of run.plan.hosts) {
      expect(documentOf(stepOf(run, `${host.id}-packages`))).toEqual(packagesFor(run.plan, host));
    }
  });
});

test("the first preview of lab machines leaves open what needs a key: connections, secrets, trust, verification", async () => {
  const run = await deployment(labStack(["fra-1", "fra-2"]), { preview: true });
  const connections = steps(run).map(({ name }) => `${name}.connection`);
  const expected = [...connections, ...needCredentials("core", "fra-1", "fra-2")];
  expect(unknownInputs(run).sort()).toEqual(expected.sort());
});

test("the first preview of servers that exist knows every connection as well", async () => {
  const run = await deployment(existingStack(), { preview: true });
  expect(unknownInputs(run).sort()).toEqual(needCredentials("core", "fra-1").sort());
});

test("the first preview names the parts of the deployment that are known, and waits with what hosts report", async () => {
  const { outputs } = await deployment(labStack(["fra-1"]), { preview: true });
  const open = Object.entries(outputs).filter(([, value]) => hasUnknown(plain(value)));
  expect(open.map(([key]) => key).sort()).toEqual(["bridges", "capacity", "health"]);
  expect(outputs["url"]).toBe("https://meet.example.org");
});
