"""Accounts of a Prosody: made, changed with their password, subscribed, and gone with their group."""

from accounts_case import ACCOUNT, DATA, OTHER, PASSWORD, STORE, STORED, AccountsCase
from audio_meet.prosody import store
from machine import group


class Accounts(AccountsCase):
    def test_an_account_is_made_once_with_the_password_on_stdin_only(self) -> None:
        self.listen()
        self.ok("secrets", manifest=self.secret(PASSWORD))
        self.machine.calls()
        manifest = group("core", {}, accounts=[ACCOUNT])
        self.assertEqual(self.ok("files", manifest=manifest), "accounts: focus@auth.meet.test created")
        calls = self.machine.calls("prosodyctl")
        self.assertEqual(calls, ["prosodyctl --config /etc/p.lua adduser focus@auth.meet.test"])
        self.assertEqual(self.ok("files", manifest=manifest), "nothing to change")
        self.assertEqual(self.machine.calls("prosodyctl"), [])

    def test_a_rotated_password_reaches_the_account_with_the_secrets_step(self) -> None:
        self.listen()
        self.ok("secrets", manifest=self.secret(PASSWORD))
        self.ok("files", manifest=group("core", {}, accounts=[ACCOUNT]))
        # the account holds the keys of another password, as it does before a rotation
        self.machine.write(STORE, STORED.replace("59d4", "0000"))
        self.machine.calls()
        self.ok("secrets", manifest=self.secret(PASSWORD))
        expected = ["prosodyctl --config /etc/p.lua passwd focus@auth.meet.test"]
        self.assertEqual(self.machine.calls("prosodyctl"), expected)
        self.assertTrue(store.scram_matches(self.machine.read(STORE), PASSWORD))

    def test_a_new_password_ends_the_sessions_of_an_account_that_asks_for_it(self) -> None:
        self.listen()
        self.ok("secrets", manifest=self.secret(PASSWORD))
        self.ok("files", manifest=group("core", {}, accounts=[{**ACCOUNT, "endSessions": True}]))
        self.machine.write(STORE, STORED.replace("59d4", "0000"))
        self.machine.calls()
        self.ok("secrets", manifest=self.secret(PASSWORD))
        prosodyctl = "prosodyctl --config /etc/p.lua"
        expected = [f"{prosodyctl} passwd {ACCOUNT['jid']}", f"{prosodyctl} shell c2s close {ACCOUNT['jid']}"]
        self.assertEqual(self.machine.calls("prosodyctl"), expected)

    def test_sessions_that_do_not_end_with_the_password_are_an_error_with_the_line_to_type(self) -> None:
        self.listen()
        self.ok("secrets", manifest=self.secret(PASSWORD))
        self.ok("files", manifest=group("core", {}, accounts=[{**ACCOUNT, "endSessions": True}]))
        self.machine.write(STORE, STORED.replace("59d4", "0000"))
        (self.machine.folder / "deaf").touch()
        error = self.refused("secrets", manifest=self.secret(PASSWORD))
        self.assertIn("its password was changed, but its sessions may still be open: no answer", error)
        self.assertRegex(error, rf"run .*prosodyctl --config /etc/p.lua shell c2s close {ACCOUNT['jid']}")

    def test_an_account_whose_password_does_not_take_is_an_error_without_the_password(self) -> None:
        self.listen()
        self.machine.command("prosodyctl", "read one; echo cannot store $one >&2; exit 1")
        self.ok("secrets", manifest=self.secret(OTHER))
        error = self.refused("files", manifest=group("core", {}, accounts=[ACCOUNT]))
        self.assertIn("prosodyctl adduser failed: cannot store ***", error)
        self.assertNotIn(OTHER, error)

    def test_an_account_without_a_running_prosody_is_an_error_that_names_the_socket(self) -> None:
        self.ok("secrets", manifest=self.secret(PASSWORD))
        error = self.refused("files", manifest=group("core", {}, accounts=[ACCOUNT]))
        self.assertIn(f"focus@auth.meet.test: no Prosody answers at {DATA}/prosody.sock", error)

    def test_a_subscription_is_made_once_and_the_component_told(self) -> None:
        self.listen()
        item = {
            "config": "/etc/p.lua",
            "dataPath": DATA,
            "account": ACCOUNT["jid"],
            "component": "focus.meet.test",
        }
        manifest = group("core", {}, subscriptions=[item])
        self.assertIn("subscribed by focus.meet.test", self.ok("files", manifest=manifest))
        calls = self.machine.calls("prosodyctl")
        self.assertIn("shell roster subscribe_both focus@auth.meet.test focus.meet.test", calls[0])
        self.assertIn("shell module reload client_proxy focus.meet.test", calls[1])
        self.assertEqual(self.ok("files", manifest=manifest), "nothing to change")
        self.assertEqual(self.machine.calls("prosodyctl"), [])

    def test_accounts_go_with_their_group(self) -> None:
        self.listen()
        self.ok("secrets", manifest=self.secret(PASSWORD))
        self.ok("files", manifest=group("core", {}, accounts=[ACCOUNT]))
        self.assertIn("focus@auth.meet.test deleted", self.ok("remove", "core"))
        self.assertFalse(self.machine.root.path(STORE).exists())

    def test_an_account_that_prosody_does_not_delete_is_gone_all_the_same(self) -> None:
        """Its host takes no passwords any more; it must not come back when it does again."""
        self.listen()
        self.machine.unit("prosody.service")
        self.ok("secrets", manifest=self.secret(PASSWORD))
        moderator = {**ACCOUNT, "endSessions": True}
        self.ok("files", manifest=group("prosody", {}, accounts=[moderator]))
        self.machine.command("prosodyctl", "exit 1")
        self.machine.calls()
        out = self.ok("files", manifest=group("prosody", {}, accounts=[]))
        self.assertIn(f"{ACCOUNT['jid']} deleted", out)
        self.assertIn("its sessions may still be open", out)
        closed = f"prosodyctl --config /etc/p.lua shell c2s close {ACCOUNT['jid']}"
        self.assertIn(closed, self.machine.calls("prosodyctl"))
        self.assertFalse(self.machine.root.path(STORE).exists())
