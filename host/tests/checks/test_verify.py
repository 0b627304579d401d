"""Verification asks the daemons; "active" alone is never enough."""

import calendar
import json
import socket
import time
from datetime import datetime
from typing import Any
from unittest import mock

from audio_meet.checks import health
from audio_meet.checks.kinds import conference, logs
from audio_meet.network import sockets, xmpp
from audio_meet.prosody import shell
from audio_meet.system.state import VERIFIED
from daemon import Daemon
from machine import MachineCase

SHELL = """Session ID           | JID                         | Role   | IPv
c2s55c7ee8e8e80      | jvb@tech.meet.test/fra-1    | member | IPv4
OK: 1 c2s sessions shown
"""
INVITATION = {
    **{"kind": "invitation", "domain": "d", "host": "d"},
    **{"focus": "focus.d", "conference": "conference.d"},
}
BRIDGE = {"muc_clients_connected": 1, "mucs_joined": 1, "relay_id": "fra-1", "region": "eu"}


class Verify(MachineCase):
    def ask(self, *checks: dict[str, Any], seconds: float = 0.1) -> tuple[int, dict[str, Any], str]:
        manifest = {"checks": list(checks), "timeoutSeconds": seconds}
        code, out, err = self.machine.cli("verify", manifest=manifest)
        return code, json.loads(out), err

    def holds(self, check: dict[str, Any]) -> bool:
        return bool(self.ask(check)[1]["healthy"])

    def detail(self, check: dict[str, Any]) -> str:
        code, summary, err = self.ask(check)
        self.assertEqual((code, len(err.splitlines())), (1, 1), summary)
        return str(summary["checks"][0]["detail"])

    def test_the_summary_is_one_line_and_names_the_host(self) -> None:
        self.machine.unit("a.service")
        code, summary, err = self.ask({"kind": "unit", "name": "a.service"})
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(summary["host"], self.machine.root.host())
        self.assertEqual(summary["checks"], [{"check": "unit a.service", "ok": True, "detail": "active"}])

    def test_it_waits_for_what_becomes_right_and_returns_at_once_then(self) -> None:
        turns = iter(range(100))
        daemon = Daemon(self, {"/colibri/stats": lambda: BRIDGE if next(turns) > 2 else {}})
        began = time.monotonic()
        check = {"kind": "videobridge", "url": daemon.url, "relayId": "fra-1", "region": "eu"}
        self.assertEqual(self.ask(check, seconds=20)[0], 0)
        self.assertLess(time.monotonic() - began, 10)
        self.assertEqual(len(daemon.asked), 4)

    def test_an_invitation_is_asked_for_once_all_else_holds(self) -> None:
        turns = iter(range(100))
        daemon = Daemon(self, {"/colibri/stats": lambda: BRIDGE if next(turns) > 2 else {}})
        bridge = {"kind": "videobridge", "url": daemon.url, "relayId": "fra-1", "region": "eu"}
        asked: list[int] = []

        def run(*_: object) -> tuple[bool, str]:
            asked.append(len(daemon.asked))
            return len(asked) > 1, "invited"

        with mock.patch.object(conference.Invitation, "run", run):
            code, summary, _ = self.ask(INVITATION, bridge, seconds=20)
        self.assertEqual((code, asked), (0, [4, 4]))
        self.assertEqual(
            summary["checks"][0], {"check": "invitation conference.d", "ok": True, "detail": "invited"}
        )

    def test_at_the_end_of_its_time_it_is_asked_for_whatever_else_fails(self) -> None:
        self.machine.unit("a.service", active=False)
        with mock.patch.object(conference.Invitation, "run", lambda *_: (False, "nobody invites")):
            code, summary, err = self.ask({"kind": "unit", "name": "a.service"}, INVITATION)
        self.assertEqual((code, len(err.splitlines())), (1, 2))
        self.assertEqual(summary["checks"][1]["detail"], "nobody invites")
        self.assertIn("jicofo.log", err.splitlines()[1])

    def test_what_a_timer_starts_must_have_ended_well_the_last_time(self) -> None:
        check = {"kind": "lastRun", "name": "a.service"}
        self.assertEqual(self.detail(check), "there is no such unit")
        self.machine.unit("a.service", active=False)
        self.assertTrue(self.holds(check))
        self.machine.unit("a.service", active=False, ActiveState="failed")
        self.assertEqual(self.detail(check), "its last run failed: a line of the journal")

    def test_open_files(self) -> None:
        self.machine.unit("a.service")
        self.machine.write(
            "/proc/4242/limits", "Max open files            1024                 524288               files\n"
        )
        check = {"kind": "unit", "name": "a.service", "minimumOpenFiles": 65536}
        self.assertEqual(self.detail(check), "may open 1024 files, needs 65536")
        self.assertTrue(self.holds({**check, "minimumOpenFiles": 1024}))

    def test_exactly_the_listed_addresses_may_listen(self) -> None:
        head = "  sl  local_address rem_address st\n"
        rest = "00000000:00000000 00:00000000 00000000 0 0 7"
        # ::ffff:10.214.0.10, as Java binds
        mapped = "0000000000000000FFFF0000" + "0A00D60A"
        self.machine.write(
            "/proc/net/tcp",
            f"{head} 0: 0100007F:3B76 00000000:0000 0A {rest}\n 1: 0200D60A:3B76 00000000:0000 01 {rest}\n",
        )
        self.machine.write("/proc/net/tcp6", f"{head} 0: {mapped}:3B76 {'0' * 32}:0000 0A {rest}\n")
        check = {"kind": "listening", "protocol": "tcp", "port": 15222}
        self.assertTrue(self.holds({**check, "addresses": ["127.0.0.1", "10.214.0.10"]}))
        self.assertIn("10.214.0.10, 127.0.0.1 listens", self.detail({**check, "addresses": ["127.0.0.1"]}))
        self.assertTrue(self.holds({**check, "port": 5269, "addresses": []}))

    def test_addresses_of_proc(self) -> None:
        self.assertEqual(sockets.decode_address("0100007F"), "127.0.0.1")
        self.assertEqual(sockets.decode_address("0" * 32), "*")
        self.assertEqual(sockets.decode_address("00000000000000000000000001000000"), "::1")

    def test_local_address(self) -> None:
        self.machine.write(
            "/proc/net/fib_trie",
            "  |-- 10.0.0.5\n     /32 host LOCAL\n  |-- 10.0.0.255\n     /32 link BROADCAST\n",
        )
        self.assertTrue(self.holds({"kind": "localAddress", "address": "10.0.0.5"}))
        self.assertIn("which has 10.0.0.5", self.detail({"kind": "localAddress", "address": "10.0.0.255"}))

    def test_sessions(self) -> None:
        self.machine.command("prosodyctl", f"cat <<'X'\n{SHELL}X")
        check = {"kind": "prosodySessions", "config": "/etc/p.lua", "jids": ["jvb@tech.meet.test"]}
        self.assertTrue(self.holds(check))
        self.assertIn(
            "logged in at the wrong Prosody: jvb@", self.detail({**check, "kind": "prosodyNoSessions"})
        )
        missing = {**check, "jids": ["focus@tech.meet.test"]}
        self.assertEqual(self.detail(missing), "not logged in: focus@tech.meet.test")

    def test_an_account_before_it_counts_while_a_recording_uses_it(self) -> None:
        groups = "/var/lib/audio-meet/groups"
        old, new = ({"jid": f"jibri-rec-1-{n}@auth.meet.test", "dataPath": "/d"} for n in (1, 2))
        record = {"accounts": [new], "formerAccounts": [old], "successor": new["jid"]}
        self.machine.write(f"{groups}/account-rec-1.json", json.dumps(record))
        session = SHELL.replace("jvb@tech.meet.test/fra-1", f"{old['jid']}/x")
        self.machine.command("prosodyctl", f"cat <<'X'\n{session}X")
        check = {"kind": "prosodySessions", "config": "/etc/p.lua", "jids": [new["jid"]]}
        self.assertIn(f"for {new['jid']} still {old['jid']}", self.ask(check)[1]["checks"][0]["detail"])
        self.assertTrue(self.holds(check))
        other = {**check, "jids": ["jibri-rec-2-1@auth.meet.test"]}
        self.assertEqual(self.detail(other), "not logged in: jibri-rec-2-1@auth.meet.test")

    def test_a_prosody_that_does_not_answer_never_counts_as_without_sessions(self) -> None:
        self.machine.command("prosodyctl", "echo Unable to connect >&2; exit 1")
        check = {"kind": "prosodyNoSessions", "config": "/etc/p.lua", "jids": ["jvb@tech.meet.test"]}
        self.assertIn("Unable to connect", self.detail(check))

    def test_a_node_is_answered_by_the_main_prosody(self) -> None:
        check = {"kind": "nodeLink", "config": "/etc/n.lua", "host": "v1.meet.jitsi", "to": "meet.test"}
        self.machine.command("prosodyctl", "echo 'OK: pong from meet.test on s2sout1 in 0.0124s'")
        self.assertTrue(self.holds(check))
        self.machine.command("prosodyctl", "echo '! Error: remote-server-timeout'; exit 1")
        self.assertEqual(self.detail(check), "no answer from meet.test: ! Error: remote-server-timeout")

    def test_prosody_has_loaded_every_module_and_none_complains(self) -> None:
        listing = "meet.test:\n    websocket\n    muc_lobby_rooms (error: no lobby)\nGlobal:\n    limits\n"
        self.machine.command("prosodyctl", f"cat <<'X'\n{listing}X")
        check = {"kind": "prosodyModules", "config": "/etc/p.lua", "modules": {"meet.test": ["websocket"]}}
        self.assertTrue(self.holds(check))
        modules = {"meet.test": ["muc_lobby_rooms", "smacks"], "polls.meet.test": ["polls_component"]}
        self.assertEqual(
            self.detail({**check, "modules": modules}),
            "muc_lobby_rooms on meet.test (error: no lobby), smacks on meet.test is not loaded, "
            "polls_component on polls.meet.test is not loaded",
        )

    def test_a_bridge_that_is_active_but_not_logged_in_fails(self) -> None:
        daemon = Daemon(self, {"/colibri/stats": {**BRIDGE, "muc_clients_connected": 0}})
        check = {"kind": "videobridge", "url": daemon.url, "relayId": "fra-1", "region": "eu"}
        self.assertEqual(self.detail(check), "muc_clients_connected is 0, not 1")

    def test_jicofo_must_count_every_bridge_by_name_as_operational(self) -> None:
        state = {"b@m/fra-1": {"operational": True}, "b@m/fra-2": {"operational": False}}
        answers = {
            "/stats": {"bridge_selector": {"operational_bridge_count": 2}},
            "/debug": {"bridge_selector": {"bridge": state}},
        }
        check = {"kind": "jicofo", "url": Daemon(self, answers).url, "bridges": ["fra-1", "fra-2"]}
        self.assertEqual(self.detail(check), "not operational: fra-2")
        state["b@m/fra-2"]["operational"] = True
        self.assertTrue(self.holds(check))
        self.assertIn(
            "counts 2",
            self.detail(
                {**check, "url": Daemon(self, {"/stats": answers["/stats"]}).url, "bridges": ["a", "b", "c"]}
            ),
        )

    def test_errors_count_while_the_unit_starts(self) -> None:
        start = time.monotonic() - 70
        self.machine.unit(
            "a.service", ExecMainStartTimestampMonotonic=str(int(start * 1e6)), InvocationID="abc"
        )
        lines = [(-90, "SEVERE", "before"), (-30, "INFO", "fine"), (-20, "WARNING", "so so")]
        check = {"kind": "errors", "unit": "a.service", "logs": ["/var/log/a.log", "/var/log/absent.log"]}
        self.machine.command(
            "journalctl", """echo '{"MESSAGE":"general \\tinfo\\tan error  of the past","PRIORITY":"6"}'"""
        )
        self.machine.write("/var/log/a.log", self.log(lines))
        self.assertTrue(self.holds(check))
        self.machine.write(
            "/var/log/a.log", self.log([*lines, (-10, "SEVERE", "XMPP: Failed to connect, will re-try")])
        )
        self.assertTrue(self.holds(check))
        left = (-20, "SEVERE", "[room=a@conference.d meeting_id=1] Cannot make b an owner: item-not-found")
        self.machine.write("/var/log/a.log", self.log([*lines, left]))
        self.assertTrue(self.holds(check))
        self.machine.write("/var/log/a.log", self.log([*lines, (-20, "SEVERE", "boom")]))
        self.assertIn("1 error lines at the start, the first: JVB", self.detail(check))

    def test_an_error_that_heals_by_itself_fails_no_verification(self) -> None:
        start = time.monotonic() - 30
        self.machine.unit(
            "a.service", ExecMainStartTimestampMonotonic=str(int(start * 1e6)), InvocationID="abc"
        )
        self.machine.command("journalctl", "true")
        check = {"kind": "errors", "unit": "a.service", "logs": ["/var/log/a.log"]}
        # as jicofo and the bridge write them
        for line in (
            "HealthChecker.run#181: Health check failed in PT0.000059S: Result(success=false, "
            "hardFailure=true, responseCode=null, sticky=false, message=No operational bridges available "
            "(total bridge count: 0))",
            "JicofoHealthChecker.performCheck#83: Health check took too long: 3500 ms",
            "[type=bridge brewery=jvbbrewery] BaseBrewery.start#203: Failed to create room.",
            "[xmpp_connection=service] XmppProvider.doConnect#219: Failed to connect/login: no response",
            "[hostname=10.0.0.1 id=prosody-jvb] MucClient.lambda$start$5#287: Failed to initialize: ",
            "[confId=81 conf_name=a@conference.d meeting_id=1 epId=ab] Endpoint.doSend#157: Error sending",
            # as Prosody writes it, which goes on
            "datamanager error Unable to write to smacks_h storage ('No space left on device') for user: a@d",
            "tech.d:focus_resume error The stream of jicofo cannot be kept on disk: Error saving to storage",
        ):
            self.machine.write("/var/log/a.log", self.log([(-20, "SEVERE", line)]))
            self.assertTrue(self.holds(check), line)
        for line in (
            "JicofoServices.<init>#100: No bridge detector configured.",
            "Main$main$2.invoke#78: Failed to start jicofo: ",
            "[id=1] Thread.run#5: An uncaught exception occurred in thread=Thread[main]",
            "datamanager error Unable to write to smacks_h storage ('Permission denied') for user: a@d",
        ):
            self.machine.write("/var/log/a.log", self.log([(-20, "SEVERE", line)]))
            self.assertIn("1 error lines at the start", self.detail(check))

    def test_the_health_of_a_daemon_is_asked_now(self) -> None:
        daemon = Daemon(self, {"/about/health": "well"})
        check = {"kind": "health", "unit": "jicofo.service", "url": daemon.url}
        _, summary, _ = self.ask(check)
        self.assertEqual(
            summary["checks"], [{"check": "health jicofo.service", "ok": True, "detail": "well"}]
        )
        daemon.answers.clear()
        self.assertEqual(self.detail(check), "answers 404: ")

    def test_what_cannot_be_asked_is_not_known_and_asked_again(self) -> None:
        self.machine.unit("a.service", ExecMainStartTimestampMonotonic="1", InvocationID="abc")
        errors = {"kind": "errors", "unit": "a.service", "logs": []}
        self.machine.command("journalctl", "echo no such journal >&2; exit 1")
        self.assertEqual(self.detail(errors), "cannot tell: journalctl: no such journal")
        flag = self.machine.folder / "asked"
        self.machine.command("journalctl", f"[ -e {flag} ] || {{ touch {flag}; exit 1; }}")
        self.assertEqual(self.ask(errors, seconds=20)[0], 0)
        self.machine.command("systemctl", "echo bus error >&2; exit 1")
        unit = {"kind": "unit", "name": "a.service"}
        self.assertEqual(self.detail(unit), "cannot tell: systemctl show: bus error")
        daemon = Daemon(self, {"/stats": {"bridge_selector": "?"}, "/debug": {}})
        jicofo = {"kind": "jicofo", "url": daemon.url, "bridges": ["a"]}
        self.assertIn("cannot tell: the answer cannot be read (AttributeError", self.detail(jicofo))

    def test_half_a_list_of_sessions_proves_no_absence(self) -> None:
        self.machine.command("prosodyctl", "echo 'Session ID | JID'; echo '! Error: shell closed'")
        check = {"kind": "prosodyNoSessions", "config": "/etc/p.lua", "jids": ["jvb@tech.meet.test"]}
        self.assertEqual(self.detail(check), "prosodyctl shell: ! Error: shell closed")

    def test_the_last_verification_is_asked_anew_by_hand_and_says_of_when_it_is(self) -> None:
        self.assertIn("was never verified", self.refused("health"))
        self.machine.unit("a.service")
        _, summary, _ = self.ask({"kind": "unit", "name": "a.service"})
        moment = time.strptime(summary["asOf"], "%Y-%m-%dT%H:%M:%SZ")
        self.assertLess(abs(calendar.timegm(moment) - time.time()), 60)
        self.assertTrue(json.loads(self.ok("health"))["healthy"])
        self.machine.unit("a.service", active=False)
        with mock.patch.object(health, "AGAIN_SECONDS", 0.1):
            code, out, err = self.machine.cli("health")
        self.assertEqual((code, json.loads(out)["healthy"]), (1, False))
        self.assertIn("unit a.service: inactive, dead; see journalctl", err)
        self.ok("uninstall")
        self.assertFalse(self.machine.root.path(VERIFIED).exists())

    def test_errors_of_a_later_hour_are_told_and_refuse_nothing(self) -> None:
        start = time.monotonic() - 3600
        self.machine.unit(
            "a.service", ExecMainStartTimestampMonotonic=str(int(start * 1e6)), InvocationID="abc"
        )
        self.machine.command("journalctl", "true")
        self.machine.write("/var/log/a.log", self.log([(-20, "SEVERE", "boom")]))
        check = {"kind": "errors", "unit": "a.service", "logs": ["/var/log/a.log"]}
        code, summary, _ = self.ask(check)
        self.assertEqual(code, 0)
        self.assertIn("1 error lines after the start, the last: JVB", summary["checks"][0]["detail"])

    def test_errors_in_the_journal_by_priority_and_by_prosodys_own_word(self) -> None:
        self.machine.unit("a.service", ExecMainStartTimestampMonotonic="1", InvocationID="abc")
        check = {"kind": "errors", "unit": "a.service", "logs": []}
        for message, priority in (("modulemanager      error\tUnable to load x", "6"), ("oom", "3")):
            journal = self.machine.folder / "journal"
            journal.write_text(json.dumps({"MESSAGE": message, "PRIORITY": priority}) + "\n")
            self.machine.command("journalctl", f"cat {journal}")
            self.assertIn("1 error lines", self.detail(check))

    def test_an_unknown_kind_is_refused(self) -> None:
        manifest = {"checks": [{"kind": "luck"}], "timeoutSeconds": 1}
        self.assertIn("checks[0].kind: 'luck' is unknown", self.refused("verify", manifest=manifest))

    def test_nobody_at_the_xmpp_port(self) -> None:
        self.machine.write("/ca.pem", "")
        check = {"address": "127.0.0.1", "port": 1, "domain": "a.test", "caFile": "/ca.pem"}
        self.assertFalse(self.holds({"kind": "xmppTls", **check}))
        self.assertEqual(shell.JID.findall("x | a@b/c | y"), [("a@b", "/c")])
        self.assertTrue(logs.PROSODY_ERROR.match("Nov 23 03:10:00 a.test:tls  error\tx"))

    def test_the_ways_to_log_in_are_those_that_are_wanted(self) -> None:
        for offered, wanted, right in (
            ("SCRAM-SHA-1 PLAIN", "password", True),
            ("SCRAM-SHA-1 ANONYMOUS", "password", False),
            ("ANONYMOUS", "password", False),
            ("ANONYMOUS", "anonymous", True),
            ("SCRAM-SHA-1", "anonymous", False),
            ("", "anonymous", False),
        ):
            ours, theirs = socket.socketpair()
            with ours, theirs:
                words = "".join(f"<mechanism>{name}</mechanism>" for name in offered.split())
                theirs.sendall(f"<stream:stream><stream:features>{words}</stream:features>".encode())
                found, detail = xmpp.login_offered(ours, "a.test", wanted)
                self.assertEqual(found, right, f"{offered} for {wanted}")
                self.assertIn(offered.split(" ")[0] or "check that the authentication module", detail)
                self.assertIn(b'to="a.test"', theirs.recv(1000))

    def log(self, lines: list[tuple[int, str, str]]) -> str:
        """A log of the bridge: seconds from now, level, text."""
        moments = [
            (datetime.fromtimestamp(time.time() + offset), level, text) for offset, level, text in lines
        ]
        return "".join(f"JVB {m:%Y-%m-%d %H:%M:%S}.000 {level}: [1] {text}\n" for m, level, text in moments)
