import { randomBytes } from "node:crypto";
import { flag, map, text, type Schema } from "../shared/schema";
import type { Context, ResourceType } from "../shared/resource";
import { textOf, type Properties } from "../shared/values";
import { LOGGING } from "./output";

/** One run of a command. `previous` is set when the resource has run before. */
export interface Run {
  command: string;
  properties: Properties;
  previous?: { stdout: string; stderr: string };
  context: Context;
}
export type Runner = (run: Run) => Promise<{ stdout: string; stderr: string }>;

/** Inputs that local and remote commands share. */
const COMMON: Schema = {
  create: text,
  update: text,
  delete: text,
  stdin: text,
  environment: map,
  triggers: { kind: "any[]" },
  addPreviousOutputInEnv: flag,
  logging: { kind: "string", oneOf: LOGGING },
};

function previousOf(state: Properties): { stdout: string; stderr: string } {
  return { stdout: textOf(state, "stdout"), stderr: textOf(state, "stderr") };
}

/** Environment that carries the previous outputs; empty outputs are left out, as upstream does. */
export function previousEnvironment(run: Run): Record<string, string> {
  if (run.previous === undefined || run.properties["addPreviousOutputInEnv"] === false) return {};
  const { stdout, stderr } = run.previous;
  return {
    ...(stdout === "" ? {} : { PULUMI_COMMAND_STDOUT: stdout }),
    ...(stderr === "" ? {} : { PULUMI_COMMAND_STDERR: stderr }),
  };
}

/** The `environment` input as text values. */
export function environmentOf(properties: Properties): Record<string, string> {
  const entries = Object.entries((properties["environment"] ?? {}) as Properties);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
  );
}

/**
 * The life of a command resource: create runs `create` and without one touches nothing; any changed input runs
 * `update ?? create`; `triggers` replaces; delete runs `delete` with what the state recorded. A failed create leaves
 * no state behind, so that its `delete` never runs.
 */
export function commandType(extra: Schema, run: Runner, check?: ResourceType["check"]): ResourceType {
  const runOf = (properties: Properties, state: Properties, name: string, context: Context): Run => ({
    command: textOf(properties, name),
    properties,
    previous: previousOf(state),
    context,
  });
  return {
    inputs: { ...COMMON, ...extra },
    outputs: ["stdout", "stderr"],
    replaceOn: ["triggers"],
    ...(check === undefined ? {} : { check }),
    create: async (inputs, context) => {
      const id = `${context.name}${randomBytes(4).toString("hex")}`;
      const command = inputs["create"];
      if (typeof command !== "string") return { id, outputs: { stdout: "", stderr: "" } };
      return { id, outputs: await run({ command, properties: inputs, context }) };
    },
    update: async (inputs, state, context) => {
      const name = inputs["update"] === undefined ? "create" : "update";
      return inputs[name] === undefined ? previousOf(state) : run(runOf(inputs, state, name, context));
    },
    delete: async (state, context) => {
      if (state["delete"] !== undefined) await run(runOf(state, state, "delete", context));
    },
  };
}
