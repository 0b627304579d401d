/** A value that a template can show. */
export type Scalar = string | number | boolean;

/** Turns a value into a literal of the target language, with its quotes. Throws where the language has no way to say it. */
export type Escaper = (value: Scalar) => string;

/** Lua 5.4: numbers and booleans as they are, strings quoted; control characters as three decimal digits. */
export const lua: Escaper = (value) =>
  typeof value === "string"
    ? `"${value.replace(/[\\"]/g, "\\$&").replace(CONTROLS, luaControl)}"`
    : literal(value);

/** HOCON: numbers and booleans as they are, strings quoted as in JSON, which HOCON contains. */
export const hocon: Escaper = (value) =>
  typeof value === "string" ? JSON.stringify(value).replace(/\u007f/g, "\\u007f") : literal(value);

/**
 * YAML: strings quoted as in JSON, which YAML contains. In YAML 1.1, which Prometheus and Alertmanager read, a few letters more end a
 * line or may not stand in a document.
 */
export const yaml: Escaper = (value) =>
  hocon(value).replace(
    /[\u0080-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** `NAME=value` lines that systemd reads as EnvironmentFile and shells source: always in double quotes. */
export const env: Escaper = (value) =>
  `"${refuse(String(value), CONTROLS, "an environment file").replace(/[\\"$`]/g, "\\$&")}"`;

/** A word of a shell script, always in single quotes. */
export const shell: Escaper = (value) =>
  `'${refuse(String(value), CONTROLS, "a shell script").replaceAll("'", "'\\''")}'`;

/** A bare word of a unit file; "%" starts a specifier there and is doubled. Words that need quotes are refused. */
export const systemd: Escaper = (value) =>
  refuse(String(value), /[^\w@%+=:,./-]|^$/u, "a unit file").replaceAll("%", "%%");

/** A bare word of an nftables file: addresses, ports, names. */
export const nft: Escaper = (value) => refuse(String(value), /[^\w.:/-]|^$/u, "an nftables file");

/** What stands between quotes in apt's configuration: names of packages, URLs; an IPv6 address in brackets. */
export const apt: Escaper = (value) => refuse(String(value), /[^\w.:/[\]-]|^$/u, "apt's configuration");

/** A bare word of an nginx configuration: names, addresses, paths, ports. */
export const nginx: Escaper = (value) => refuse(String(value), /[^\w.:/@-]|^$/u, "an nginx configuration");

/** A bare value of coturn's configuration, which knows no quotes: names, addresses, paths, numbers. */
export const turnserver: Escaper = (value) =>
  refuse(String(value), /[^\w.:/-]|^$/u, "coturn's configuration");

/**
 * JavaScript: strings quoted as in JSON. "<", ">" and "&" as escapes, since the page has the file inside a script element, where
 * "</script>" and "<!--" mean something; the two line separators, since older JavaScript takes them for line ends.
 */
export const js: Escaper = (value) => (typeof value === "string" ? jsValue(value) : literal(value));

/** As `js`, for any value that JSON has. */
export function jsValue(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u007f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Text of HTML, in an element or in a quoted attribute. */
export const html: Escaper = (value) =>
  String(value).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);

// eslint-disable-next-line no-control-regex -- control characters are what this finds
const CONTROLS = /[\u0000-\u001f\u007f]/g;

/** Always three digits, so that a digit that follows is not taken for part of the escape. */
function luaControl(character: string): string {
  return `\\${String(character.charCodeAt(0)).padStart(3, "0")}`;
}

function literal(value: number | boolean): string {
  if (typeof value === "number" && !Number.isFinite(value))
    throw new Error(`${value} is not a number that a file can hold`);
  return String(value);
}

function refuse(value: string, forbidden: RegExp, language: string): string {
  if (value.search(forbidden) >= 0) {
    throw new Error(
      `${JSON.stringify(value)} cannot be written in ${language}: it has a character that is not allowed there`,
    );
  }
  return value;
}
