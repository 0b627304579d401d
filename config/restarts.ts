import { fieldInfos, group, oneOf, structure, text, variant, type Problem } from "./field";
import type { z } from "zod";
import { isTime, isZone, NO_ZONE } from "./wallClock";

/** Days of a week as a window names them. */
export const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

/** A time of the week in which restarts are wanted; times are those of a clock on the wall in that zone. */
export interface Window {
  days: (typeof DAYS)[number][];
  /** "HH:MM". */
  begins: string;
  /** "HH:MM"; not after `begins`: on the next day. */
  ends: string;
  /** Name in the time zone database, as in "Europe/Berlin". */
  zone: string;
}

/** What has this form is no secret, and an error may show it. */
const FORM = /^([A-Za-z,]{1,40}) (\d\d:\d\d)-(\d\d:\d\d) ([\w+:/-]{1,40})$/;
const EXAMPLE = "Sun 03:00-05:00 Europe/Berlin";

/** When what would throw people out is restarted, as the user wrote it. */
const WORDS = ["now", "whenEmpty"] as const;

/** A window as it is written, "Sat,Sun 03:00-05:00 Europe/Berlin", or why it is none. */
export function readWindow(value: string): Window | Problem {
  const [, days = "", begins = "", ends = "", zone = ""] = FORM.exec(value) ?? [];
  const rule = "A window is days, a time, and a zone, which occur every week.";
  if (days === "") return { rule, fix: `Write it as in "${EXAMPLE}" or "daily 03:00-04:00 UTC".` };
  const finding = `is "${value}"`;
  const named = days === "daily" ? [...DAYS] : days.split(",");
  const known = named.filter((one) => DAYS.some((day) => day === one)) as Window["days"];
  if (known.length < named.length || new Set(named).size < named.length)
    return {
      finding,
      rule,
      fix: `Write each day once, out of ${DAYS.join(", ")}, separated by commas, or daily.`,
    };
  if (![begins, ends].every(isTime))
    return {
      finding,
      rule: "Times are from 00:00 to 23:59.",
      fix: "Write 00:00 for midnight, which ends a day.",
    };
  if (begins === ends)
    return {
      finding,
      rule: "A window ends after it begins; one that begins and ends at once never occurs.",
      fix: "Write another end. An end before the begin is one on the next day.",
    };
  if (!isZone(zone)) return { finding, ...NO_ZONE };
  return { days: known, begins, ends, zone };
}

const info = {
  ...group(
    'When restarts happen that would throw people out of conferences or end recordings: `now`, in the `up` that needs them; `whenEmpty`, as soon as nobody is in a conference; `{ window: "Sun 03:00-05:00 Europe/Berlin" }`, in that time of each week, whoever is there. Until then everything that belongs to such a restart waits on the core, and `up` says what is owed (docs/OPERATIONS.md).',
    `{ window: "${EXAMPLE}" }`,
  ),
  rule: "It is now, whenEmpty, or a window.",
  fix: `Write now, whenEmpty, or { window: "${EXAMPLE}" }.`,
};

const word = oneOf(info, WORDS);

const inWindow = structure(info, {
  window: text(
    {
      description:
        "Days (`Mon` to `Sun`, separated by commas, or `daily`), begin and end, and time zone. In the night in which summer time begins, a window that lies in the missing hour does not occur.",
      example: `"${EXAMPLE}"`,
      rule: "A window is days, a time, and a zone, which occur every week.",
      fix: `Write it as in "${EXAMPLE}" or "daily 03:00-04:00 UTC".`,
    },
    {
      problem: (value) => {
        const read = readWindow(value);
        return "rule" in read ? read : undefined;
      },
    },
  ),
});

/** What `jitsi:restarts` says. */
export type Restarts = z.output<typeof word> | z.output<typeof inWindow>;

/** `jitsi:restarts`. */
export const restarts = variant((raw): z.ZodType<Restarts> =>
  typeof raw === "object" && raw !== null ? inWindow : word,
).register(fieldInfos, info);
