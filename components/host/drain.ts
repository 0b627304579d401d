import type * as pulumi from "@pulumi/pulumi";
import type { DrainManifest, RecorderDrainManifest } from "../../services/manifest";
import type { Machine } from "../machines/machine";
import { HELPER, step } from "./step";

/** Minutes after the deadline in which the rest is moved and the daemon ends (60 s by its own delay, measured). */
const SHUTDOWN_MINUTES = 5;

/**
 * Empties a bridge before it goes: it acts only when the bridge is removed, its machine replaced or the stack destroyed.
 * Created after everything that must still be alive while it runs, so that it is undone first.
 */
export function drain(
  name: string,
  args: { machine: Machine; manifest: DrainManifest },
  opts: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
): pulumi.Resource {
  return end(name, "drain", args, opts);
}

/** The same for a recorder: whatever it has recorded is in the bucket before it goes, or it does not go. */
export function recorderDrain(
  name: string,
  args: { machine: Machine; manifest: RecorderDrainManifest },
  opts: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
): pulumi.Resource {
  return end(name, "drain-recorder", args, opts);
}

function end(
  name: string,
  verb: string,
  { machine, manifest }: { machine: Machine; manifest: DrainManifest | RecorderDrainManifest },
  opts: { parent: pulumi.Resource; dependsOn: pulumi.Resource[] },
): pulumi.Resource {
  return step(
    name,
    {
      machine,
      undo: `${HELPER} ${verb}`,
      stdin: JSON.stringify(manifest),
      timeoutSeconds: (manifest.deadlineMinutes + SHUTDOWN_MINUTES) * 60,
    },
    // At an address that has moved on, the drain would meet the new machine.
    { ...opts, undoOnReplacedMachine: machine.movesAddress !== true },
  );
}
