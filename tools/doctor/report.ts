/** What a bug report may hold: everything that is written goes through `redactor`, so that no value slips past it. */
export interface ReportFacts {
  /** Of programs, by name. */
  versions: Record<string, string>;
  /** Of packages, as the stack pins them. */
  release: unknown;
  certificate: unknown;
  /** How many of each. */
  hosts: Record<string, number>;
  /** What the doctor found. */
  walk: unknown;
}

/** In their order: what names a secret first, whole blocks before words, accounts before addresses. */
const PATTERNS: [RegExp, string][] = [
  [/-----BEGIN [^-]+-----[\s\S]*?-----END [^-]+-----/g, "<pem>"],
  [
    /\b((?:pass(?:word|wd|phrase)?|secret|token|credential|(?:api|access|private)?key)["']?\s*[=:]\s*)[^\s,;}]+/gi,
    "$1<secret>",
  ],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s/@"]+@/gi, "<login>@"],
  [/[^\s"'<>@;,]+@[^\s"'<>;,]+/g, "<account>"],
  [/\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g, "<secret>"],
  [/(?<![\w/.-])[A-Za-z0-9+_=-]{24,}(?![\w/.-])/g, "<secret>"],
];
const IPV4 = /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)/g;
const IPV6 = /(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi;

/**
 * Texts without secrets, accounts, addresses and names of machines. The same address has the same number in all of them. `names`: of this
 * deployment, the domain and whatever ends with it.
 */
export function redactor(names: string[]): (text: string) => string {
  const seen = new Map<string, string>();
  const numbered = (address: string) => {
    if (address.startsWith("127.") || address === "::1" || address === "::") return address;
    if (!seen.has(address)) seen.set(address, `<address ${seen.size + 1}>`);
    return seen.get(address) ?? "";
  };
  const longestFirst = [...names].sort((one, other) => other.length - one.length);
  return (text) => {
    let left = text;
    for (const [pattern, instead] of PATTERNS) left = left.replace(pattern, instead);
    for (const name of longestFirst)
      left = left.replaceAll(new RegExp(`(?:[\\w-]+\\.)*${escaped(name)}`, "gi"), "<domain>");
    return left.replace(IPV4, numbered).replace(IPV6, numbered);
  };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The report as JSON. */
export function reportOf(facts: ReportFacts, names: string[]): string {
  return `${JSON.stringify(cleaned(facts, redactor(names)), null, 2)}\n`;
}

/** A value with every string in it redacted, keys as well. */
function cleaned(value: unknown, redact: (text: string) => string): unknown {
  if (typeof value === "string") return redact(value);
  if (Array.isArray(value)) return value.map((one) => cleaned(one, redact));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [redact(key), cleaned(one, redact)]));
}
