import type { DeploymentPlan, MailPlan } from "../plan/types";
import type { Check, MailManifest } from "./manifest";
import { PATHS } from "./paths";
import { hostRoles } from "./roles";

/** How mail is sent, as a host knows it: the password lies in a file for root. */
export function mailManifest(mail: MailPlan): MailManifest {
  return { ...mail, ...(mail.user !== undefined && { passwordFile: PATHS.mailPassword }) };
}

/** The server lets us in and takes mail from there to there; none is sent. */
export function mailChecks(mail: MailPlan | undefined): Check[] {
  return mail ? [{ kind: "mail", ...mailManifest(mail) }] : [];
}

/** Whether a host logs in at an SMTP server: the one with Alertmanager, or a recorder. */
export function logsInAtMail(plan: DeploymentPlan, hostId: string): boolean {
  const prometheus = plan.monitoring?.prometheus;
  const alerts = prometheus?.hostId === hostId ? prometheus.receivers : {};
  const recordings = hostRoles(plan, hostId).recorder ? (plan.recording?.receivers ?? {}) : {};
  return [alerts, recordings].some(({ mail }) => mail?.user !== undefined);
}
