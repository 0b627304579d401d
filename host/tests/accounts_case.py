"""A machine with a Prosody that stores accounts, and a secret that is the password of one."""

import socket

from audio_meet.system.documents import Json
from machine import MachineCase, file, group

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


class AccountsCase(MachineCase):
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

    def secret(self, value: str) -> Json:
        return group("core-secrets", {SECRET: file(value, "0600", jicofo_service="restart")})
