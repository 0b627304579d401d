/** One mistake in the configuration: key, value, rule, fix. */
export interface ConfigError {
  /** Path as in the stack file, e.g. "jitsi:regions[1].videobridges[0].hostKey". */
  key: string;
  /** What is wrong with it, beginning with the verb: "is missing", 'is "fra 1"', "has 2 cores". Never holds a secret. */
  finding: string;
  rule: string;
  fix: string;
}

/** Longest piece of a value that an error shows. */
const SHOWN_CHARACTERS = 80;

/** User and password of a URL. */
const URL_LOGIN = /:\/\/[^\s/"@]*@/g;

/**
 * What is a secret wherever it stands, in the wrong key too: private keys, keys of AWS, tokens of known services, and long words of
 * capitals, small letters and digits that nobody made up. Public keys of SSH are none.
 */
const SECRETS = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----.*/g,
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\b(gh[opsu]|github_pat|glpat|xox[abeprs]|pul)[-_][\w-]{10,}/g,
  /(?<!\b(?:ssh|ecdsa)-[\w@.-]+ +)(?<![\w+/=-])(?=[\w+/=-]*[A-Z])(?=[\w+/=-]*[a-z])(?=[\w+/=-]*\d)[\w+/=-]{32,}/g,
];

/** A value as it appears in an error: JSON, cut off where it is long, without the login of a URL and without what is a secret. */
export function shown(value: unknown): string {
  const json = (value === undefined ? "nothing" : JSON.stringify(value)).replaceAll(URL_LOGIN, "://…@");
  const text = SECRETS.reduce((open, secret) => open.replaceAll(secret, "… (not shown)"), json);
  const characters = Array.from(text);
  return characters.length <= SHOWN_CHARACTERS ? text : `${characters.slice(0, SHOWN_CHARACTERS).join("")}…`;
}

/** Steps into the configuration → key as the user knows it. */
export function keyPath(path: readonly PropertyKey[]): string {
  const [first, ...rest] = path;
  const steps = rest.map((step) => {
    if (typeof step === "number") return `[${step}]`;
    const name = String(step);
    return /^[A-Za-z_][\w-]*$/.test(name) ? `.${name}` : `[${shown(name)}]`;
  });
  const head = String(first);
  return `jitsi:${/^[\w-]+$/.test(head) ? head : shown(head)}${steps.join("")}`;
}

/** Three lines: key and value, then the rule, then the fix. */
export function formatError({ key, finding, rule, fix }: ConfigError): string {
  return `${key} ${finding}.\n  ${rule}\n  ${fix}`;
}

/** All mistakes, in the order of the report, with an empty line between them. */
export function formatErrors(errors: ConfigError[]): string {
  return errors.map(formatError).join("\n\n");
}
