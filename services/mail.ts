import type { MailPlan } from "../plan/types";
import { file, ROOT_ONLY } from "./files";
import type { Check, Files, MailManifest } from "./manifest";
import type { Secret } from "./service";

/** What logs in at the SMTP server of a host. */
export const MAIL_PASSWORD = "/etc/audio-meet/secrets/mail-password";

/** How mail is sent, as a host knows it: the password lies in a file for root. */
export function mailManifest(mail: MailPlan): MailManifest {
  return { ...mail, ...(mail.user !== undefined && { passwordFile: MAIL_PASSWORD }) };
}

/** The server lets us in and takes mail from there to there; none is sent. */
export function mailChecks(mail: MailPlan | undefined): Check[] {
  return mail ? [{ kind: "mail", ...mailManifest(mail) }] : [];
}

/** The password of whoever logs in at an SMTP server; nothing where nobody does. */
export function mailSecrets(mail: MailPlan | undefined, secret: Secret): Files {
  return mail?.user === undefined ? {} : file(MAIL_PASSWORD, secret("mailPassword"), ROOT_ONLY);
}
