import type { Breach } from "./breach";
import type { Draft } from "./draft";
import type { DraftMail } from "./draftMail";
import { shown } from "./quoted";

const KEY = "jitsi:mailPassword";

/** A user without the password, or the password without a user. */
export function mailLogins({ mails, hasMailPassword }: Draft): Breach[] {
  const [first] = mails.filter(({ logsIn }) => logsIn);
  if (first === undefined) return hasMailPassword ? [idlePassword(mails[0]?.key)] : [];
  // Whoever wrote it into the wrong place reads there where it belongs.
  if (hasMailPassword || mails.some(({ holdsPassword }) => holdsPassword)) return [];
  const fix = `Set it with: pulumi config set --secret ${KEY} --stack STACK`;
  return [{ key: KEY, finding: `is missing, and ${first.key}.user logs in`, fix }];
}

function idlePassword(place = "jitsi:monitoring.mail"): Breach {
  return {
    key: KEY,
    finding: "is set (value not shown), but no user is",
    fix: `Write the login name into ${place}.user, or remove the key: pulumi config rm ${KEY} --stack STACK`,
  };
}

/** Two logins, of which one password can be right for one alone. */
export function secondMailLogins({ mails }: Draft): Breach[] {
  const [first, ...others] = mails.filter(({ server, user }) => server !== undefined && user !== undefined);
  return others
    .filter(({ server, user }) => server !== first?.server || user !== first?.user)
    .map((other) => ({
      key: `${other.key}.user`,
      finding: `is ${login(other)}, and ${first?.key}.user is ${login(first)}`,
      fix: "Write the same server and user in both places, or remove the user from one of them.",
    }));
}

function login(mail: DraftMail | undefined): string {
  return `${shown(mail?.user, { name: true })} at ${shown(mail?.server, { name: true })}`;
}
