import { text, type Problem, type Words } from "./field";
import { serverKeyProblem, sshKeyProblem } from "./keyForms";
import { parsedCertificates } from "./pem";

/** What stands for a secret that is there but cannot be read (`check` and `render` have no passphrase). */
export const OPAQUE_SECRET = "[secret]";

/** A private key in PEM or OpenSSH form. */
export const privateKey = (words: Words) =>
  text(
    {
      ...words,
      rule: "It is a private SSH key in PEM or OpenSSH form.",
      fix: "Set it from the file: pulumi config set --secret jitsi:sshPrivateKey --stack STACK < ~/.ssh/id_ed25519",
    },
    {
      multiline: true,
      secret: true,
      problem: (value) => (value === OPAQUE_SECRET ? undefined : sshKeyProblem(value)),
    },
  );

/** A private key of a server certificate, PEM. */
export const serverKey = (words: Words) =>
  text(
    {
      ...words,
      rule: "It is the private key of a certificate in PEM form, without a passphrase.",
      fix: "Set it from the file: pulumi config set --secret jitsi:certificateKey --stack STACK < key.pem",
    },
    {
      multiline: true,
      secret: true,
      problem: (value) => (value === OPAQUE_SECRET ? undefined : serverKeyProblem(value)),
    },
  );

const KEY_AMONG: Problem = {
  finding: "holds a private key (value not shown)",
  isSecret: true,
  rule: "Certificates are public; the key belongs in jitsi:certificateKey, encrypted. This one was readable.",
  fix: "Remove it, get a new certificate with a new key, and set that: pulumi config set --secret jitsi:certificateKey --stack STACK < key.pem",
};

/** Certificates in PEM form, one after the other. */
export const certificates = (words: Words) =>
  text(
    {
      ...words,
      rule: "It is one or more certificates in PEM form, and nothing else.",
      fix: "Write it as a block (|) that begins with -----BEGIN CERTIFICATE-----; the key belongs in jitsi:certificateKey.",
    },
    {
      multiline: true,
      problem: (value) =>
        value.includes("PRIVATE KEY-----") ? KEY_AMONG : parsedCertificates(value) ? undefined : true,
    },
  );

/** Certificates of authorities in PEM form. */
export const authorities = (words: Words) =>
  text(
    {
      ...words,
      rule: "It is one or more certificates of authorities in PEM form.",
      fix: "Write it as a block (|) that begins with -----BEGIN CERTIFICATE-----; ask the authority for its root certificate.",
    },
    {
      multiline: true,
      problem: (value) => (parsedCertificates(value)?.every(({ ca }) => ca) ? undefined : true),
    },
  );
