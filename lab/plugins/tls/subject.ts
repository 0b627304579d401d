import * as x509 from "@peculiar/x509";
import { text, texts, type Schema } from "../shared/schema";
import type { Properties } from "../shared/values";

const SUBJECT: Schema = {
  commonName: text,
  country: text,
  emailAddress: text,
  locality: text,
  organization: text,
  organizationalUnit: text,
  postalCode: text,
  province: text,
  serialNumber: text,
  streetAddresses: texts,
};

/** Inputs that name what a certificate is for. */
export const NAMES: Schema = { subject: { kind: SUBJECT }, dnsNames: texts, ipAddresses: texts, uris: texts };

/** Attribute of each field, in the order in which Go writes them. Source: crypto/x509/pkix, Name.ToRDNSequence. */
const ATTRIBUTES: [field: string, attribute: string][] = [
  ["country", "2.5.4.6"],
  ["organization", "2.5.4.10"],
  ["organizationalUnit", "2.5.4.11"],
  ["locality", "2.5.4.7"],
  ["province", "2.5.4.8"],
  ["streetAddresses", "2.5.4.9"],
  ["postalCode", "2.5.4.17"],
  ["commonName", "2.5.4.3"],
  ["serialNumber", "2.5.4.5"],
  ["emailAddress", "1.2.840.113549.1.9.1"],
];

/** The distinguished name of a `subject` input; an absent one gives the empty name. */
export function subjectName(inputs: Properties): x509.Name {
  const subject = (inputs["subject"] ?? {}) as Record<string, string | string[] | undefined>;
  const parts = ATTRIBUTES.flatMap(([field, attribute]) => {
    const values = [subject[field] ?? []].flat().filter((value) => value !== "");
    return values.map((value) => ({ [attribute]: [value] }));
  });
  return new x509.Name(parts);
}

/** The subject alternative names, none if there are no names; critical where the subject is empty (RFC 5280). */
export function alternativeNames(inputs: Properties, name: x509.Name): x509.Extension[] {
  const list = (key: string, type: "dns" | "ip" | "url") =>
    ((inputs[key] ?? []) as string[]).map((value) => ({ type, value }));
  const names = [...list("dnsNames", "dns"), ...list("ipAddresses", "ip"), ...list("uris", "url")];
  if (names.length === 0) return [];
  return [new x509.SubjectAlternativeNameExtension(names, name.toString() === "")];
}
