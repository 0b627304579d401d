/** One statement of an IAM policy, in the words that ours use. */
export interface Statement {
  Sid: string;
  Effect: string;
  Action: string[];
  Resource: string | string[];
  Condition?: Partial<Record<Operator, Record<string, string | string[]>>>;
}

type Operator = "StringEquals" | "ArnEquals" | "Null";

/** What IAM is asked about one resource of a request. */
export interface Question {
  action: string;
  /** Amazon's name of the resource. */
  resource: string;
  /** Values of condition keys that the request has. */
  context?: Record<string, string>;
}

/** Sids of the statements that allow it; with no Deny among them one is enough. Source: IAM user guide, "Policy evaluation logic". */
export function allowedBy(statements: Statement[], { action, resource, context = {} }: Question): string[] {
  const fits = ({ Action, Resource, Condition = {} }: Statement) =>
    Action.includes(action) &&
    listOf(Resource).some((pattern) => isLike(resource, pattern)) &&
    Object.entries(Condition).every(([operator, keys]) => holds(operator as Operator, keys, context));
  return statements.filter(fits).map(({ Sid }) => Sid);
}

function holds(
  operator: Operator,
  keys: Record<string, string | string[]>,
  context: Record<string, string>,
): boolean {
  return Object.entries(keys).every(([key, wanted]) => {
    const value = context[key];
    if (operator === "Null") return (value === undefined) === (wanted === "true");
    return value !== undefined && listOf(wanted).includes(value);
  });
}

function listOf(value: string | string[]): string[] {
  return Array.isArray(value) ? value : [value];
}

function isLike(text: string, pattern: string): boolean {
  const source = pattern.split("*").map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${source.join(".*")}$`).test(text);
}
