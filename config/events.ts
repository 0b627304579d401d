import { z } from "zod";
import { fieldInfos, integer, structure, text, type Problem } from "./field";
import { isDay, isTime, isZone, momentOf, NO_ZONE } from "./wallClock";

const FORM = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d) ([\w+:/-]{1,40})$/;
const EXAMPLE = "2026-12-06 10:00 Europe/Berlin";
const RULE = "An event begins on a day, at a time, in a zone.";

/** The moment that an event begins at, in milliseconds of the epoch, or why it is none. */
export function readBegin(value: string): number | Problem {
  const [, day = "", time = "", zone = ""] = FORM.exec(value) ?? [];
  if (day === "") return { rule: RULE, fix: `Write it as in "${EXAMPLE}".` };
  const finding = `is "${value}"`;
  if (!isDay(day))
    return { finding, rule: RULE, fix: "Write a day that the calendar has, as in 2026-12-06." };
  if (!isTime(time))
    return {
      finding,
      rule: "Times are from 00:00 to 23:59.",
      fix: "Write 00:00 of the next day for midnight.",
    };
  if (!isZone(zone)) return { finding, ...NO_ZONE };
  const fix = "Write another time, an hour later for what people will call the same.";
  return (
    momentOf(day, time, zone) ?? { finding, rule: "Clocks there skip that time: summer time begins.", fix }
  );
}

const event = structure(
  {
    description: "An event.",
    example: `{ at: "${EXAMPLE}", hours: 3, participants: 900 }`,
    rule: "An event has at, hours and participants.",
    fix: `Write it as in { at: "${EXAMPLE}", hours: 3, participants: 900 }.`,
  },
  {
    at: text(
      {
        description: "Day, time and time zone of its begin, by a clock on the wall there.",
        example: `"${EXAMPLE}"`,
        rule: RULE,
        fix: `Write it as in "${EXAMPLE}".`,
      },
      {
        problem: (value) => {
          const read = readBegin(value);
          return typeof read === "number" ? undefined : read;
        },
      },
    ),
    hours: integer(
      {
        description: "How long it lasts.",
        unit: "hours",
        example: "3",
        rule: "Hours are a whole number from 1 to 720.",
        fix: "Round up: bridges are parked half an hour after it.",
      },
      1,
      720,
    ),
    participants: integer(
      {
        description: "People expected, in all rooms together.",
        unit: "participants",
        example: "900",
        rule: "Participants are a whole number from 1 to 20000.",
        fix: "Write how many people you expect.",
      },
      1,
      20_000,
    ),
  },
);

/** `jitsi:events`. */
export const events = z.array(event).register(fieldInfos, {
  description:
    "Conferences for which parked bridges are woken: `npm run events` says which bridges have to be in service now, and sets their `parked` (docs/OPERATIONS.md). `up` itself looks at no clock.",
  example: `[{ at: "${EXAMPLE}", hours: 3, participants: 900 }]`,
  rule: "Events are a list of structures with at, hours and participants.",
  fix: `Write it as in [{ at: "${EXAMPLE}", hours: 3, participants: 900 }].`,
});
