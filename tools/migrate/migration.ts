import { Document } from "yaml";

/** What an older deployment becomes. */
export interface Migration {
  /** Keys of the stack file without `jitsi:`, in the order in which they are written. */
  config: Record<string, unknown>;
  /** Secrets that the operator sets, with the place of the old value; a value is never read further than that. */
  secrets: { key: string; from: string }[];
  /** What is taken over in another form. */
  changes: string[];
  /** What is not taken over, each with its reason. */
  refusals: string[];
}

/** An input that says nothing of a deployment; its words are all that is told. */
export class MigrationError extends Error {}

/** The stack file of a migration; its text has no secret. */
export function stackFileText({ config }: Migration, source: string): string {
  const keys = Object.entries(config).map(([key, value]) => [`jitsi:${key}`, value]);
  const document = new Document({ config: Object.fromEntries(keys) as Record<string, unknown> });
  document.commentBefore = ` Written from ${source} by npm run migrate; docs/MIGRATION.md says what comes next.`;
  return document.toString({ lineWidth: 0 });
}

/** A name as an id may be: letters, digits and hyphens. */
export function idOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

/** What is said of a variable that nobody here reads: its name alone, since its value may be a secret. */
export function withoutMeaning(name: string): string {
  return `${name}: no key of this program has its meaning, as far as it is known`;
}
