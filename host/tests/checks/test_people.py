"""Who is in conferences now, for whoever looks at a preview."""

import json

from daemon import Daemon
from machine import MachineCase

JICOFO = {"conferences": 3, "participants": 214, "largest_conference": 200}
# 134 more come over a relay
BRIDGE = {
    **{"local_endpoints": 80, "participants": 214},
    **{"muc_clients_connected": 1, "mucs_joined": 1, "relay_id": "fra-1", "region": "eu"},
}


class People(MachineCase):
    def ask(self) -> dict[str, object]:
        code, out, err = self.machine.cli("people")
        self.assertEqual((code, err), (0, ""))
        return dict(json.loads(out))

    def verified(self, *checks: object) -> None:
        self.machine.cli("verify", manifest={"checks": list(checks), "timeoutSeconds": 0.1})

    def test_jicofo_and_the_bridge_of_a_host_are_asked_and_a_relay_counts_nobody_twice(self) -> None:
        jicofo = Daemon(self, {"/stats": lambda: JICOFO, "/debug": lambda: {}})
        bridge = Daemon(self, {"/colibri/stats": lambda: BRIDGE})
        self.verified(
            {"kind": "jicofo", "url": jicofo.url, "bridges": []},
            {"kind": "videobridge", "url": bridge.url, "relayId": "fra-1", "region": "eu"},
        )
        self.assertEqual(self.ask(), {"conferences": 3, "participants": 214, "bridges": {"fra-1": 80}})

    def test_a_daemon_that_does_not_answer_or_says_something_else_is_not_counted_as_empty(self) -> None:
        bridge = Daemon(self, {"/colibri/stats": lambda: {"local_endpoints": "many"}})
        self.verified(
            {"kind": "jicofo", "url": "http://127.0.0.1:9", "bridges": []},
            {"kind": "videobridge", "url": bridge.url, "relayId": "fra-1", "region": "eu"},
        )
        self.assertEqual(self.ask(), {})

    def test_a_host_that_was_never_verified_has_nobody_to_ask(self) -> None:
        self.assertEqual(self.ask(), {})
