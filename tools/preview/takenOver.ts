import type { Change } from "./digest";
import { documentOf, isGroup, type Group } from "./document";

/** A step whose end does nothing on its host, since the files of its group are another one's by then. */
export interface TakenOver {
  step: string;
  by: string;
}

/**
 * Where a step brings the files of former steps, the change of both is one of files: those that differ, and no others. Returns the
 * changes with such steps as one, and which steps end with nothing to undo.
 */
export function joinTakenOver(changes: Change[]): { changes: Change[]; takenOver: TakenOver[] } {
  const takenOver: TakenOver[] = [];
  const joined = changes.map((change) => {
    const document = documentOf(change.after);
    const former = isGroup(document) ? formerOf(change, document, changes) : [];
    if (former.length === 0 || !isGroup(document)) return change;
    takenOver.push(...former.map(({ name }) => ({ step: name, by: change.name })));
    const before = [documentOf(change.before), ...former.map((one) => documentOf(one.before))].filter(
      isGroup,
    );
    const whole = { ...document, ...together(before) };
    return {
      ...change,
      operation: "update" as const,
      before: { ...change.after, stdin: JSON.stringify(whole) },
    };
  });
  const gone = new Set(takenOver.map(({ step }) => step));
  return { changes: joined.filter(({ name }) => !gone.has(name)), takenOver };
}

/** Steps of the same host that go, and whose groups this one takes over. */
function formerOf({ parent }: Change, { formerGroups = [] }: Group, changes: Change[]): Change[] {
  return changes.filter((one) => {
    const document = documentOf(one.before);
    return (
      one.operation === "delete" &&
      one.parent?.name === parent?.name &&
      isGroup(document) &&
      formerGroups.includes(document.group)
    );
  });
}

function together(groups: Group[]): Pick<Group, "files" | "whoNotices"> {
  return {
    files: Object.assign({}, ...groups.map(({ files }) => files)) as Group["files"],
    whoNotices: Object.assign({}, ...groups.map(({ whoNotices }) => whoNotices)) as Record<string, string>,
  };
}
