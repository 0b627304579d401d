import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../programs";

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"];

/** An authority of a test: it signs as ours does (components/certificateAuthority.ts), for servers alone. */
export class TestAuthority {
  readonly certificate: string;

  constructor(
    private readonly folder: string,
    private readonly name: string,
  ) {
    this.certificate = join(folder, `${name}.pem`);
    openssl("req", "-x509", ...KEY, "-days", "2", "-subj", `/CN=${name}`, ...this.outputs(name, "pem"));
  }

  /** Paths of a certificate for those names, and of its key. */
  issue(file: string, names: string[]): { certificate: string; key: string } {
    const at = (end: string) => join(this.folder, `${file}.${end}`);
    openssl("req", ...KEY, "-subj", `/CN=${names[0] ?? ""}`, ...this.outputs(file, "csr"));
    const alternatives = names.map((name) => `DNS:${name}`).join(",");
    writeFileSync(at("ext"), `subjectAltName=${alternatives}\nextendedKeyUsage=serverAuth\n`);
    const signer = ["-CA", this.certificate, "-CAkey", join(this.folder, `${this.name}.key`)];
    const files = ["-in", at("csr"), "-out", at("crt"), "-extfile", at("ext")];
    openssl("x509", "-req", ...signer, "-CAcreateserial", "-days", "2", ...files);
    return { certificate: at("crt"), key: at("key") };
  }

  private outputs(file: string, end: string): string[] {
    return ["-keyout", join(this.folder, `${file}.key`), "-out", join(this.folder, `${file}.${end}`)];
  }
}

function openssl(...words: string[]): void {
  const { code, output } = run("openssl", words);
  if (code !== 0) throw new Error(output);
}
