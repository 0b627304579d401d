"""What Prosody stores of an account, and whether a Prosody is there."""

import socket
import threading

from accounts_case import DATA, PASSWORD, STORED
from audio_meet.prosody import admin_socket, store
from audio_meet.system.errors import HostError
from machine import MachineCase


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
