"""Secrets: rotation with its restarts and accounts, and not a trace of a value anywhere else."""

import json
import os
import socket
import stat
import threading
from pathlib import Path

from audio_meet.prosody import admin_socket, store
from audio_meet.system.documents import Json
from audio_meet.system.errors import HostError
from audio_meet.system.state import State
from machine import MachineCase, file, group

# Written by Prosody 13.0.1 for the password FocusPasswordOne111.
STORED = """return {
	["created"] = 1795405076;
	["server_key"] = "d8507ab2ec3494d72e37994141497e67f841ed47";
	["iteration_count"] = 10000;
	["salt"] = "73338d6b-0f4e-4400-8f5a-04722a04661d";
	["updated"] = 1795405076;
	["stored_key"] = "59d4de8165692992caeb66228cff5362b95b9983";
};
"""
PASSWORD = "FocusPasswordOne111"
OTHER = "AnotherSecretValue222"
DATA = "/var/lib/prosody"
SECRET = "/etc/audio-meet/secrets/focus"
ACCOUNT = {"config": "/etc/p.lua", "dataPath": DATA, "jid": "focus@auth.meet.test", "passwordFile": SECRET}
STORE = f"{DATA}/auth%2emeet%2etest/accounts/focus.dat"
ROSTER = f"{DATA}/auth%2emeet%2etest/roster/focus.dat"


class Scram(MachineCase):
    def test_the_keys_of_a_real_account_match_its_password_only(self) -> None:
        self.assertTrue(store.scram_matches(STORED, PASSWORD))
        self.assertFalse(store.scram_matches(STORED, PASSWORD + "x"))
        self.assertFalse(store.scram_matches(STORED.replace("d8507ab2", "00000000"), PASSWORD))
        self.assertFalse(store.scram_matches("return {};", PASSWORD))

    def test_names_in_the_store_are_written_as_prosody_does(self) -> None:
        self.assertEqual(store.store_name("auth.meet-1.test_x"), "auth%2emeet%2d1%2etest%5fx")


class Answers(MachineCase):
    """Whether a Prosody is there: one that is too busy to answer is not one that is down."""

    def test_without_the_socket_or_with_nobody_behind_it_none_runs(self) -> None:
        self.assertFalse(admin_socket.answers(self.machine.root, DATA))
        self.listen().close()
        self.assertFalse(admin_socket.answers(self.machine.root, DATA))

    def test_a_busy_one_is_asked_again(self) -> None:
        listener = self.listen()
        with socket.socket(socket.AF_UNIX) as waiting:
            waiting.connect(listener.getsockname())
            with self.assertRaisesRegex(HostError, "cannot tell whether Prosody runs"):
                admin_socket.answers(self.machine.root, DATA)
            threading.Timer(0.05, lambda: listener.accept()[0].close()).start()
            self.machine.root.settle_seconds = 20
            self.assertTrue(admin_socket.answers(self.machine.root, DATA))

    def listen(self) -> socket.socket:
        """A socket at which one client can wait; a second one is told to try again."""
        folder = self.machine.root.path(DATA)
        folder.mkdir(parents=True, exist_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(str(folder / "prosody.sock"))
        listener.listen(0)
        return listener


class SecretsCase(MachineCase):
    """A machine with a Prosody that stores accounts."""

    def setUp(self) -> None:
        super().setUp()
        self.machine.unit("jicofo.service")
        # a Prosody that stores what it is told, once its admin socket is there
        store = self.machine.root.path(STORE)
        self.machine.command(
            "prosodyctl",
            f"""case "$*" in
*roster*) mkdir -p {store.parent.parent}/roster
  printf 'return {{\\n\\t["focus.meet.test"] = {{\\n\\t\\t["subscription"] = "from";\\n\\t}};\\n}};\\n' \
    > {self.machine.root.path(ROSTER)} ;;
*deluser*) rm {store} ;;
*close*) [ ! -e {self.machine.folder}/deaf ] || {{ echo no answer >&2; exit 1; }} ;;
*adduser*|*passwd*) read one; read two; [ "$one" = "$two" ] || exit 1
  mkdir -p {store.parent}; cp {self.machine.folder}/stored-$one {store} || exit 1 ;;
esac""",
        )
        (self.machine.folder / f"stored-{PASSWORD}").write_text(STORED)

    def listen(self) -> None:
        """Prosody runs: its admin socket answers."""
        folder = self.machine.root.path(DATA)
        folder.mkdir(parents=True, exist_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(folder / "prosody.sock"))
        listener.listen(50)
        self.addCleanup(listener.close)


class Secrets(SecretsCase):
    def secret(self, value: str) -> Json:
        return group("core-secrets", {SECRET: file(value, "0600", jicofo_service="restart")})

    def assert_nowhere(self, value: str, *texts: str, but: tuple[str, ...] = ()) -> None:
        """`value` is in no text and in no file of the machine but those named."""
        for text in texts:
            self.assertNotIn(value, text)
        allowed = {self.machine.root.path(path) for path in but}
        allowed |= {self.machine.folder / f"stored-{PASSWORD}"}
        for folder, _, names in os.walk(self.machine.folder):
            for path in (Path(folder) / name for name in names):
                if path not in allowed and stat.S_ISREG(path.lstat().st_mode):
                    self.assertNotIn(value, path.read_text(errors="replace"), path)

    def test_a_changed_secret_restarts_its_reader_and_leaves_no_trace(self) -> None:
        self.ok("secrets", manifest=self.secret(PASSWORD))
        self.machine.calls()
        out = self.ok("secrets", manifest=self.secret(OTHER))
        self.assertEqual(out, f"changed: {SECRET}; restarted: jicofo")
        self.assert_nowhere(OTHER, out, but=(SECRET,))
        self.assert_nowhere(PASSWORD, out)
        self.assertEqual(self.machine.orders(), ["restart jicofo.service"])

    def test_a_failure_tells_no_secret_and_puts_the_old_one_back(self) -> None:
        self.ok("secrets", manifest=self.secret(PASSWORD))
        self.machine.command("journalctl", f"echo error: password {OTHER}")
        self.machine.poison("jicofo.service", SECRET, OTHER)
        error = self.refused("secrets", manifest=self.secret(OTHER))
        self.assertIn("jicofo.service: does not stay up", error)
        self.machine.calls()
        (self.machine.folder / "units" / "jicofo.service.poison").unlink()
        (self.machine.bin / "journalctl").unlink()
        self.assert_nowhere(OTHER, error)
        self.assertEqual(self.machine.read(SECRET), PASSWORD)
        self.assertEqual(self.machine.state("jicofo.service"), "active")

    def test_a_fault_of_the_helper_itself_tells_no_secret(self) -> None:
        manifest = self.secret(OTHER)
        manifest["files"][SECRET]["mode"] = OTHER[:4]
        self.assertNotIn(OTHER, self.refused("secrets", manifest=manifest))

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


class FormerAccounts(SecretsCase):
    """An account by number: the old one is there until the deployment says that nobody uses it."""

    def manifest(self, number: int) -> Json:
        path = f"/etc/audio-meet/secrets/bridges/jvb-{number}"
        account = {**ACCOUNT, "jid": f"jvb-{number}@auth.meet.test", "passwordFile": path}
        return group("account-fra-1", {path: file(PASSWORD, "0600")}, accounts=[account])

    def stored(self, number: int) -> bool:
        return self.machine.root.path(STORE.replace("focus.dat", f"jvb%2d{number}.dat")).exists()

    def setUp(self) -> None:
        super().setUp()
        self.listen()
        folder = self.machine.root.path(STORE).parent
        self.machine.command(
            "prosodyctl",
            f"""name=$(echo "$4" | sed 's/@.*//; s/-/%2d/')
case "$3" in
deluser) rm {folder}/$name.dat ;;
adduser) read one; mkdir -p {folder}; cp {self.machine.folder}/stored-$one {folder}/$name.dat ;;
esac""",
        )
        self.ok("secrets", manifest=self.manifest(1))

    def test_the_old_account_is_left_alone_until_the_end(self) -> None:
        self.machine.calls()
        self.assertIn("jvb-2@auth.meet.test created", self.ok("secrets", manifest=self.manifest(2)))
        self.assertEqual(
            self.machine.calls("prosodyctl"), ["prosodyctl --config /etc/p.lua adduser jvb-2@auth.meet.test"]
        )
        self.assertTrue(self.stored(1))
        self.assertEqual(self.ok("drop-former-accounts", "word"), "accounts: jvb-1@auth.meet.test deleted")
        self.assertEqual((self.stored(1), self.stored(2)), (False, True))
        self.assertEqual(self.ok("drop-former-accounts"), "nothing to change")

    def test_its_sessions_end_with_it(self) -> None:
        self.ok("secrets", manifest=self.manifest(2))
        self.machine.calls()
        self.ok("drop-former-accounts")
        prosodyctl = "prosodyctl --config /etc/p.lua"
        jid = "jvb-1@auth.meet.test"
        expected = [f"{prosodyctl} deluser {jid}", f"{prosodyctl} shell c2s close {jid}"]
        self.assertEqual(self.machine.calls("prosodyctl"), expected)

    def test_a_second_rotation_before_the_end_keeps_all_of_them(self) -> None:
        self.ok("secrets", manifest=self.manifest(2))
        self.ok("secrets", manifest=self.manifest(3))
        self.assertTrue(self.stored(1) and self.stored(2))
        out = self.ok("drop-former-accounts")
        self.assertEqual(out, "accounts: jvb-2@auth.meet.test deleted, jvb-1@auth.meet.test deleted")

    def test_a_number_that_comes_back_is_no_former_one(self) -> None:
        self.ok("secrets", manifest=self.manifest(2))
        self.ok("secrets", manifest=self.manifest(1))
        self.assertEqual(self.ok("drop-former-accounts"), "accounts: jvb-2@auth.meet.test deleted")
        self.assertTrue(self.stored(1))

    def test_all_go_with_the_group(self) -> None:
        self.ok("secrets", manifest=self.manifest(2))
        self.ok("remove", "account-fra-1")
        self.assertFalse(self.stored(1) or self.stored(2))


class AccountsInUse(SecretsCase):
    """A recorder's: the old one stays until jibri is logged in with the new one."""

    FLAG = "/var/lib/audio-meet/accounts-waiting"

    def jid(self, user: str) -> str:
        return f"{user}@auth.meet.test"

    def account(self, user: str) -> Json:
        return {**ACCOUNT, "jid": self.jid(user), "passwordFile": f"/etc/audio-meet/secrets/r/{user}"}

    def manifest(self, recorder: str, number: int) -> Json:
        accounts = [self.account(f"{kind}-{recorder}-{number}") for kind in ("jibri", "recorder")]
        files = {account["passwordFile"]: file(PASSWORD, "0600") for account in accounts}
        return {
            **group(f"account-{recorder}", files, accounts=accounts),
            "successor": accounts[0]["jid"],
        }

    def stored(self) -> list[str]:
        folder = self.machine.root.path(STORE).parent
        return sorted(path.stem.replace("%2d", "-") for path in folder.glob("*.dat"))

    def log_in(self, *sessions: str) -> None:
        """Who has a session from now on; without a resource it has only shown its password."""
        lines = "".join(f"c2s1 | {session} | member | IPv4\n" for session in sessions)
        path = self.machine.folder / "sessions"
        path.write_text(f"{lines}OK: {len(sessions)} c2s sessions shown\n")

    def setUp(self) -> None:
        super().setUp()
        self.listen()
        folder = self.machine.root.path(STORE).parent
        self.machine.command(
            "prosodyctl",
            f"""name=$(echo "$4" | sed 's/@.*//; s/-/%2d/g')
case "$3 $4 $5" in
"shell c2s show") cat {self.machine.folder}/sessions ;;
deluser*) rm {folder}/$name.dat ;;
adduser*) read one; mkdir -p {folder}; cp {self.machine.folder}/stored-$one {folder}/$name.dat ;;
esac""",
        )
        self.log_in()

    def test_they_wait_for_the_new_one_and_go_once_it_is_logged_in(self) -> None:
        self.ok("secrets", manifest=self.manifest("rec-1", 1))
        self.ok("secrets", manifest=self.manifest("rec-1", 2))
        for sessions in ((), (self.jid("jibri-rec-1-1") + "/x",), (self.jid("jibri-rec-1-2"),)):
            self.log_in(*sessions)
            out = self.ok("drop-former-accounts", "word")
            self.assertIn("kept until their recorders are logged in with others: jibri-rec-1-1@", out)
            self.assertEqual(len(self.stored()), 4)
            self.assertTrue(self.machine.root.path(self.FLAG).exists())
        self.log_in(self.jid("jibri-rec-1-1") + "/x", self.jid("jibri-rec-1-2") + "/y")
        self.assertIn("jibri-rec-1-1@auth.meet.test deleted", self.ok("drop-former-accounts"))
        self.assertEqual(self.stored(), ["jibri-rec-1-2", "recorder-rec-1-2"])
        self.assertFalse(self.machine.root.path(self.FLAG).exists())

    def test_one_recorder_keeps_no_other_waiting(self) -> None:
        for recorder, number in (("rec-1", 1), ("rec-2", 1), ("rec-1", 2), ("rec-2", 2)):
            self.ok("secrets", manifest=self.manifest(recorder, number))
        self.log_in(self.jid("jibri-rec-2-2") + "/y")
        self.ok("drop-former-accounts")
        left = [f"{kind}-rec-{n}" for kind in ("jibri", "recorder") for n in ("1-1", "1-2", "2-2")]
        self.assertEqual(self.stored(), left)

    def test_what_all_shared_before_waits_for_all_of_them(self) -> None:
        self.machine.unit("prosody.service")
        shared = [self.account("jibri"), self.account("recorder")]
        files = {account["passwordFile"]: file(PASSWORD, "0600") for account in shared}
        self.ok("secrets", manifest=group("secrets", files))
        self.ok("files", manifest=group("prosody", {}, accounts=shared))
        self.ok("files", manifest=group("prosody", {}, accounts=[]))
        for recorder in ("rec-1", "rec-2"):
            self.ok("secrets", manifest=self.manifest(recorder, 1))
        self.log_in(self.jid("jibri-rec-1-1") + "/x", self.jid("jibri") + "/y")
        self.ok("drop-former-accounts")
        self.assertIn("jibri", self.stored())
        self.log_in(self.jid("jibri-rec-1-1") + "/x", self.jid("jibri-rec-2-1") + "/y")
        self.ok("drop-former-accounts")
        own = [f"{kind}-rec-{n}-1" for kind in ("jibri", "recorder") for n in (1, 2)]
        self.assertEqual(self.stored(), own)

    def test_all_go_with_their_recorder(self) -> None:
        for number in (1, 2):
            self.ok("secrets", manifest=self.manifest("rec-1", number))
        self.ok("drop-former-accounts")
        self.ok("remove", "account-rec-1")
        self.assertEqual(self.stored(), [])
        self.assertEqual(self.ok("drop-former-accounts"), "nothing to change")
        self.assertFalse(self.machine.root.path(self.FLAG).exists())


class Drift(SecretsCase):
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
