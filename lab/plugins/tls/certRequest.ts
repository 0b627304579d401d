import { createHash } from "node:crypto";
import * as x509 from "@peculiar/x509";
import { required, text, type Schema } from "../shared/schema";
import type { ResourceType } from "../shared/resource";
import { textOf } from "../shared/values";
import { signingKey } from "./keys";
import { alternativeNames, NAMES, subjectName } from "./subject";

const INPUTS: Schema = { ...NAMES, privateKeyPem: required(text) };

/** `tls:index/certRequest:CertRequest`: a PKCS#10 request for a certificate. */
export const certRequest: ResourceType = {
  inputs: INPUTS,
  outputs: ["certRequestPem", "keyAlgorithm"],
  replaceOn: Object.keys(INPUTS),
  create: async (inputs) => {
    const signer = await signingKey(textOf(inputs, "privateKeyPem"), "privateKeyPem");
    const name = subjectName(inputs);
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name,
      keys: signer.pair,
      signingAlgorithm: signer.algorithm,
      extensions: alternativeNames(inputs, name),
    });
    const certRequestPem = `${request.toString("pem").trim()}\n`;
    const id = createHash("sha1").update(Buffer.from(request.rawData)).digest("hex");
    return { id, outputs: { certRequestPem, keyAlgorithm: signer.name } };
  },
};
