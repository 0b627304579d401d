"""A window of the week as moments: summer time, midnight, and zones."""

import datetime
import unittest

from audio_meet.owed import window
from audio_meet.system.documents import Json
from audio_meet.system.errors import HostError


def wanted(days: str, begins: str, ends: str, zone: str = "Europe/Berlin") -> Json:
    return window.parse(
        {"days": days.split(","), "begins": begins, "ends": ends, "zone": zone, "text": "it"}, "window"
    )


def utc(text: str) -> float:
    return datetime.datetime.fromisoformat(f"{text}+00:00").timestamp()


def opening(of: Json, now: str) -> tuple[str, str]:
    """Begin and end in UTC."""
    found = window.opening(of, utc(now))
    begins, ends = (
        datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).strftime("%Y-%m-%d %H:%M")
        for moment in found
    )
    return begins, ends


NIGHT = wanted("Sun", "03:00", "05:00")


class Openings(unittest.TestCase):
    def test_the_next_one_by_the_clock_of_its_zone_in_winter_and_in_summer(self) -> None:
        self.assertEqual(opening(NIGHT, "2026-12-02 12:00"), ("2026-12-06 02:00", "2026-12-06 04:00"))
        self.assertEqual(opening(NIGHT, "2026-07-01 12:00"), ("2026-07-05 01:00", "2026-07-05 03:00"))

    def test_one_that_is_under_way_until_its_last_second(self) -> None:
        first, second = ("2026-12-06 02:00", "2026-12-06 04:00"), ("2026-12-13 02:00", "2026-12-13 04:00")
        self.assertEqual(opening(NIGHT, "2026-12-06 02:00"), first)
        self.assertEqual(opening(NIGHT, "2026-12-06 03:59:59"), first)
        self.assertEqual(opening(NIGHT, "2026-12-06 04:00"), second)

    def test_one_over_midnight_belongs_to_the_day_on_which_it_begins(self) -> None:
        late = wanted("Sat", "23:00", "01:00", "UTC")
        self.assertEqual(opening(late, "2026-12-06 00:30"), ("2026-12-05 23:00", "2026-12-06 01:00"))
        self.assertEqual(opening(late, "2026-12-06 01:00"), ("2026-12-12 23:00", "2026-12-13 01:00"))

    def test_in_the_hour_that_a_clock_skips_it_does_not_occur_and_a_week_later_it_does(self) -> None:
        # 2026-03-29, 02:00 becomes 03:00
        skipped = wanted("Sun", "02:00", "03:00")
        self.assertEqual(opening(skipped, "2026-03-28 12:00"), ("2026-04-05 00:00", "2026-04-05 01:00"))
        inside = wanted("Sun", "02:15", "02:45")
        self.assertEqual(opening(inside, "2026-03-28 12:00"), ("2026-04-05 00:15", "2026-04-05 00:45"))

    def test_what_is_left_of_it_beside_that_hour_occurs(self) -> None:
        before, after = wanted("Sun", "01:00", "02:30"), wanted("Sun", "02:30", "04:00")
        self.assertEqual(opening(before, "2026-03-28 12:00"), ("2026-03-29 00:00", "2026-03-29 01:00"))
        self.assertEqual(opening(after, "2026-03-28 12:00"), ("2026-03-29 01:00", "2026-03-29 02:00"))

    def test_of_an_hour_that_a_clock_has_twice_the_first_one_counts(self) -> None:
        # 2026-10-25, 03:00 becomes 02:00
        twice = wanted("Sun", "02:15", "02:45")
        self.assertEqual(opening(twice, "2026-10-25 00:00"), ("2026-10-25 00:15", "2026-10-25 00:45"))
        self.assertEqual(opening(twice, "2026-10-25 01:15"), ("2026-11-01 01:15", "2026-11-01 01:45"))

    def test_several_days(self) -> None:
        week = wanted("Mon,Wed", "04:00", "05:00", "America/New_York")
        self.assertEqual(opening(week, "2026-12-01 00:00"), ("2026-12-02 09:00", "2026-12-02 10:00"))

    def test_a_zone_that_the_host_does_not_know_is_named_with_the_remedy(self) -> None:
        with self.assertRaisesRegex(HostError, "no time zone Europe/Atlantis") as caught:
            window.opening(wanted("Sun", "03:00", "05:00", "Europe/Atlantis"), 0)
        self.assertIn("tzdata", caught.exception.remedy)

    def test_it_is_told_in_the_words_of_its_zone(self) -> None:
        begins = window.opening(NIGHT, utc("2026-12-02 12:00")).begins
        self.assertEqual(window.words(NIGHT, begins), "Sun 2026-12-06 03:00 CET")
