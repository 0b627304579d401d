import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What one series has besides its name: each label with its values, where they are few, or with nothing where they are not. */
export type Labels = Record<string, string[] | undefined>;

const FOLDER = join(__dirname, "exported");

/**
 * What daemons and exporters really say at /metrics, by the name of the series. Each file is made of answers of a real one, as text and
 * as OpenMetrics, whose version stands in its first line; a line is a name, and its labels, with their values where these are always the
 * same few.
 */
export function exported(): Map<string, Labels> {
  const found = new Map<string, Labels>();
  for (const file of readdirSync(FOLDER))
    for (const line of readFileSync(join(FOLDER, file), "utf8").split("\n")) {
      if (line === "" || line.startsWith("#")) continue;
      const [name = "", ...labels] = line.split(" ");
      found.set(name, { ...found.get(name), ...Object.fromEntries(labels.map(labelOf)) });
    }
  return found;
}

function labelOf(text: string): [string, string[] | undefined] {
  const [name = "", values] = text.split("=");
  return [name, values?.split("|")];
}

/** A series that an expression asks for, and what its labels have to be. */
export interface Selector {
  name: string;
  matchers: { label: string; operator: string; value: string }[];
}

/** Words of PromQL that are no names of series. */
const WORDS = new Set(["and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring"]);

/** The labels after which an expression groups or joins. */
export function groupedBy(expression: string): string[] {
  const lists = [...expression.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)];
  return lists.flatMap(([, list = ""]) => list.split(",").map((label) => label.trim()));
}

/** Every series that an expression asks for; promtool has read the expression before. */
export function selectors(expression: string): Selector[] {
  const bare = expression
    .replace(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, " ")
    .replace(/\[[^\]]*\]/g, " ");
  return [...bare.matchAll(/(?<![\w.])([A-Za-z_:][\w:]*)\s*(\{[^}]*\}|\()?/g)]
    .filter(([, name = "", after]) => after !== "(" && !WORDS.has(name))
    .map(([, name = "", braces = ""]) => ({
      name,
      matchers: [...braces.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"/g)].map(
        ([, label = "", operator = "", value = ""]) => ({
          label,
          operator,
          value: value.replace(/\\(.)/g, "$1"),
        }),
      ),
    }));
}

/** Whether a label that has these values can be what is asked for. */
export function fits(values: string[], { operator, value }: Selector["matchers"][number]): boolean {
  const whole = new RegExp(`^(?:${value})$`);
  const matches = (one: string) => (operator.endsWith("~") ? whole.test(one) : one === value);
  return values.some((one) => matches(one) !== operator.startsWith("!"));
}
