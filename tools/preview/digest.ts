import { z } from "zod";

/** What the engine prints in place of a secret. */
const SECRET = "[secret]";

const state = z.looseObject({
  type: z.string(),
  parent: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).optional(),
});

const step = z.looseObject({
  op: z.string(),
  urn: z.string(),
  oldState: state.optional(),
  newState: state.optional(),
  diffReasons: z.array(z.string()).nullish(),
});

const digest = z.looseObject({
  steps: z.array(step).nullish(),
  changeSummary: z.record(z.string(), z.number()).nullish(),
  diagnostics: z
    .array(z.looseObject({ message: z.string().optional(), severity: z.string().optional() }))
    .nullish(),
});

/** What happens to a resource: `replace` is a new one in place of the old one. */
export type Operation = "create" | "update" | "replace" | "delete";

/** One resource that a preview changes. */
export interface Change {
  operation: Operation;
  type: string;
  name: string;
  parent: { name: string; type: string } | undefined;
  /** What the resource was given before, and is given then; absent where it was not there, or is not any more. */
  before: Record<string, unknown> | undefined;
  after: Record<string, unknown> | undefined;
  /** Inputs that differ, also where the values are secret. */
  differs: string[];
}

/** What `pulumi preview --json` printed. */
export interface Preview {
  changes: Change[];
  /** Resources that stay as they are. */
  unchanged: number;
  /** What the engine or the program refused. */
  errors: string[];
}

/** The text is not what `pulumi preview --json` prints. */
export class PreviewError extends Error {}

/** The steps that replace one resource are `create-replacement`, `replace` and `delete-replaced`; the middle one names both states. */
const OPERATIONS: Record<string, Operation> = {
  create: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
};

/** Reads the document of `pulumi preview --json`. Throws PreviewError. */
export function readPreview(text: string): Preview {
  const parsed = digest.safeParse(jsonOf(text));
  if (!parsed.success) throw new PreviewError("the input is no output of: pulumi preview --json");
  const steps = parsed.data.steps ?? [];
  const errors = (parsed.data.diagnostics ?? [])
    .filter(({ severity }) => severity === "error")
    .map(({ message = "" }) => message.trim());
  return {
    changes: steps.flatMap((each) => changeOf(leftOver(each, steps)) ?? []),
    unchanged: parsed.data.changeSummary?.["same"] ?? 0,
    errors,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PreviewError("the input is no JSON; make it with: pulumi preview --json");
  }
}

/** What an `up` before made a successor of, and did not come to remove, goes alone; such a step is half of a replacement otherwise. */
function leftOver(one: z.infer<typeof step>, all: z.infer<typeof step>[]): z.infer<typeof step> {
  const goes =
    one.op === "delete-replaced" && !all.some(({ op, urn }) => op === "replace" && urn === one.urn);
  return goes ? { ...one, op: "delete" } : one;
}

function changeOf({ op, urn, oldState, newState, diffReasons }: z.infer<typeof step>): Change | undefined {
  const operation = OPERATIONS[op];
  const state = newState ?? oldState;
  if (operation === undefined || state === undefined) return undefined;
  return {
    operation,
    type: state.type,
    name: nameOf(urn),
    parent:
      state.parent === undefined ? undefined : { name: nameOf(state.parent), type: typeOf(state.parent) },
    before: operation === "create" ? undefined : oldState?.inputs,
    after: operation === "delete" ? undefined : newState?.inputs,
    differs: diffReasons ?? [],
  };
}

/** The name is what follows the fourth "::" of a URN, and may hold more of them. */
function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** The last of the types, each inside the one before it. */
function typeOf(urn: string): string {
  return (urn.split("::")[2] ?? "").split("$").at(-1) ?? "";
}

/** Whether the engine hides the value. */
export function isHidden(value: unknown): boolean {
  return value === SECRET;
}
