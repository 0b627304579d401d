"""Rules that would lock administrators out do not stay."""

from audio_meet.system.documents import Json
from machine import MachineCase, file, group

RULES = "/etc/audio-meet/nftables/host.nft"


class Reachable(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.machine.unit("fw.service")
        self.machine.command("ip")
        # the rules decide what gets through: the word "closed" in them cuts port 22 off
        self.machine.command("nsenter", f"! grep -q closed {self.machine.tree}{RULES} 2>/dev/null || echo 22")

    def rules(self, text: str) -> Json:
        return {**group("firewall", {RULES: file(text, fw_service="reload")}), "keepReachable": [22]}

    def test_rules_that_keep_the_port_open_stay(self) -> None:
        self.assertIn("reloaded: fw", self.ok("files", manifest=self.rules("open")))

    def test_rules_that_cut_the_port_off_go_back(self) -> None:
        self.ok("files", manifest=self.rules("open"))
        error = self.refused("files", manifest=self.rules("closed"))
        self.assertIn("22/tcp", error)
        self.assertIn("the new rules block new connections to it", error)
        self.assertEqual(self.machine.read(RULES), "open")
        self.assertEqual(self.machine.orders()[-1], "restart fw.service")

    def test_the_test_network_is_taken_away_again(self) -> None:
        self.ok("files", manifest=self.rules("open"))
        calls = [line for line in self.machine.calls() if line.startswith("ip ")]
        self.assertIn("netns delete", calls[-1])

    def test_a_port_that_was_cut_off_before_is_not_these_rules_doing(self) -> None:
        self.machine.command("nsenter", "echo 22")
        self.assertIn("reloaded: fw", self.ok("files", manifest=self.rules("open")))

    def test_where_there_can_be_no_test_network_that_is_said(self) -> None:
        self.machine.command("ip", "exit 1")
        self.assertIn("was not tested", self.ok("files", manifest=self.rules("open")))

    def test_rules_go_back_where_it_is_not_known_any_more_whether_the_port_is_open(self) -> None:
        self.ok("files", manifest=self.rules("open"))
        self.machine.command("ip", f"! grep -q new {self.machine.tree}{RULES}")
        error = self.refused("files", manifest=self.rules("new"))
        self.assertIn("cannot tell whether the new rules keep it open", error)
        self.assertEqual(self.machine.read(RULES), "open")

    def test_an_answer_that_was_late_before_does_not_leave_the_port_unguarded(self) -> None:
        late = self.machine.folder / "late"
        closed = f"! grep -q closed {self.machine.tree}{RULES} 2>/dev/null || echo 22"
        self.machine.command("nsenter", f"[ -e {late} ] || {{ touch {late}; echo 22; exit 0; }}; {closed}")
        self.assertIn(
            "the new rules block new connections to it", self.refused("files", manifest=self.rules("closed"))
        )

    def test_nothing_is_tried_when_nothing_changes(self) -> None:
        self.ok("files", manifest=self.rules("open"))
        self.machine.calls()
        self.ok("files", manifest=self.rules("open"))
        self.assertFalse([line for line in self.machine.calls() if line.startswith("ip ")])
