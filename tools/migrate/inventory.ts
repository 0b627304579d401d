import { parseDocument } from "yaml";
import { MigrationError } from "./migration";

export type Variables = Record<string, unknown>;

/** A host of an inventory with its variables: its own, else its groups', else those of all. */
export interface InventoryHost {
  name: string;
  groups: string[];
  variables: Variables;
}

/** A text that ansible-vault encrypted; only that it is there is known. */
const ENCRYPTED = Symbol("encrypted by ansible-vault");

interface Group {
  hosts?: Record<string, Variables | null> | null;
  vars?: Variables | null;
  children?: Record<string, Group | null> | null;
}

/** Every host of an inventory in YAML. Throws MigrationError where it is none. */
export function readInventory(text: string, file: string): InventoryHost[] {
  const hosts = new Map<string, InventoryHost>();
  for (const [name, group] of Object.entries(groupsOf(text, file))) collect(name, group ?? {}, [], {}, hosts);
  return [...hosts.values()].map((host) => ({ ...host, variables: resolved(host.variables) }));
}

function groupsOf(text: string, file: string): Record<string, Group | null> {
  const vault = { tag: "!vault", resolve: () => ENCRYPTED };
  const document = parseDocument(text, { merge: true, customTags: [vault], logLevel: "silent" });
  const [problem] = document.errors;
  // A reader's own words quote the line, in which a secret may stand.
  if (problem) {
    const line = problem.linePos?.[0].line ?? 1;
    throw new MigrationError(`${file} is not valid YAML: line ${line} (the line is not shown)`);
  }
  const content: unknown = document.toJS();
  if (isStructure(content) && Object.values(content).every((group) => group === null || isStructure(group)))
    return content as Record<string, Group | null>;
  throw new MigrationError(`${file} is no inventory: it has no groups of hosts, such as "all:"`);
}

function isStructure(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Adds a group's hosts; what stands further down wins, as in Ansible. */
function collect(
  name: string,
  group: Group,
  above: string[],
  inherited: Variables,
  hosts: Map<string, InventoryHost>,
): void {
  const groups = [...above, name];
  const variables = { ...inherited, ...group.vars };
  for (const [host, own] of Object.entries(group.hosts ?? {})) {
    const known = hosts.get(host) ?? { name: host, groups: [], variables: {} };
    hosts.set(host, {
      name: host,
      groups: [...new Set([...known.groups, ...groups])],
      variables: { ...known.variables, ...variables, ...own },
    });
  }
  for (const [child, inner] of Object.entries(group.children ?? {}))
    collect(child, inner ?? {}, groups, variables, hosts);
}

/** A value that is a word or a number; undefined where it is missing, empty, encrypted or a structure. */
export function textOf({ variables }: Pick<InventoryHost, "variables">, key: string): string | undefined {
  const value = variables[key];
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** `{{ name }}` is replaced by that variable's value; other expressions stay as they are. */
function resolved(variables: Variables): Variables {
  const valueOf = (value: unknown, depth = 0): unknown => {
    if (typeof value !== "string" || depth > 9) return value;
    const whole = /^\{\{\s*(\w+)\s*\}\}$/.exec(value)?.[1];
    if (whole !== undefined && whole in variables) return valueOf(variables[whole], depth + 1);
    return value.replace(/\{\{\s*(\w+)\s*\}\}/g, (reference, name: string) => {
      const inner = valueOf(variables[name], depth + 1);
      return typeof inner === "string" || typeof inner === "number" ? String(inner) : reference;
    });
  };
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, valueOf(value)]));
}
