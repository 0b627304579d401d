"""Accounts that are not as applied: told with their step, and put right by it."""

import json

from accounts_case import ACCOUNT, DATA, PASSWORD, ROSTER, SECRET, STORE, STORED, AccountsCase
from audio_meet.system.state import State
from machine import file, group


class Drift(AccountsCase):
    """Accounts that are not as applied are told with their step, and that step puts them right."""

    def setUp(self) -> None:
        super().setUp()
        self.listen()
        self.machine.unit("prosody.service")
        self.machine.write("/etc/p.lua", "")
        self.ok("secrets", manifest=group("secrets", {SECRET: file(PASSWORD, "0600")}))
        subscription = {"config": "/etc/p.lua", "dataPath": DATA, "account": ACCOUNT["jid"]}
        self.manifest = group(
            "prosody",
            {},
            ["prosody.service"],
            accounts=[ACCOUNT],
            subscriptions=[{**subscription, "component": "focus.meet.test"}],
        )
        self.ok("files", manifest=self.manifest)
        self.assertEqual(self.found(), [])

    def found(self) -> list[tuple[str, str, str]]:
        entries = json.loads(self.machine.cli("drift")[1])["drift"]
        self.assertEqual({entry["step"] for entry in entries} or {"prosody"}, {"prosody"})
        return [(entry["kind"], entry["name"], entry["found"]) for entry in entries]

    def test_an_account_that_is_gone_comes_again(self) -> None:
        self.machine.root.path(STORE).unlink()
        self.assertEqual(self.found(), [("account", ACCOUNT["jid"], "missing")])
        self.assertIn("focus@auth.meet.test created", self.ok("files", manifest=self.manifest))
        self.assertEqual(self.found(), [])

    def test_another_password_is_told_without_a_word_of_it(self) -> None:
        self.machine.write(STORE, STORED.replace("d8507ab2", "00000000"))
        self.assertEqual(self.found(), [("account", ACCOUNT["jid"], "another password")])
        self.assertIn("focus@auth.meet.test changed", self.ok("files", manifest=self.manifest))
        self.assertEqual(self.found(), [])

    def test_a_roster_by_which_nobody_sees_the_account_is_made_again(self) -> None:
        self.machine.root.path(ROSTER).unlink()
        self.assertEqual(self.found(), [("roster", ACCOUNT["jid"], "not subscribed by focus.meet.test")])
        self.ok("files", manifest=self.manifest)
        self.assertEqual(self.found(), [])

    def test_an_account_that_somebody_made_is_told_and_goes_and_one_that_waits_for_its_end_stays(
        self,
    ) -> None:
        other = STORE.replace("focus.dat", "eve%2d1.dat")
        self.machine.write(other, STORED)
        self.assertEqual(self.found(), [("account", "eve-1@auth.meet.test", "not of this deployment")])
        self.machine.command(
            "prosodyctl", f'case "$*" in *deluser*) rm {self.machine.root.path(other)};; esac'
        )
        self.assertIn("eve-1@auth.meet.test deleted", self.ok("files", manifest=self.manifest))
        self.assertEqual(self.found(), [])
        state = State(self.machine.root)
        record = state.group("prosody") or {}
        state.save_group(
            "prosody", {**record, "formerAccounts": [{**ACCOUNT, "jid": "eve-1@auth.meet.test"}]}
        )
        self.machine.write(other, STORED)
        self.assertEqual(self.found(), [])
