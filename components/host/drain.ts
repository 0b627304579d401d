import type * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import type { DrainManifest, RecorderDrainManifest } from "../../services/manifest";
import type { Machine } from "../machines/machine";
import { HELPER, step } from "./step";

/** Minutes after the deadline in which the rest is moved and the daemon ends (60 s by its own delay, measured). */
const SHUTDOWN_MINUTES = 5;

/** How long a drain may take. */
export function drainSeconds({ deadlineMinutes }: { deadlineMinutes: number }): number {
  return (deadlineMinutes + SHUTDOWN_MINUTES) * 60;
}

/** Whom to empty; the verb is the helper's. */
type Drain =
  { verb: "drain"; manifest: DrainManifest } | { verb: "drain-recorder"; manifest: RecorderDrainManifest };

/**
 * Empties a bridge before it goes; a recorder goes when whatever it has recorded is in the bucket, or it does not go. It acts
 * only when the role is removed, its machine replaced or the stack destroyed. Created after everything that must still be
 * alive while it runs, so that it is undone first. `isAsleep`: the machine is off, and nothing is undone on it.
 */
export function drain(
  name: string,
  { machine, isAsleep = false, verb, manifest }: { machine: Machine; isAsleep?: boolean } & Drain,
  opts: { parent: pulumi.Resource; dependsOn: pulumi.Resource[]; protect?: boolean },
): command.remote.Command {
  return step(
    name,
    {
      machine,
      undo: `${HELPER} ${verb}`,
      stdin: JSON.stringify(manifest),
      timeoutSeconds: drainSeconds(manifest),
    },
    // At an address that has moved on, the drain would meet the new machine; one that is off has nobody on it, and lets nobody in.
    { ...opts, keepsInputs: isAsleep, undoOnReplacedMachine: machine.movesAddress !== true && !isAsleep },
  );
}
