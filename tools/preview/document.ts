import { isHidden } from "./digest";

/** What the engine puts where a value is not known before `up` (sdk/nodejs/runtime/rpc.ts, unknownValue). */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A step's document whose `files` are read apart. */
export interface Group {
  group: string;
  files: Record<string, { content: string; encoding?: string; mode: string; owner: string; group: string }>;
  whoNotices?: Record<string, string>;
  /** Versions that it installs. */
  packages?: Record<string, string>;
  /** Its daemon hands over who is on it before it restarts. */
  handOver?: boolean;
  /** Its bridge is out of service. */
  parks?: unknown;
  formerGroups?: string[];
}

/** The document on a step's stdin: an object, a text, or "hidden" where the engine does not say it. */
export type Document = string | Record<string, unknown>;

export function documentOf(inputs: Record<string, unknown> | undefined): Document {
  const stdin = inputs?.["stdin"];
  if (isHidden(stdin) || stdin === UNKNOWN) return "hidden";
  if (typeof stdin !== "string") return "";
  try {
    const parsed: unknown = JSON.parse(stdin);
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : stdin;
  } catch {
    return stdin;
  }
}

export function isGroup(document: Document): document is Record<string, unknown> & Group {
  return typeof document === "object" && typeof document["files"] === "object";
}
