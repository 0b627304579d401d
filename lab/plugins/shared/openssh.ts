import type { KeyObject } from "node:crypto";
import * as sshpk from "sshpk";

// Not by way of JWK, which would be shorter: exporting a key object as JWK can deadlock Node 20 against its garbage
// collector (about once in some thousand exports).

/** The key as an unencrypted OpenSSH private key file, "" if SSH knows no such key. */
export function openSshPrivateKey(key: KeyObject): string {
  const parsed = parse(key);
  return parsed ? parsed.toString("ssh-private") : "";
}

/** Public key line and fingerprints in the forms that ssh-keygen prints; all "" if SSH knows no such key. */
export function openSshPublicKey(key: KeyObject): { line: string; md5: string; sha256: string } {
  const parsed = parse(key)?.toPublic();
  if (parsed === undefined) return { line: "", md5: "", sha256: "" };
  const [type, blob] = parsed.toString("ssh").split(" ");
  return {
    line: `${type ?? ""} ${blob ?? ""}\n`,
    md5: parsed.fingerprint("md5").toString("hex"),
    sha256: parsed.fingerprint("sha256").toString("base64"),
  };
}

/** P-224 is a curve of TLS that SSH does not have. */
function parse(key: KeyObject): sshpk.PrivateKey | undefined {
  if (key.asymmetricKeyDetails?.namedCurve === "secp224r1") return undefined;
  const pem = key.export({ format: "pem", type: "pkcs8" }).toString();
  const parsed = sshpk.parsePrivateKey(pem, "pkcs8");
  parsed.comment = "";
  return parsed;
}
