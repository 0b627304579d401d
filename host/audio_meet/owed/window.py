"""A time of the week, by a clock on the wall of some zone, as moments of the epoch."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from typing import NamedTuple

from ..system.documents import Json, broken, fields
from ..system.errors import HostError

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class Opening(NamedTuple):
    """One occurrence of a window, in seconds of the epoch."""

    begins: float
    ends: float


def parse(value: Json, where: str) -> Json:
    """The parts of a window: `{days, begins, ends, zone, text}`."""
    fields(value, where, {"days": list, "begins": str, "ends": str, "zone": str, "text": str})
    if not value["days"] or not set(value["days"]) <= set(DAYS):
        raise broken(f"{where}.days", f"{value['days']!r} are not days of a week")
    for key in ("begins", "ends"):
        if not TIME.fullmatch(value[key]):
            raise broken(f"{where}.{key}", f"{value[key]!r} is not a time")
    return value


def opening(window: Json, now: float) -> Opening:
    """The occurrence that is under way, or else the next one.

    An end that is not after the begin is one of the next day. Times that a clock skips in spring are the
    moment at which it does so, so that a window inside of that hour does not occur; of those that it has
    twice in autumn the first one counts.
    """
    zone = _zone(window["zone"])
    today = datetime.datetime.fromtimestamp(now, zone).date()
    # yesterday's may reach into today; in two weeks there is one that no clock skips
    for days in range(-1, 15):
        day = today + datetime.timedelta(days=days)
        if DAYS[day.weekday()] not in window["days"]:
            continue
        last = day if window["begins"] < window["ends"] else day + datetime.timedelta(days=1)
        found = Opening(_moment(day, window["begins"], zone), _moment(last, window["ends"], zone))
        if found.begins < found.ends and now < found.ends:
            return found
    raise HostError(
        "jitsi:restarts", f"{window['text']} does not occur within two weeks", "choose another window"
    )


def _moment(day: datetime.date, time: str, zone: zoneinfo.ZoneInfo) -> float:
    wall = datetime.datetime.combine(day, datetime.time.fromisoformat(time), zone)
    early, late = (wall.replace(fold=fold) for fold in (1, 0))
    if early.timestamp() >= late.timestamp():
        return late.timestamp()  # the only one, or the first of two
    # skipped: the offset changes between the two readings of it
    low, high = early.timestamp(), late.timestamp()
    before = datetime.datetime.fromtimestamp(low, zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.datetime.fromtimestamp(middle, zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise HostError(
            "jitsi:restarts",
            f"this host knows no time zone {name}",
            "write it as `timedatectl list-timezones` does on the host, or install tzdata there",
        ) from None


def words(window: Json, begins: float) -> str:
    """When a window begins, in its own zone."""
    moment = datetime.datetime.fromtimestamp(begins, _zone(window["zone"]))
    return moment.strftime("%a %Y-%m-%d %H:%M %Z")
