import type { Problem } from "./field";

const ALGORITHM = "ssh-ed25519";
/** Bytes of an ed25519 public key (RFC 8032 §5.1.5). */
const KEY_BYTES = 32;

/** RFC 4253 §6.6: each part is a length of four bytes, then the bytes. `most`: parts that are read, the rest is left. */
export function sshParts(blob: Buffer, most = Infinity): Buffer[] | undefined {
  const found: Buffer[] = [];
  for (let offset = 0; offset < blob.length && found.length < most;) {
    if (offset + 4 > blob.length) return undefined;
    const end = offset + 4 + blob.readUInt32BE(offset);
    if (end > blob.length) return undefined;
    found.push(blob.subarray(offset + 4, end));
    offset = end;
  }
  return found;
}

function isEd25519Blob(base64: string): boolean {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return false;
  const [algorithm, key, ...rest] = sshParts(Buffer.from(base64, "base64")) ?? [];
  return algorithm?.toString("latin1") === ALGORITHM && key?.length === KEY_BYTES && rest.length === 0;
}

const PRIVATE: Problem = {
  finding: "is a private key (value not shown)",
  isSecret: true,
  rule: "The public one is asked for; the private one stays where it is.",
  fix: "Remove it, create new host keys on the machine, since this one was readable (rm /etc/ssh/ssh_host_* && ssh-keygen -A), and write the line of: cat /etc/ssh/ssh_host_ed25519_key.pub",
};

/** Whether the text is an ed25519 public key line. `true` where it is no such line at all. */
export function hostKeyProblem(value: string): Problem | true | undefined {
  if (/PRIVATE KEY|^PuTTY-User-Key-File-/m.test(value)) return PRIVATE;
  const [algorithm = "", base64 = ""] = value.trim().split(/ +/);
  if (algorithm === ALGORITHM) {
    if (isEd25519Blob(base64)) return undefined;
    return {
      rule: "The part after ssh-ed25519 is not a whole ed25519 key: it is cut off, or a character is wrong.",
      fix: "Copy the whole line of: cat /etc/ssh/ssh_host_ed25519_key.pub",
    };
  }
  if (algorithm === "ssh-rsa") {
    return {
      rule: "An RSA host key is refused: the SSH client of the command provider would request an SHA-1 signature, which current servers refuse.",
      fix: "Give the machine's ed25519 key instead: cat /etc/ssh/ssh_host_ed25519_key.pub",
    };
  }
  if (value.includes(` ${ALGORITHM} `)) {
    return {
      rule: "It begins with the server's address, as ssh-keyscan prints it.",
      fix: "Leave the first word out, and compare the fingerprint with the server's console: ssh-keyscan -t ed25519 ADDRESS | ssh-keygen -lf -",
    };
  }
  return true;
}

/** Algorithm and key without the comment: another comment is not another key. */
export function canonicalHostKey(value: string): string {
  return value.trim().split(/ +/).slice(0, 2).join(" ");
}
