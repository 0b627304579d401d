/**
 * A stand-in of the command provider whose remote commands log in nowhere: each answers after a fixed wait with what the helper on a
 * host would print. What is left is what the engine, the program and the provider's protocol cost.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { commandType } from "../../lab/plugins/command/commandType";
import { CONNECTION } from "../../lab/plugins/command/connection";
import { required } from "../../lab/plugins/shared/schema";
import { serve } from "../../lab/plugins/shared/server";

/** How long a step takes on its host, milliseconds. */
const WAIT = Number(process.env["BENCH_STEP_MILLISECONDS"] ?? "0");

function answer(commandLine: string): string {
  if (/ (size|preflight)( |$)/.test(commandLine)) return JSON.stringify({ cores: 4, memoryMegabytes: 8192 });
  if (!commandLine.includes(" verify ")) return "nothing to change";
  const checks = [{ check: "unit", ok: true, detail: "active" }];
  return JSON.stringify({ host: "bench", asOf: "2026-01-01T00:00:00Z", healthy: true, checks });
}

serve({
  name: "command",
  version: "1.2.1",
  types: {
    "command:remote:Command": commandType(
      { connection: required({ kind: CONNECTION }) },
      async ({ command }) => {
        await sleep(WAIT);
        return { stdout: answer(command), stderr: "" };
      },
    ),
  },
});
