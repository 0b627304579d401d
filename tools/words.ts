import { parseArgs } from "node:util";
import type { Outcome } from "./outcome";

type Options = Record<string, { type: "string" | "boolean" }>;

/** What was given: `Needed` always. */
type Words<All extends Options, Needed extends keyof All> = Record<Needed, string> & {
  [Name in Exclude<keyof All, Needed>]?: All[Name]["type"] extends "string" ? string : boolean;
};

/** Reads the words behind the name of a tool; undefined where a needed one is missing, or another one is there. */
export function wordsOf<const All extends Options, Needed extends keyof All & string>(
  args: string[],
  options: All,
  needed: Needed[],
): Words<All, Needed> | undefined {
  try {
    const values: Partial<Record<string, unknown>> = parseArgs({ args, options }).values;
    return needed.every((name) => values[name]) ? (values as Words<All, Needed>) : undefined;
  } catch {
    return undefined;
  }
}

/** Either of these names a stack file. */
export const STACK_FILE = { stack: { type: "string" }, "stack-file": { type: "string" } } as const;

/** The stack file that is meant: the one that is named, or that of the stack; undefined where neither or both are there. */
export function stackFileOf(words: { stack?: string; "stack-file"?: string }): string | undefined {
  const { stack, "stack-file": file } = words;
  if (stack && file) return undefined;
  return file ?? (stack && `Pulumi.${stack}.yaml`);
}

/** What a tool says that was called with other words than it knows. */
export function wrongUsage(usage: string): Outcome {
  return { code: 2, stdout: [], stderr: [usage] };
}

/** How a tool is called that works on one stack by its name. */
export function usageOnStack(call: string): string {
  return `usage: npm run --silent ${call} (with pulumi on the path, logged in to its backend)`;
}
