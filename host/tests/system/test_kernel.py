"""Limits of the kernel: raised where they are lower, given back when their unit stops."""

import json

from machine import MachineCase

VALUES = "/etc/audio-meet/kernel.conf"


class Kernel(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.low = self.machine.write("/proc/sys/net/core/somaxconn", "128\n")
        self.high = self.machine.write("/proc/sys/net/core/rmem_max", "104857600\n")
        self.machine.write(
            VALUES, "# why\nnet.core.somaxconn = 4096\nnet.core.rmem_max = 10485760\nno.such = 1\n"
        )

    def test_only_what_is_lower_is_raised(self) -> None:
        self.assertEqual(self.ok("kernel", VALUES), "raised: net.core.somaxconn")
        self.assertEqual((self.low.read_text(), self.high.read_text()), ("4096\n", "104857600\n"))

    def test_what_was_there_before_comes_back(self) -> None:
        self.ok("kernel", VALUES)
        self.assertEqual(self.ok("kernel"), "restored: net.core.somaxconn")
        self.assertEqual(self.low.read_text(), "128\n")

    def test_what_somebody_changed_since_stays(self) -> None:
        self.ok("kernel", VALUES)
        self.low.write_text("8192\n")
        self.assertEqual(self.ok("kernel"), "restored: nothing")
        self.assertEqual(self.low.read_text(), "8192\n")

    def test_what_the_kernel_keeps_is_told_and_does_not_fail(self) -> None:
        values = {"net.core.somaxconn": 4096, "net.core.rmem_max": 1, "no.such": 1}
        manifest = {"checks": [{"kind": "kernel", "values": values}], "timeoutSeconds": 0}
        code, out, _ = self.machine.cli("verify", manifest=manifest)
        self.assertEqual(code, 0)
        detail = json.loads(out)["checks"][0]["detail"]
        self.assertIn("net.core.somaxconn is 128 instead of 4096", detail)
        self.assertIn("no.such is missing", detail)
        self.assertNotIn("rmem_max", detail)


class Clock(MachineCase):
    def detail(self) -> str:
        manifest = {"checks": [{"kind": "clock"}], "timeoutSeconds": 0}
        code, out, _ = self.machine.cli("verify", manifest=manifest)
        self.assertEqual(code, 0)
        return str(json.loads(out)["checks"][0]["detail"])

    def test_a_container_leaves_the_time_to_its_host(self) -> None:
        self.machine.command("systemd-detect-virt")
        self.assertIn("container", self.detail())

    def test_whoever_keeps_the_time_is_named_and_nobody_is_said(self) -> None:
        self.machine.command("systemd-detect-virt", "exit 1")
        self.assertIn("nothing synchronises the clock", self.detail())
        self.machine.unit("chrony.service")
        self.assertIn("synchronised by chrony.service", self.detail())
