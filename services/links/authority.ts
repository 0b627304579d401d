import { file, reload, type FileOptions } from "../files";
import type { Files } from "../manifest";

/** The certificate of the deployment's own authority, PEM, on every host: by it our daemons and checks verify each other. */
export const AUTHORITY = "/etc/jitsi/trust/ca.pem";

/** A certificate that daemons of the core show; they read it, and the key that comes with it, at a reload. */
export function shownCertificate(
  path: string,
  pem: string | undefined,
  units: string[],
  access: FileOptions = {},
): Files {
  if (pem === undefined) throw new Error(`the core needs a certificate for ${path}`);
  return file(path, pem, { ...access, units: reload(...units) });
}
