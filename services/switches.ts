import { hasSwitch, isAsleep } from "../plan/parked";
import { machineRecords, type MachineRecords } from "../plan/protectedMachines";
import type { DeploymentPlan } from "../plan/types";
import { groupsOf } from "./onHost";

/** A machine that goes off and on with its bridge, as an `up` left it. */
export interface Switch {
  state: "running" | "stopped";
  /** The groups of files on it: each is a step, which only a login adds or takes away. */
  groups: string[];
}

/** What is told of the last `up` that ended well. */
export interface LastRun {
  power?: Record<string, Switch>;
  instances?: MachineRecords;
}

/** The machines that go off and on with their bridges, by host. */
export function switches(plan: DeploymentPlan): Record<string, Switch> {
  const ids = plan.hosts.flatMap(({ id }) => (hasSwitch(plan, id) ? [id] : []));
  return Object.fromEntries(
    ids.map((id) => [
      id,
      {
        state: isAsleep(plan, id) ? "stopped" : "running",
        groups: groupsOf(plan, id).map(({ group }) => group),
      },
    ]),
  );
}

/**
 * Why a change may not be made: it would log in to a machine that is off, or is by then. Empty where it would not. Another machine in
 * its place is on when it is made.
 */
export function switchErrors({ power = {}, instances = {} }: LastRun, plan: DeploymentPlan): string[] {
  const [now, machines] = [switches(plan), machineRecords(plan)];
  return Object.entries(power).flatMap(([id, was]) => {
    if (machines[id] === undefined || machines[id].identity !== instances[id]?.identity) return [];
    const is = now[id];
    if (is === undefined)
      return was.state === "stopped"
        ? [`${id} is off, and without parked nobody starts it: write parked: false, and remove it later`]
        : [];
    if (is.state === "running") return [];
    const comes = was.state === "stopped" ? is.groups.filter((group) => !was.groups.includes(group)) : [];
    const goes = was.groups.filter((group) => !is.groups.includes(group));
    return [
      ...comes.map((group) => `${id} is off, and "${group}" is new on it: ${WAKE}`),
      ...goes.map((group) => `${id} is off by then, and "${group}" is to go from it: ${WAKE}`),
    ];
  });
}

const WAKE = "write parked: false for this `pulumi up`, and true again after it";

/** The refusal as an operator reads it. */
export function switchRefusal(errors: string[]): string {
  return [
    "This change needs a login at a machine that is switched off with its bridge; nothing was changed:",
    ...errors.map((error) => `  ${error}`),
  ].join("\n");
}
