import { createPrivateKey, type KeyObject } from "node:crypto";
import type { Problem } from "./field";
import { sshParts } from "./hostKey";

/** Fewest bits of an RSA key that OpenSSH since 9.1, its successors and browsers take (CA/Browser Forum, Baseline Requirements §6.1.5). */
export const RSA_BITS = 2048;

const LONGEST_PATH = 255;

/** What an error says of a private key in place of its value. */
const says = (what: string, rule: string, fix: string): Problem => ({
  finding: `${what} (value not shown)`,
  rule,
  fix,
  isSecret: true,
});

interface Remedies {
  /** The value of `pulumi config set`, as in `jitsi:sshPrivateKey`. */
  key: string;
  /** Makes a key. */
  make: string;
  /** Takes the passphrase off a key. */
  open: string;
  /** Puts a key of PuTTY into the right form. */
  fromPutty: string;
}

/** Whether it is something that goes with a private key and everybody may see: its public key, a certificate, or where it lies. */
export function isHarmless(value: string): boolean {
  const isPrivate = /PRIVATE KEY|^PuTTY-User-Key-File-/m.test(value);
  return !isPrivate && (isPublicKey(value) || isCertificate(value) || isPath(value));
}

/** A path by its first characters. */
function isPath(value: string): boolean {
  return /^\s*(~|\.{1,2}|[A-Za-z]:)?[/\\][^\n]*$/.test(value) && value.trim().length <= LONGEST_PATH;
}

function isPublicKey(value: string): boolean {
  return /^\s*((sk-)?(ssh|ecdsa)-|-----BEGIN [A-Z0-9 ]*PUBLIC KEY)/m.test(value);
}

function isCertificate(value: string): boolean {
  return value.includes("-----BEGIN CERTIFICATE");
}

/** What is written in place of a private key, as far as its first line says so; undefined where it looks like one. */
function foreignForm(value: string, { key, make, open, fromPutty }: Remedies): Problem | undefined {
  const set = `pulumi config set --secret ${key} --stack STACK < `;
  if (/^PuTTY-User-Key-File-/m.test(value))
    return says("is a key of PuTTY", "Only PuTTY reads this format.", `${fromPutty}, then: ${set}key`);
  if (/^-----BEGIN (ENCRYPTED PRIVATE KEY|[A-Z ]*PRIVATE KEY-----\s+Proc-Type: 4,ENCRYPTED)/m.test(value))
    return says("has a passphrase", "Nobody can type it during `pulumi up`.", `${open}, then: ${set}key`);
  if (/^-----BEGIN [A-Z ]*PRIVATE KEY-----/m.test(value)) return undefined;
  if (isPublicKey(value))
    return says("is a public key", "The private key is needed: the file without .pub.", `${set}key`);
  if (isCertificate(value)) return says("is a certificate", "Its private key is needed.", `${set}key`);
  if (isPath(value))
    return {
      ...says("", "The key itself is kept, encrypted, so that `up` works on any machine.", `${set}FILE`),
      finding: "is the path of a file (not shown)",
    };
  return says(
    "is no key",
    "It is a private key, from its line -----BEGIN to its line -----END.",
    `${make}, or set yours: ${set}key`,
  );
}

/** A private key in PEM form; undefined where it cannot be read. */
function pemKey(value: string): KeyObject | undefined {
  try {
    return createPrivateKey(value);
  } catch {
    return undefined;
  }
}

/** A key that OpenSSH wrote. */
interface OpensshKey {
  isEncrypted: boolean;
  /** As in a public key line: "ssh-ed25519". */
  algorithm: string;
  /** Of an RSA key. */
  bits: number | undefined;
}

/** PROTOCOL.key of OpenSSH: what a private key says of itself without its passphrase; undefined where it is cut off or none. */
function opensshKey(value: string): OpensshKey | undefined {
  const [, base64 = ""] =
    /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----/.exec(value) ??
    [];
  const magic = "openssh-key-v1\0";
  const blob = Buffer.from(base64, "base64");
  if (blob.subarray(0, magic.length).toString("latin1") !== magic) return undefined;
  const head = sshParts(blob.subarray(magic.length), 3);
  const [cipher, kdf, options] = head ?? [];
  if (!cipher || !kdf || !options) return undefined;
  // Behind them stand the number of keys, then the public one and the private one.
  const start = magic.length + cipher.length + kdf.length + options.length + 4 * 4;
  const [publicBlob, privateBlob] = sshParts(blob.subarray(start), 2) ?? [];
  if (!publicBlob || !privateBlob) return undefined;
  const [algorithm, , modulus] = sshParts(publicBlob) ?? [];
  if (!algorithm) return undefined;
  const name = algorithm.toString("latin1");
  return {
    isEncrypted: cipher.toString("latin1") !== "none",
    algorithm: name,
    bits: name === "ssh-rsa" ? bitsOf(modulus) : undefined,
  };
}

/** RFC 4251 §5, mpint: a positive number may begin with a byte of zeros. */
function bitsOf(number: Buffer | undefined): number | undefined {
  return number && BigInt(`0x0${number.toString("hex")}`).toString(2).length;
}

const weak = (bits: number, make: string) =>
  says(
    `is an RSA key of ${bits} bits`,
    `RSA under ${RSA_BITS} bits is refused by servers, clients and browsers of today.`,
    make,
  );

const dsa = (make: string) => says("is a DSA key", "Current servers, clients and browsers refuse DSA.", make);

const MAKE_SSH =
  "Make a new one and add its .pub to ~/.ssh/authorized_keys on the servers: ssh-keygen -t ed25519 -N '' -f key";

const SSH = {
  key: "jitsi:sshPrivateKey",
  make: MAKE_SSH,
  open: "Remove it from a copy of the key: cp ~/.ssh/id_ed25519 key && ssh-keygen -p -N '' -f key (or leave the key out and use the SSH agent)",
  fromPutty: "Convert it: puttygen key.ppk -O private-openssh -o key",
};

const CUT_OFF = says(
  "is cut off or has a wrong character",
  "A key is whole, with every line from -----BEGIN to -----END.",
  `Set it from the file: pulumi config set --secret ${SSH.key} --stack STACK < ~/.ssh/id_ed25519`,
);

/** Whether the value is a private key that logs in somewhere. */
export function sshKeyProblem(value: string): Problem | undefined {
  const foreign = foreignForm(value, SSH);
  if (foreign) return foreign;
  if (/-----BEGIN (DSA|DSS) /.test(value)) return dsa(MAKE_SSH);
  if (!value.includes("-----BEGIN OPENSSH ")) return pemProblem(value, MAKE_SSH) ?? undefined;
  const key = opensshKey(value);
  if (!key) return CUT_OFF;
  if (key.isEncrypted) return foreignForm("-----BEGIN ENCRYPTED PRIVATE KEY", SSH);
  if (key.algorithm === "ssh-dss") return dsa(MAKE_SSH);
  if (key.algorithm.startsWith("sk-"))
    return says("is a key of a security token", "Nobody can touch the token during `pulumi up`.", MAKE_SSH);
  return key.bits !== undefined && key.bits < RSA_BITS ? weak(key.bits, MAKE_SSH) : undefined;
}

function pemProblem(value: string, make: string): Problem | undefined {
  const key = pemKey(value);
  if (!key) return CUT_OFF;
  if (key.asymmetricKeyType === "dsa") return dsa(make);
  const bits = key.asymmetricKeyDetails?.modulusLength;
  return bits !== undefined && bits < RSA_BITS ? weak(bits, make) : undefined;
}

const SERVER = {
  key: "jitsi:certificateKey",
  make: "Make one, and a request for a certificate: openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -out request.pem",
  open: "Remove it from a copy of the key: openssl pkey -in key.pem -out key",
  fromPutty: "Take the key that was made with the certificate",
};

/** Whether the value is the private key of a certificate that browsers take. */
export function serverKeyProblem(value: string): Problem | undefined {
  const foreign = foreignForm(value, SERVER);
  if (foreign) return foreign;
  if (value.includes("-----BEGIN OPENSSH "))
    return says(
      "is a key in the form of OpenSSH",
      "Servers of web pages read PEM.",
      "If it is the certificate's, convert a copy: ssh-keygen -p -m PKCS8 -N '' -f key",
    );
  const problem = pemProblem(value, `Get a new certificate with a new key. ${SERVER.make}`);
  if (problem !== CUT_OFF) return problem;
  return {
    ...CUT_OFF,
    fix: `Set it from the file: pulumi config set --secret ${SERVER.key} --stack STACK < key.pem`,
  };
}
