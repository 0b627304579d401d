import { deployment, everythingBefore, stepOf, steps, type Deployment } from "./support/deployment";
import { plain } from "../../lab/plugins/shared/values";
import { existingStack, labStack, oneMachineStack } from "./support/stacks";

/** Whether the first step has ended before the second one starts; a delete runs the other way round. */
function isBefore(run: Deployment, first: string, second: string): boolean {
  return everythingBefore(run, stepOf(run, second)).has(stepOf(run, first).label);
}

const STACKS = {
  lab: labStack(["fra-1", "fra-2"]),
  servers: existingStack(),
  "one machine": oneMachineStack(),
};
let runs: Record<keyof typeof STACKS, Deployment>;
beforeAll(async () => {
  const [lab, servers, one] = [STACKS.lab, STACKS.servers, STACKS["one machine"]];
  runs = {
    lab: await deployment(lab),
    servers: await deployment(servers),
    "one machine": await deployment(one),
  };
});

describe.each(Object.keys(STACKS) as (keyof typeof STACKS)[])("%s", (stack) => {
  test("the gate stands before prosody-jvb opens its port", () => {
    expect(isBefore(runs[stack], "core-files-bridge-access", "core-files-prosody-jvb")).toBe(true);
  });

  test("no daemon is set up before its packages, its secrets and what it trusts are there", () => {
    const groups = steps(runs[stack]).filter(({ name }) => name.includes("-files-"));
    for (const { name } of groups) {
      const host = name.split("-files-")[0] ?? "";
      for (const step of ["packages", "secrets", "trust"]) {
        expect([name, isBefore(runs[stack], `${host}-${step}`, name)]).toEqual([name, true]);
      }
    }
  });

  test("both Prosodys are there before jicofo logs in", () => {
    expect(isBefore(runs[stack], "core-files-prosody", "core-files-jicofo")).toBe(true);
    expect(isBefore(runs[stack], "core-files-prosody-jvb", "core-files-jicofo")).toBe(true);
  });

  test("two steps of one host never run at the same time", () => {
    const run = runs[stack];
    const hostOf = (step: (typeof all)[number]) =>
      (plain(step.inputs["connection"] ?? null) as { host: string }).host;
    const all = steps(run);
    const pairs = all.flatMap((one, index) => all.slice(index + 1).map((other) => [one, other] as const));
    const neighbours = pairs.filter(([one, other]) => hostOf(one) === hostOf(other));
    const open = neighbours.filter(
      ([one, other]) => !isBefore(run, one.name, other.name) && !isBefore(run, other.name, one.name),
    );
    expect(neighbours.length).toBeGreaterThan(50);
    expect(open.map(([one, other]) => `${one.name} and ${other.name}`)).toEqual([]);
  });

  test("the core is verified at the very end, after every bridge", () => {
    const run = runs[stack];
    const before = everythingBefore(run, stepOf(run, "core-verification-run"));
    const others = steps(run).filter(({ name }) => name !== "core-verification-run");
    expect(others.filter(({ label }) => !before.has(label)).map(({ name }) => name)).toEqual([]);
  });

  test("a bridge that goes is emptied while it runs and while the core and jicofo are there", () => {
    const run = runs[stack];
    for (const { id, hostId } of run.plan.videobridges) {
      const alive = [`${hostId}-files-videobridge`, "core-files-jicofo", "core-files-prosody-jvb"];
      expect(alive.filter((step) => !isBefore(run, step, `${id}-drain`))).toEqual([]);
    }
  });
});

test("no lab machine goes before the drains that still need it have run", () => {
  const { lab } = runs;
  for (const id of ["fra-1", "fra-2"]) {
    const before = everythingBefore(lab, stepOf(lab, `${id}-drain`));
    expect(before).toContain(`command:local:Command ${id}-machine-guest`);
    expect(before).toContain("command:local:Command core-machine-guest");
  }
});

test("bridges are set up side by side, none waits for another", () => {
  const { lab } = runs;
  const own = steps(lab).filter(({ name }) => name.startsWith("fra-"));
  for (const step of own) {
    const other = step.name.startsWith("fra-1") ? "fra-2" : "fra-1";
    const waited = [...everythingBefore(lab, step)].filter((label) => label.includes(` ${other}`));
    expect([step.name, waited]).toEqual([step.name, []]);
  }
});
