/** What cannot be anything but a secret: private keys, keys of Amazon, tokens of known services. */
const CERTAIN = [
  /-----BEGIN [A-Z0-9 ]*PRIVATE KEY/,
  /^PuTTY-User-Key-File-/m,
  /\bAGE-SECRET-KEY-1/,
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b/,
  /\b(gh[oprsu]_|github_pat_|glpat-|xox[abeprs]-|pul-|[rs]k_live_|SG\.)[\w.-]{10,}/,
  /\beyJ[\w-]{8,}\.eyJ[\w-]{2,}\./,
];

/** Names of keys and parameters under which secrets stand. */
const SECRET_NAME = /secret|pass|pwd|token|key|credential|auth|login|signature|\bsig\b|\bpin\b/i;

/** Technical names with digits in them. */
const TECHNICAL = /^(ipv[46]|tls443|s3|ec2|oauth2?|http[23]?|h26[45]|vp[89]|av1|route53Zone)$/i;

const MOST_WORD_LETTERS = 20;

/** So many characters that nobody made up hold enough bits to keep somebody out. */
const SECRET_CHARACTERS = 16;

/** Whether no text but a secret looks so. */
export function isCertainSecret(text: string): boolean {
  return CERTAIN.some((form) => form.test(text));
}

/** Whether what stands under that name is a secret, whatever it looks like. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** Letters as words have them: with vowels, without a heap of consonants, and not all of them hexadecimal digits. */
function isWord(letters: string): boolean {
  if (letters.length < 2 || letters.length > MOST_WORD_LETTERS) return false;
  if (letters.length < 5) return true;
  const isHex = letters.length >= 8 && /^[a-f]+$/i.test(letters);
  return /[aeiouy]/i.test(letters) && !/[^aeiouy]{6}/i.test(letters) && !isHex;
}

/** Whether it is words, as in `camelCase`: upper case letters begin a word or are one. */
function isCamelCase(piece: string): boolean {
  const words = piece.match(/[A-Z]?[a-z]+|[A-Z]+/g) ?? [];
  return words.join("") === piece && words.every(isWord);
}

/** Whether a name is made of words and short numbers, as somebody writes who wants to be read. */
export function isWords(name: string): boolean {
  return name
    .split(/[-_.]+/)
    .every((piece) => /^\d{0,2}$/.test(piece) || TECHNICAL.test(piece) || isCamelCase(piece));
}

/** Whether a part of an address is one that a machine made up: long, and not of words, dates and counted names. */
export function isMadeUp(part: string): boolean {
  if (part.length < SECRET_CHARACTERS) return false;
  return !part
    .split(/[-_.~]+/)
    .every((piece) => /^\d{0,4}$/.test(piece) || isWords(piece.replace(/\d{1,3}$/, "")) || isWords(piece));
}
