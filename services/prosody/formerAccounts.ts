import { systemd } from "../escapers";
import { file, files, restart } from "../files";
import type { Check, Files } from "../manifest";
import { render } from "../render";

const UNIT = "audio-meet-former-accounts.service";
export const FORMER_ACCOUNTS_TIMER = "audio-meet-former-accounts.timer";

/** The helper keeps it while accounts wait for their successors to be in use. */
const WAITING = "/var/lib/audio-meet/accounts-waiting";

/** What deletes the accounts that a recorder had before, once its recording has ended and it is logged in with others. */
export function formerAccountFiles(): Files {
  const unit = (name: string, text: string, units = {}) =>
    file(`/etc/systemd/system/${name}`, text, { check: "unit", ...units });
  return files(
    unit(UNIT, render("prosody/former-accounts.service", { waiting: WAITING }, systemd)),
    unit(FORMER_ACCOUNTS_TIMER, render("prosody/former-accounts.timer", {}, systemd), {
      units: restart(FORMER_ACCOUNTS_TIMER),
    }),
  );
}

/** Accounts that were replaced do not stay for want of whoever deletes them. */
export function formerAccountChecks(): Check[] {
  return [
    { kind: "unit", name: FORMER_ACCOUNTS_TIMER },
    { kind: "lastRun", name: UNIT },
  ];
}
