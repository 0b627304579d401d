import { files } from "./files";
import type { FileGroup } from "./manifest";

/**
 * Several groups as one, which a host is given in one step. It names those that it is made of: on a host where an earlier program
 * brought them apart, what is there becomes part of it.
 */
export function joinedGroup(group: string, parts: FileGroup[]): FileGroup {
  const formerGroups = parts.map((part) => part.group).filter((name) => name !== group);
  const joined: Record<string, unknown> = {};
  for (const [key, value] of parts.flatMap(Object.entries)) joined[key] = both(joined[key], value);
  return { run: [], ...joined, group, formerGroups, files: files(...parts.map((part) => part.files)) };
}

function both(one: unknown, other: unknown): unknown {
  if (Array.isArray(one) && Array.isArray(other)) return [...(one as unknown[]), ...(other as unknown[])];
  if (typeof one === "object" && typeof other === "object") return { ...one, ...other };
  return other;
}
