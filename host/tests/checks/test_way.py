"""Where a call ends: each link judged by what was found, the first broken one named."""

import json
import unittest
from typing import Any
from unittest import mock

from audio_meet.checks.kinds import conference
from audio_meet.checks.way import Station, verdict, walk
from machine import MachineCase

LINKS = [
    *("name", "door", "certificate", "page", "websocket", "focus", "brewery", "invitation"),
    *("bridge fra-1", "bridge fra-2", "media fra-1", "media fra-2"),
]


def found(link: str, check: str = "x", by: str = "core", wrong: str = "") -> dict[str, Any]:
    detail = wrong or "well"
    return {
        "link": link,
        "check": check,
        "ok": not wrong,
        "detail": detail,
        "remedy": f"mend {link}",
        "by": by,
    }


def well(*but: str) -> list[dict[str, Any]]:
    return [found(link) for link in LINKS if link not in but]


def states(stations: list[Station]) -> dict[str, str]:
    return {one.link: one.state for one in stations if one.state not in ("ok", "notPart")}


class Walk(unittest.TestCase):
    def test_a_deployment_whose_links_hold_says_so_and_names_what_it_does_not_have(self) -> None:
        stations = walk(LINKS, well())
        self.assertEqual(states(stations), {})
        lines = [one.line() for one in stations]
        self.assertIn("TURN: not part of this deployment", lines)
        self.assertIn("bridge fra-1: runs, and is in the brewery: ok", lines)
        self.assertEqual(verdict(stations, {}), "every link holds")

    def test_what_only_a_silent_host_could_name_is_not_known(self) -> None:
        stations = walk(["name"], [found("name", "resolves")], ["core"])
        self.assertIn("TURN: not known, because core did not answer", [one.line() for one in stations])
        self.assertNotIn("notPart", {one.state for one in stations})

    def test_what_a_host_says_of_itself_and_who_is_logged_in_come_before_what_follows(self) -> None:
        seen = [
            found("bridge fra-1", "jicofo", wrong="not operational"),
            found("bridge fra-1", "videobridge", "fra-1", wrong="not connected"),
            found("focus", "conferenceRequest", wrong="nothing"),
            found("focus", "prosodySessions", wrong="not logged in"),
        ]
        stations = {one.link: one for one in walk(LINKS, [*well("bridge fra-1", "focus"), *seen])}
        self.assertIn("on fra-1: videobridge: not connected", stations["bridge fra-1"].cause)
        self.assertIn("not logged in", stations["focus"].cause)

    def test_a_broken_link_has_its_cause_and_remedy_and_what_follows_is_not_reached(self) -> None:
        stations = walk(LINKS, [*well("page"), found("page", "https /", wrong="answers 404")])
        broken = {one.link: one for one in stations}["page"]
        self.assertEqual(
            broken.line(), "page and its settings: BROKEN: on core: https /: answers 404; mend page"
        )
        self.assertEqual(
            states(stations),
            {"page": "broken", "websocket": "notReached", "focus": "notReached", "invitation": "notReached"},
        )
        # by whom it is broken, not by what is itself not reached
        self.assertIn("not reached, because page is broken", {s.link: s for s in stations}["focus"].line())
        self.assertEqual(
            verdict(stations, {}), "first broken link: page: on core: https /: answers 404; mend page"
        )

    def test_one_bridge_takes_no_other_one_with_it(self) -> None:
        more = [found("bridge fra-1", "unit jvb", by="fra-1", wrong="inactive, dead")]
        stations = walk(LINKS, [*well(), *more])
        self.assertEqual(states(stations), {"bridge fra-1": "broken", "media fra-1": "notReached"})

    def test_a_node_of_visitors_takes_nobody_of_the_main_room_with_it(self) -> None:
        node = found("visitors v1", "unit prosody-v1.service", wrong="inactive, dead")
        stations = walk([*LINKS, "visitors v1", "visitors v2"], [*well(), node, found("visitors v2")])
        self.assertEqual(states(stations), {"visitors v1": "broken"})
        self.assertIn(
            "first broken link: visitors v1: on core: unit prosody-v1.service", verdict(stations, {})
        )
        stations = walk([*LINKS, "visitors v1"], [*well("focus"), found("focus", wrong="gone"), node])
        self.assertEqual(states(stations)["visitors v1"], "notReached")

    def test_a_fact_of_the_machine_is_the_cause_of_what_is_seen_from_elsewhere(self) -> None:
        seen = [
            found("door", "connects 192.0.2.1:443", by="here", wrong="Connection refused"),
            found("door", "https", wrong="Connection refused"),
            found("door", "unit nginx.service", wrong="inactive, dead"),
        ]
        stations = walk(LINKS, [*well("door"), *seen])
        self.assertIn("on core: unit nginx.service: inactive, dead;", verdict(stations, {}))
        stations = walk(LINKS, [*well("door"), seen[0], found("door", "unit nginx.service")])
        self.assertIn("seen from here: connects 192.0.2.1:443: Connection refused;", verdict(stations, {}))

    def test_what_nobody_looked_at_is_not_called_well(self) -> None:
        stations = walk(LINKS, well("media fra-2"))
        self.assertEqual(states(stations), {"media fra-2": "notSeen"})
        said = verdict(stations, {"fra-2": "timed out"})
        self.assertEqual(said, "nothing broken was seen, but not everything was looked at: fra-2")


class Doctor(MachineCase):
    def ask(self, *words: str) -> tuple[int, str, str]:
        return self.machine.cli("doctor", *words)

    def verified(self, **way: object) -> None:
        self.machine.cli("verify", manifest={"checks": [], "timeoutSeconds": 0.1, "way": way})

    def test_it_asks_what_the_last_verification_left_and_says_it_line_by_line(self) -> None:
        self.machine.unit("nginx.service")
        self.verified(name=[], door=[{"kind": "unit", "name": "nginx.service"}])
        code, out, _ = self.ask()
        self.assertEqual(code, 0, out)
        self.assertIn("recorder: not part of this deployment\n", out)
        self.assertIn("door: port 443 of the core is open: ok\n", out)
        self.assertEqual(out.splitlines()[-1], "every link holds")
        self.machine.unit("nginx.service", active=False)
        code, out, _ = self.ask()
        self.assertEqual(code, 2)
        last = out.splitlines()[-1]
        self.assertTrue(
            last.startswith("first broken link: door: on this host: unit nginx.service: inactive"), last
        )
        self.assertTrue(last.endswith("; see journalctl -u nginx.service"), last)

    def test_for_a_program_it_tells_what_was_found_and_how_late_it_is_here(self) -> None:
        self.machine.unit("nginx.service", active=False)
        self.verified(door=[{"kind": "unit", "name": "nginx.service"}], media=[])
        code, out, _ = self.ask("json")
        said = json.loads(out)
        self.assertEqual((code, said["links"]), (0, ["door", "media"]))
        self.assertEqual([(one["link"], one["ok"]) for one in said["findings"]], [("door", False)])
        self.assertGreater(said["at"], 1_700_000_000)

    def test_another_host_than_the_core_speaks_of_its_own_links_alone(self) -> None:
        self.machine.unit("jvb.service")
        self.verified(**{"bridge fra-1": [{"kind": "unit", "name": "jvb.service"}]})
        code, out, _ = self.ask()
        self.assertEqual(code, 0)
        links = "bridge fra-1: runs, and is in the brewery: ok"
        self.assertEqual(out.splitlines(), [links, "every link holds, of those that this host knows"])

    def test_a_host_that_was_never_verified_says_what_to_do(self) -> None:
        code, _, err = self.ask()
        self.assertEqual(code, 1)
        self.assertIn("run pulumi up", err)

    def test_a_check_that_does_not_end_does_not_hold_up_the_others(self) -> None:
        self.machine.command("systemctl", "sleep 5")
        self.machine.write("/var/lib/somewhere", "")
        way = {
            "door": [{"kind": "unit", "name": "nginx.service"}],
            "websocket": [{"kind": "disk", "path": "/var/lib", "minimumMegabytes": 1}],
        }
        code, out, err = self.machine.cli("look", manifest={"way": way, "seconds": 0.5})
        self.assertEqual((code, err), (0, ""))
        door, disk = json.loads(out)["findings"]
        self.assertEqual((door["ok"], door["detail"]), (False, "no answer within 0.5 s"))
        self.assertTrue(disk["ok"], disk)

    def test_an_invitation_is_waited_for_no_longer_than_whoever_asks_waits(self) -> None:
        told: list[float] = []

        def run(_self: object, _root: object, check: dict[str, Any]) -> tuple[bool, str]:
            told.append(check["seconds"])
            return False, "nothing"

        people = {"domain": "d", "host": "d", "focus": "focus.d", "conference": "conference.d"}
        way = {"invitation": [{"kind": "invitation", **people}]}
        with mock.patch.object(conference.Invitation, "run", run):
            self.machine.cli("look", manifest={"way": way, "seconds": 8})
        (seconds,) = told
        self.assertTrue(6 < seconds <= 7.5, seconds)

    def test_a_disk_without_room_is_named(self) -> None:
        self.machine.write("/var/lib/somewhere", "")
        way = {"websocket": [{"kind": "disk", "path": "/var/lib", "minimumMegabytes": 1 << 40}]}
        _, out, _ = self.machine.cli("look", manifest={"way": way, "seconds": 5})
        (disk,) = json.loads(out)["findings"]
        self.assertFalse(disk["ok"])
        self.assertIn("MB are free, at least", disk["detail"])
