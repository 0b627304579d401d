import { readFileSync, writeFileSync } from "node:fs";
import { isMap, isNode, isScalar } from "yaml";
import { stackDocument, StackFileError } from "./stackFile";

const KEY = "jitsi:repair";

/**
 * A stack file in which each of these steps (`core/prosody`) has a number that it did not have before, so that the next `up` runs it
 * again; all else stays as somebody wrote it. Throws StackFileError.
 */
export function withRepairs(text: string, steps: string[], file: string): string {
  const config = stackDocument(text, file).document.get("config");
  const [first] = isMap(config) ? config.items : [];
  if (!isMap(config) || first === undefined) throw new StackFileError(`${file} has no keys below "config:"`);
  const pair = config.items.find(({ key }) => isScalar(key) && key.value === KEY);
  const numbers = numbersOf(pair?.value, file);
  const next = (step: string) => [step, (numbers[step] ?? 0) + 1] as const;
  const written = Object.entries({ ...numbers, ...Object.fromEntries(steps.map(next)) });
  const line = `${KEY}: { ${written.map(([step, number]) => `${step}: ${number}`).join(", ")} }`;
  // In place of what is there, else in front of all other keys, where no comment belongs to another one.
  const start = startOf((pair ?? first).key);
  if (pair === undefined) {
    const separator = config.flow ? ", " : `\n${" ".repeat(start - text.lastIndexOf("\n", start) - 1)}`;
    return text.slice(0, start) + line + separator + text.slice(start);
  }
  const end = isNode(pair.value) ? pair.value.range?.[1] : undefined;
  const old = text.slice(start, end ?? start + KEY.length + 1).trimEnd();
  return text.slice(0, start) + line + text.slice(start + old.length);
}

function startOf(key: unknown): number {
  return (isNode(key) ? key.range?.[0] : undefined) ?? 0;
}

function numbersOf(value: unknown, file: string): Record<string, number> {
  if (value === undefined || value === null || (isScalar(value) && value.value === null)) return {};
  const found = isMap(value) ? (value.toJSON() as Record<string, unknown>) : undefined;
  if (found && Object.values(found).every((number) => typeof number === "number"))
    return found as Record<string, number>;
  throw new StackFileError(
    `${file}: ${KEY} is no structure of steps with a number each, as in { core/prosody: 1 }`,
  );
}

/** Writes them into a stack file. Throws StackFileError. */
export function writeRepairs(file: string, steps: string[]): void {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new StackFileError(`${file} cannot be read; name it with --config-file FILE`);
  }
  writeFileSync(file, withRepairs(text, steps, file));
}
