import { randomBytes } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { flag, number, required, text, texts, type Failure, type Schema } from "../shared/schema";
import type { ResourceType } from "../shared/resource";
import { textOf, UNKNOWN, type Properties } from "../shared/values";
import { signingKey, type SigningKey } from "./keys";
import { parseCertificate, parseRequest } from "./parse";
import { alternativeNames, NAMES, subjectName } from "./subject";
import { unknownUsages, usageExtensions } from "./usages";
import { checkHours, renewalDue, span, timestamp, VALIDITY } from "./validity";

/** Inputs that both kinds of certificate share. */
const COMMON: Schema = {
  ...VALIDITY,
  allowedUses: required(texts),
  isCaCertificate: flag,
  maxPathLength: number,
  setSubjectKeyId: flag,
};

/** Source: RFC 5280 §4.2.1.6, id-ce-subjectAltName. */
const SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";

/** What is to be certified, and by whom. */
interface Order {
  subject: x509.Name;
  issuer: x509.Name;
  publicKey: x509.PublicKey;
  signer: SigningKey;
  names: x509.Extension[];
  /** Key identifier of the issuer where it has one. */
  authorityKeyId?: string;
}

function check(inputs: Properties): Failure[] {
  const uses = Array.isArray(inputs["allowedUses"]) ? (inputs["allowedUses"] as string[]) : [];
  const wrong = unknownUsages(uses.filter((use) => use !== UNKNOWN));
  const failures = wrong.map((reason) => ({ property: "allowedUses", reason: `allowedUses: ${reason}` }));
  return [...failures, ...checkHours(inputs)];
}

/** Random, positive, 16 bytes; never starts with a zero byte, so that its encoding is the shortest. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

async function extensions(inputs: Properties, order: Order): Promise<x509.Extension[]> {
  const isCa = inputs["isCaCertificate"] === true;
  const pathLength =
    isCa && typeof inputs["maxPathLength"] === "number" ? inputs["maxPathLength"] : undefined;
  const list = [...usageExtensions(inputs["allowedUses"] as string[])];
  list.push(new x509.BasicConstraintsExtension(isCa, pathLength, true));
  // An authority always carries its key identifier, as Go's crypto/x509 sees to.
  if (isCa || inputs["setSubjectKeyId"] === true)
    list.push(await x509.SubjectKeyIdentifierExtension.create(order.publicKey));
  if (order.authorityKeyId !== undefined)
    list.push(new x509.AuthorityKeyIdentifierExtension(order.authorityKeyId));
  return [...list, ...order.names];
}

/** What the state records for inputs that were left out. */
function defaults(inputs: Properties, flags: readonly string[]): Properties {
  const off = Object.fromEntries(flags.map((name) => [name, false]));
  return { earlyRenewalHours: 0, ...off, ...inputs };
}

async function issue(inputs: Properties, order: Order): Promise<{ id: string; outputs: Properties }> {
  const validity = span(inputs);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: order.subject,
    issuer: order.issuer,
    ...validity,
    publicKey: order.publicKey,
    signingKey: order.signer.pair.privateKey,
    signingAlgorithm: order.signer.algorithm,
    extensions: await extensions(inputs, order),
  });
  const outputs = {
    certPem: `${certificate.toString("pem").trim()}\n`,
    readyForRenewal: false,
    validityStartTime: timestamp(validity.notBefore),
    validityEndTime: timestamp(validity.notAfter),
  };
  return { id: BigInt(`0x${certificate.serialNumber}`).toString(), outputs };
}

function certificateType(
  inputs: Schema,
  outputs: string[],
  flags: string[],
  create: ResourceType["create"],
): ResourceType {
  return {
    inputs,
    outputs: ["certPem", "readyForRenewal", "validityStartTime", "validityEndTime", ...outputs],
    replaceOn: Object.keys(inputs).filter((name) => name !== "earlyRenewalHours"),
    check,
    expired: renewalDue,
    create: async (given, context) => {
      const { id, outputs: issued } = await create(given, context);
      return { id, outputs: { ...defaults(given, flags), ...issued } };
    },
    update: (given) => Promise.resolve(defaults(given, flags)),
  };
}

/** `tls:index/selfSignedCert:SelfSignedCert`: a certificate signed by its own key, such as a root authority. */
export const selfSignedCert = certificateType(
  { ...COMMON, ...NAMES, privateKeyPem: required(text), setAuthorityKeyId: flag },
  ["keyAlgorithm"],
  ["isCaCertificate", "setSubjectKeyId", "setAuthorityKeyId"],
  async (inputs) => {
    const signer = await signingKey(textOf(inputs, "privateKeyPem"), "privateKeyPem");
    const subject = subjectName(inputs);
    const publicKey = new x509.PublicKey(await crypto.subtle.exportKey("spki", signer.pair.publicKey));
    const own = await x509.SubjectKeyIdentifierExtension.create(publicKey);
    const order: Order = {
      subject,
      issuer: subject,
      publicKey,
      signer,
      names: alternativeNames(inputs, subject),
    };
    if (inputs["setAuthorityKeyId"] === true) order.authorityKeyId = own.keyId;
    const { id, outputs } = await issue(inputs, order);
    return { id, outputs: { ...outputs, keyAlgorithm: signer.name } };
  },
);

/** `tls:index/locallySignedCert:LocallySignedCert`: a request certified by an authority's key. */
export const locallySignedCert = certificateType(
  { ...COMMON, certRequestPem: required(text), caCertPem: required(text), caPrivateKeyPem: required(text) },
  ["caKeyAlgorithm"],
  ["isCaCertificate", "setSubjectKeyId"],
  async (inputs) => {
    const signer = await signingKey(textOf(inputs, "caPrivateKeyPem"), "caPrivateKeyPem");
    const authority = parseCertificate(textOf(inputs, "caCertPem"), "caCertPem");
    const request = await parseRequest(textOf(inputs, "certRequestPem"), "certRequestPem");
    const keyId = authority.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
    const names = request.getExtension(SUBJECT_ALTERNATIVE_NAME);
    const order: Order = {
      subject: request.subjectName,
      issuer: authority.subjectName,
      publicKey: request.publicKey,
      signer,
      names: names === null ? [] : [names],
      ...(keyId === undefined ? {} : { authorityKeyId: keyId }),
    };
    const { id, outputs } = await issue(inputs, order);
    return { id, outputs: { ...outputs, caKeyAlgorithm: signer.name } };
  },
);
