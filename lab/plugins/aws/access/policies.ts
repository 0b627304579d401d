import { textOf, UNKNOWN, type Properties } from "../../shared/values";
import type { Failure } from "../../shared/schema";

interface Statement {
  Effect?: string;
  Action?: string | string[];
  Resource?: string | string[];
  Principal?: unknown;
}

function list(value: string | string[] | undefined): string[] {
  return value === undefined ? [] : [value].flat();
}

/** The statements of a policy document; undefined where it is none. */
function statementsOf(document: string): Statement[] | undefined {
  try {
    const { Version, Statement } = JSON.parse(document) as { Version?: string; Statement?: Statement[] };
    return Version === "2012-10-17" && Array.isArray(Statement) ? Statement : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What AWS calls malformed. `needs`: a policy of a role says on what, that of a bucket also for whom, a trust policy only for whom.
 */
export function policyFailures(
  inputs: Properties,
  property: string,
  needs: ("Principal" | "Resource")[],
): Failure[] {
  const document = textOf(inputs, property);
  if (document === UNKNOWN || inputs[property] === undefined) return [];
  const statements = statementsOf(document);
  const forbidden = (["Principal", "Resource"] as const).filter((key) => !needs.includes(key));
  const isWrong = (one: Statement) =>
    !["Allow", "Deny"].includes(one.Effect ?? "") ||
    list(one.Action).length === 0 ||
    list(one.Action).some((action) => !/^[a-z0-9-]+:[A-Za-z*]+$/.test(action)) ||
    needs.some((key) => one[key] === undefined) ||
    forbidden.some((key) => one[key] !== undefined) ||
    list(one.Resource).some(
      (resource) => resource !== "*" && !/^arn:aws:[a-z0-9-]+:[^:]*:[^:]*:.+$/.test(resource),
    );
  if (statements !== undefined && statements.length > 0 && !statements.some(isWrong)) return [];
  return [{ property, reason: `${property}: MalformedPolicyDocument, see the grammar of IAM's policies` }];
}

/** Resources that a policy names. */
export function resourcesOf(document: string): string[] {
  return (statementsOf(document) ?? []).flatMap(({ Resource }) => list(Resource));
}
