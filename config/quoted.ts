import { distance } from "fastest-levenshtein";
import ipaddr from "ipaddr.js";
import { isPlain } from "./plainWords";
import { isCertainSecret, isMadeUp, isWords } from "./secretForms";

/**
 * What errors may quote. A secret lands in any key, so a value is quoted only if it cannot be one: a number, an address, the name of
 * a host, a word that the key knows, a few plain words; and what nobody writes in place of a secret, a word where one of a few words
 * belongs. Of all others an error says what they are and how long.
 */

/** Longest piece of a value that an error shows. */
const SHOWN_CHARACTERS = 80;

/** Text that is too short to keep anybody out. */
const HARMLESS_CHARACTERS = 4;

/** Longest name of a key that is shown; longer ones are no names. */
const NAME_CHARACTERS = 24;

/** Most digits of a number, where anything may stand and where a number belongs: there it may be in the wrong unit, as bytes for megabytes. */
const NUMBER_DIGITS = { anywhere: 6, atNumbers: 12 };

/** Most items of a list that is shown as a whole. */
const LIST_ITEMS = 4;

const HIDDEN = "(not shown)";

/** What belongs at a key, as far as it lets errors quote more. */
export interface Expected {
  /** One of these words. */
  words?: readonly string[];
  /** A number. */
  number?: boolean;
  /** A name of a host, a region or the like, which everybody may know. */
  name?: boolean;
}

/** The end of a host name; in XMPP and DNS it is never a number. */
const TOP_LABEL = /^([a-z]{2,16}|[A-Z]{2,16}|[A-Z][a-z]{1,15}|xn--[a-z0-9-]{1,20}|[^\x20-\x7e]{2,16})$/;

const PUBLIC_KEY = /^\s*(ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d{3}|sk-[a-z0-9-]+@openssh\.com) /;

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= SHOWN_CHARACTERS ? text : `${characters.slice(0, SHOWN_CHARACTERS).join("")}…`;
}

function isNumber(text: string, { number }: Expected): boolean {
  const most = number === true ? NUMBER_DIGITS.atNumbers : NUMBER_DIGITS.anywhere;
  return /^-?[\d.]+$/.test(text) && text.replace(/\D/g, "").length <= most;
}

/** An address or a network, also one with a mistake in its numbers. */
function isAddress(text: string): boolean {
  return (
    /^\d{1,3}(\.\d{1,3}){3}(\/\d{1,3})?$/.test(text) || ipaddr.IPv6.isValid(text.replace(/\/\d{1,3}$/, ""))
  );
}

function isHost(text: string): boolean {
  const labels = text.replace(/\.$/, "").split(".");
  return (
    labels.length > 1 &&
    labels.every((label) => /^[\p{L}\p{N}_*-]{1,63}$/u.test(label) && !isMadeUp(label)) &&
    TOP_LABEL.test(labels.at(-1) ?? "")
  );
}

const withoutPort = (text: string) => text.replace(/:\d{1,5}$/, "");

/** The scheme and the host of a URL, or undefined. Path, query and login may each be a secret. */
function urlShown(text: string): string | undefined {
  const [, scheme = "", login, host = "", rest = ""] =
    /^([a-z][a-z0-9]{1,9}:\/\/)([^/?#@\s]*@)?([^/?#@\s]+)([\s\S]*)$/i.exec(text) ?? [];
  const name = withoutPort(host);
  if (!isHost(name) && !isAddress(name.replace(/^\[|\]$/g, "")) && name !== "localhost") return undefined;
  return `${scheme}${login === undefined ? "" : "…@"}${host}${rest.length > 1 ? "/…" : rest}`;
}

function mailShown(text: string): string | undefined {
  const [, name = "", host = ""] = /^([^@\s:/]+)@([^@\s]+)$/.exec(text) ?? [];
  return isHost(host) ? `${isWords(name) ? name : "…"}@${host}` : undefined;
}

/** Whether it is one of some words, or would be but for a letter in three. */
function isNear(text: string, words: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return words.some((word) => distance(lower, word.toLowerCase()) <= Math.floor(word.length / 3));
}

/** Whether it is a word where one of a few belongs, or a name where one does; secrets are written in other places. */
function isInPlace(text: string, { words = [], name }: Expected): boolean {
  return isNear(text, words) || ((words.length > 0 || name === true) && isShownName(text));
}

/** As much of a text as an error may quote; undefined where that is nothing. */
function quotedText(text: string, expected: Expected): string | undefined {
  if (isCertainSecret(text)) return undefined;
  if (Array.from(text).length <= HARMLESS_CHARACTERS || isNumber(text, expected) || isPlain(text))
    return text;
  if (isAddress(text) || isHost(withoutPort(text)) || text === "localhost" || isInPlace(text, expected))
    return text;
  return urlShown(text) ?? mailShown(text);
}

/** What a text is that is not quoted. */
function kindOf(text: string): string {
  const [, algorithm] = PUBLIC_KEY.exec(text) ?? [];
  if (/PRIVATE KEY-----|^PuTTY-User-Key-File-/m.test(text)) return "a private key";
  if (algorithm !== undefined) return `a public key, ${algorithm}`;
  if (/^-----BEGIN [A-Z ]*PUBLIC KEY/m.test(text)) return "a public key";
  if (/-----BEGIN CERTIFICATE-----/.test(text)) return "a certificate";
  if (/^(SHA256|MD5):/.test(text)) return "a fingerprint";
  const lines = text.split("\n").length;
  return lines > 1 ? `text of ${lines} lines` : `text of ${Array.from(text).length} characters`;
}

function listShown(list: readonly unknown[], expected: Expected): string {
  const items = list.map((item) =>
    typeof item === "object" && item !== null ? HIDDEN : shown(item, expected),
  );
  const isOpen = list.length <= LIST_ITEMS && !items.some((item) => item.includes(HIDDEN));
  return isOpen ? `[${items.join(", ")}]` : `a list of ${list.length} ${HIDDEN}`;
}

/** A value as it appears in an error. */
export function shown(value: unknown, expected: Expected = {}): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") {
    const text = quotedText(value, expected);
    return text === undefined ? `${kindOf(value)} ${HIDDEN}` : JSON.stringify(cut(text));
  }
  if (Array.isArray(value)) return listShown(value, expected);
  if (typeof value === "object" && value !== null) {
    const count = Object.keys(value).length;
    return count === 0 ? "{}" : `a structure of ${count} key${count === 1 ? "" : "s"} ${HIDDEN}`;
  }
  const text = JSON.stringify(value);
  return typeof value !== "number" || isNumber(text, expected)
    ? text
    : `a number of ${text.length} characters ${HIDDEN}`;
}

/** Text that the whole world may read, as names in a certificate. */
export function shownPublic(text: string): string {
  return JSON.stringify(cut(text));
}

/** Whether the name of a key may be shown: it is short and made of words. */
export function isShownName(name: string): boolean {
  if (name === "" || isCertainSecret(name)) return false;
  return name.length <= HARMLESS_CHARACTERS || (name.length <= NAME_CHARACTERS && isWords(name));
}

/** The name of a key as it appears in an error. */
export function shownName(name: string): string {
  return isShownName(name) ? cut(name) : `(name of ${Array.from(name).length} characters, not shown)`;
}
