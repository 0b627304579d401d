"""Accounts that a rotation replaced: left alone until nobody uses them."""

from accounts_case import ACCOUNT, PASSWORD, STORE, AccountsCase
from audio_meet.system.documents import Json
from machine import file, group


class FormerAccounts(AccountsCase):
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


class AccountsInUse(AccountsCase):
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
