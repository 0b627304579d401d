import type { Path, Reader } from "./draftReader";
import { keyPath } from "./errors";

/** A way by which mail is sent, as far as it could be read. */
export interface DraftMail {
  /** As in "jitsi:monitoring.mail". */
  key: string;
  server: string | undefined;
  /** Whether somebody logs in at the server, and who, if that could be read. */
  logsIn: boolean;
  user: string | undefined;
  /** Whether somebody wrote a password beside it, which is an error of its own. */
  holdsPassword: boolean;
}

/** What people call the key of a password. */
const PASSWORD_KEY = /pass|secret/i;

const PLACES: Path[] = [
  ["monitoring", "mail"],
  ["recording", "notify", "mail"],
];

/** Every way by which mail is sent. */
export function draftMails(reader: Reader): DraftMail[] {
  return PLACES.filter((place) => reader.has(...place)).map((place) => ({
    key: keyPath(place),
    server: reader.text(...place, "server"),
    logsIn: reader.has(...place, "user"),
    user: reader.text(...place, "user"),
    holdsPassword: reader.keys(...place).some((key) => PASSWORD_KEY.test(key)),
  }));
}
