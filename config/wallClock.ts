/** Times of a clock on the wall, as people write them: of some place, with its summer time. */

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Whether it is a time of a day, "HH:MM". */
export function isTime(text: string): boolean {
  const [hours = 99, minutes = 99] = text.split(":").map(Number);
  return hours < 24 && minutes < 60;
}

/** Whether it is a name of the time zone database. Offsets such as +01:00, which the runtime takes as well, know no summer time. */
export function isZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** What to say of a name that is none. */
export const NO_ZONE = {
  rule: "A zone is a name of the time zone database, which knows when summer time begins.",
  fix: "Write it as `timedatectl list-timezones` does, as in Europe/Berlin, or UTC.",
};

/** Whether a calendar has that day, "YYYY-MM-DD". */
export function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/**
 * Milliseconds of the epoch at which clocks in that zone show that day and time: of two such moments in autumn the first one; undefined
 * where clocks skip it in spring.
 */
export function momentOf(day: string, time: string, zone: string): number | undefined {
  const shown = Date.parse(`${day}T${time}Z`);
  const offsets = [shown - DAY, shown + DAY].map((moment) => offsetAt(moment, zone));
  const moments = offsets.map((offset) => shown - offset).sort((one, other) => one - other);
  return moments.find((moment) => moment + offsetAt(moment, zone) === shown);
}

/** How far the clocks of a zone are ahead of UTC at a moment, in milliseconds. */
function offsetAt(moment: number, zone: string): number {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
  const name = format.formatToParts(moment).find(({ type }) => type === "timeZoneName")?.value ?? "";
  // "GMT+02:00", and "GMT" alone for no offset.
  const [, sign = "+", hours = "0", minutes = "0"] = /^GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE;
}
