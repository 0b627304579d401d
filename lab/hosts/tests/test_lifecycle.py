"""Real guests from birth to death; needs root and runs with AUDIO_MEET_LAB_TESTS=1 (about a minute)."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any

LAB = Path(__file__).resolve().parents[1] / "lab"
SUITE = os.environ.get("AUDIO_MEET_LAB_TESTS_SUITE", "trixie")
BRIDGE = Path("/sys/class/net/amlab0")


def mounts() -> str:
    """What is mounted now."""
    return Path("/proc/self/mountinfo").read_text()


def command_lines() -> list[str]:
    """Command lines of all processes."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(entry.read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def groups(lab_prefix: str) -> list[Path]:
    """Control groups that belong to a lab."""
    return list(Path("/sys/fs/cgroup").glob(f"**/amlab/{lab_prefix}*"))


class Lab:
    """A lab with a folder and keys of its own."""

    def __init__(self) -> None:
        self.top = Path(tempfile.mkdtemp(prefix="amlab-test-", dir="/var/tmp"))
        self.folder = self.top / "lab"
        self.environment = {**os.environ, "AUDIO_MEET_LAB": str(self.folder)}
        self.client = self._key("client")

    def _key(self, name: str) -> tuple[str, str]:
        path = self.top / name
        if not path.exists():
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", path], check=True
            )
        return path.read_text(), path.with_suffix(".pub").read_text()

    def request(self, name: str, address: str, **more: Any) -> str:
        """stdin of `lab create`."""
        private, public = self._key(f"host-{name}")
        values = {
            "name": name,
            "address": address,
            "suite": SUITE,
            "hostPrivateKey": private,
            "hostPublicKey": public,
            "authorizedKey": self.client[1],
            "clientPrivateKey": self.client[0],
        }
        return json.dumps({**values, **more})

    def begin(self, *arguments: str, stdin: str = "") -> subprocess.Popen[str]:
        """Start a command of the lab and give it its input."""
        pipe = subprocess.PIPE
        begun = subprocess.Popen(
            [LAB, *arguments], stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=self.environment
        )
        assert begun.stdin
        begun.stdin.write(stdin)
        begun.stdin.close()
        begun.stdin = None
        return begun

    def run(self, *arguments: str, stdin: str = "", status: int = 0) -> tuple[str, str]:
        """Run a command of the lab; its stdout and stderr."""
        begun = self.begin(*arguments, stdin=stdin)
        out, err = begun.communicate(timeout=300)
        assert begun.returncode == status, f"lab {arguments}: status {begun.returncode}: {err}"
        return out, err

    def row(self, name: str) -> dict[str, Any]:
        """The machine's row of `lab status`."""
        return next(row for row in json.loads(self.run("status", "--json")[0]) if row["name"] == name)

    def ssh(
        self, name: str, command: str, known_hosts: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Log in with the key and the pinned host key that `create` left."""
        files = self.folder / "machines" / name
        options = {
            "UserKnownHostsFile": known_hosts or files / "known_hosts",
            "GlobalKnownHostsFile": "/dev/null",
            "StrictHostKeyChecking": "yes",
            "BatchMode": "yes",
            "ConnectTimeout": "10",
        }
        flags = [part for key, value in options.items() for part in ("-o", f"{key}={value}")]
        login = f"root@{self.row(name)['address']}"
        argv = ["ssh", "-F", "none", "-i", str(files / "id_ed25519"), *flags, login, command]
        return subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)

    def left_overs(self) -> list[str]:
        """Everything of this lab that can still be found on the host."""
        found = [f"folder {p}" for p in self.folder.rglob("*")] if self.folder.exists() else []
        found += [f"mount {line}" for line in mounts().splitlines() if str(self.folder) in line]
        found += [f"process {line}" for line in command_lines() if str(self.folder) in line]
        return found


class Lifecycle(unittest.TestCase):
    """Each test begins with two running guests, `one` and `two`."""

    lab: Lab

    @classmethod
    def setUpClass(cls) -> None:
        if os.environ.get("AUDIO_MEET_LAB_TESTS") != "1":
            raise unittest.SkipTest("AUDIO_MEET_LAB_TESTS=1 is not set")
        cls.lab = Lab()
        cls.requests = {
            "one": cls.lab.request("one", "10.213.9.11", memoryMegabytes=700, cpuShare=512),
            "two": cls.lab.request("two", "10.213.9.12"),
        }
        cls.lab.run("image", SUITE)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.lab.run("down")
        shutil.rmtree(cls.lab.top)

    def setUp(self) -> None:
        begun = [self.lab.begin("create", stdin=request) for request in self.requests.values()]
        for create in begun:
            out, err = create.communicate(timeout=120)
            self.assertEqual(create.returncode, 0, err)
            self.assertEqual(json.loads(out)["state"], "running")

    def test_guests_are_healthy_servers_that_reach_each_other(self) -> None:
        for name in ("one", "two"):
            state = self.lab.ssh(name, "systemctl is-system-running --wait; systemctl --failed --no-legend")
            self.assertEqual((state.stdout, state.returncode), ("running\n", 0), state.stderr)
        reach = self.lab.ssh("one", "bash -c 'read -t5 -r line </dev/tcp/10.213.9.12/22 && echo $line'")
        self.assertIn("SSH-2.0", reach.stdout)
        self.assertEqual(self.lab.ssh("one", "journalctl -q -b -p err --no-pager").stdout, "")

    def test_another_host_key_than_the_pinned_one_is_refused(self) -> None:
        wrong = self.lab.top / "wrong_known_hosts"
        wrong.write_text("10.213.9.11 " + self.lab._key("host-two")[1])
        refused = self.lab.ssh("one", "true", known_hosts=wrong)
        self.assertEqual(refused.returncode, 255)
        self.assertIn("Host key verification failed", refused.stderr)

    def test_limits_hold(self) -> None:
        files = [p for g in groups("am-") if g.name.endswith("-one") for p in g.iterdir()]
        texts = {
            p.name: p.read_text().strip() for p in files if p.name in {"memory.max", "memory.limit_in_bytes"}
        }
        self.assertIn(str(700 * 1024 * 1024), texts.values())

    def test_create_again_changes_nothing_and_refuses_another_identity(self) -> None:
        before = self.lab.row("one")
        self.lab.run("create", stdin=self.requests["one"])
        self.assertEqual(self.lab.row("one"), before)
        other = self.lab.request("one", "10.213.9.13")
        self.assertIn("another address", self.lab.run("create", stdin=other, status=1)[1])
        taken = self.lab.request("three", "10.213.9.12")
        self.assertIn("belongs to", self.lab.run("create", stdin=taken, status=1)[1])
        self.assertFalse((self.lab.folder / "machines" / "three").exists())

    def test_a_stopped_guest_keeps_its_files(self) -> None:
        self.lab.ssh("one", "echo kept >/root/note; sync")
        self.lab.run("stop", "one")
        self.lab.run("stop", "one")
        self.assertEqual(self.lab.row("one")["state"], "down")
        self.assertIn("1 of 2 machines were down", self.lab.run("start")[1])
        self.assertEqual(self.lab.ssh("one", "cat /root/note").stdout, "kept\n")
        self.assertIn("0 of 2 machines were down", self.lab.run("start")[1])

    def test_a_power_cut_gives_nobody_in_it_the_time_for_a_word(self) -> None:
        self.lab.ssh("one", "echo kept >/root/note")
        self.lab.ssh(
            "one",
            "systemd-run -q --unit=last-words sh -c 'trap \"echo said >/root/said\" TERM; sleep 1000 & wait'",
        )
        self.lab.run("stop", "one", "--at-once")
        self.assertEqual(self.lab.row("one")["state"], "down")
        self.assertIn("1 of 2 machines were down", self.lab.run("start")[1])
        self.assertEqual(
            self.lab.ssh("one", "cat /root/note; ls /root/said 2>/dev/null || true").stdout, "kept\n"
        )

    def test_a_killed_supervisor_is_noticed_and_start_replaces_the_orphans(self) -> None:
        os.kill(self.lab.row("one")["pid"], signal.SIGKILL)
        time.sleep(0.2)
        self.assertEqual(self.lab.row("one")["state"], "down")
        self.lab.run("start", "one")
        self.assertEqual(self.lab.ssh("one", "systemctl is-system-running --wait").stdout, "running\n")
        own = [line for line in command_lines() if f"{self.lab.folder}/machines/one/root" in line]
        self.assertEqual(len(own), 1)

    def test_exec_passes_output_and_status_through(self) -> None:
        begun = self.lab.begin("exec", "one", "--", "sh", "-c", "hostname; exit 7")
        self.assertEqual((begun.communicate(timeout=10)[0], begun.returncode), ("one\n", 7))

    def test_create_killed_at_any_moment_is_finished_by_the_next(self) -> None:
        for delay_seconds in (0.08, 0.12, 0.2, 0.3, 0.6):
            self.lab.run("delete", "two")
            begun = self.lab.begin("create", stdin=self.requests["two"])
            time.sleep(delay_seconds)
            begun.kill()
            begun.communicate()
            self.lab.run("create", stdin=self.requests["two"])
            self.assertEqual(self.lab.ssh("two", "hostname").stdout, "two\n", delay_seconds)

    def test_delete_takes_one_guest_and_leaves_the_other(self) -> None:
        self.lab.run("delete", "one")
        self.assertIn("there is none", self.lab.run("delete", "one")[1])
        self.assertEqual([p for p in self.lab.left_overs() if "/one" in p], [])
        self.assertEqual(self.lab.ssh("two", "hostname").stdout, "two\n")

    def test_down_leaves_nothing_even_after_a_crash(self) -> None:
        begun = self.lab.begin("create", stdin=self.lab.request("three", "10.213.9.13"))
        time.sleep(0.3)
        begun.kill()
        begun.communicate()
        (self.lab.folder / "machines" / "one" / "machine.json").write_text("{ half")
        os.kill(self.lab.row("two")["pid"], signal.SIGKILL)
        prefixes = {g.name.rsplit("-", 1)[0] for g in groups("am-") if g.name.endswith("-three")}
        self.lab.run("down")
        self.assertEqual(self.lab.left_overs(), [])
        self.assertEqual([g for prefix in prefixes for g in groups(prefix)], [])
        if not list(Path("/run/amlab/claims").glob("*")):
            self.assertFalse(BRIDGE.exists())
            tables = subprocess.run(["nft", "list", "tables"], capture_output=True, text=True, check=True)
            self.assertNotIn("amlab", tables.stdout)
        self.lab.run("down")

    def test_down_at_once_leaves_nothing_of_guests_that_run_and_of_one_that_is_off(self) -> None:
        self.lab.run("stop", "one")
        self.lab.run("down", "--at-once")
        self.assertEqual(self.lab.left_overs(), [])
        self.lab.run("down", "--at-once")

    def test_two_labs_share_bridge_and_repository(self) -> None:
        claims = [json.loads(file.read_text()) for file in Path("/run/amlab/claims").glob("*.json")]
        if not all(claim["folder"].startswith(str(self.lab.folder)) for claim in claims):
            self.skipTest("another lab of this machine is up: a server of packages would stay for it")
        other = Lab()
        cache = other.top / "cache"
        served = cache / "packages" / "repository"
        served.mkdir(parents=True)
        (served / "Release").write_text("release\n")
        (cache / "packages" / "secret").write_text("not for guests\n")
        (served / "link").symlink_to("../secret")
        for lab in (self.lab, other):
            lab.environment["AUDIO_MEET_CACHE"] = str(cache)
        try:
            url = other.run("archive", "start")[0].strip()
            self.assertEqual(self.lab.run("archive", "start")[0].strip(), url)
            fetch = (
                "for p in Release link ../secret ''; do curl -s --path-as-is -w '%{http_code} ' -o /dev/null "
            )
            self.assertEqual(self.lab.ssh("one", f"{fetch} {url}$p; done").stdout, "200 404 404 404 ")
            other.run("down")
            self.assertEqual(other.left_overs(), [])
            self.assertEqual(self.lab.ssh("one", f"curl -s {url}Release").stdout, "release\n")
            self.lab.run("archive", "stop")
            self.assertNotEqual(self.lab.ssh("one", f"curl -s -m2 {url}Release").returncode, 0)
        finally:
            del self.lab.environment["AUDIO_MEET_CACHE"]
            shutil.rmtree(other.top)

    def test_storage_is_a_real_s3_server_whose_certificate_is_verified(self) -> None:
        port = 8698
        login = json.loads(self.lab.run("storage", "start", "--port", str(port))[0])
        try:
            self.assertEqual(login["endpoint"], f"https://10.213.0.1:{port}")
            address = f"{login['endpoint']}/{login['bucket']}/folder/note"

            def ask(secret: str, more: str) -> str:
                signed = f"--aws-sigv4 aws:amz:{login['region']}:s3 --config -"
                config = f'user = "{login["accessKey"]}:{secret}"\ncacert = "{login["authority"]}"\n'
                header = "-H 'x-amz-content-sha256: UNSIGNED-PAYLOAD'"
                command = f"curl -s -w '%{{http_code}}' {signed} {header} {more}"
                done = subprocess.run(
                    ["bash", "-c", command], input=config, capture_output=True, text=True, check=True
                )
                return done.stdout

            secret = login["secretKey"]
            self.assertEqual(ask(secret, f"-T /etc/hostname {address}"), "200")
            self.assertIn("SignatureDoesNotMatch", ask("another", address))
            self.assertIn("NoSuchBucket", ask(secret, f"{login['endpoint']}/nowhere/note"))
            wrong = "-H 'Content-MD5: 1B2M2Y8AsgTpgAmY7PhCfg==' -T /etc/hostname"
            self.assertIn("BadDigest", ask(secret, f"{wrong} {login['endpoint']}/{login['bucket']}/other"))
            self.lab.run("storage", "stop", "--port", str(port))
            self.assertEqual(json.loads(self.lab.run("storage", "start", "--port", str(port))[0]), login)
            self.assertEqual(ask(secret, address), Path("/etc/hostname").read_text() + "200")
            guest = self.lab.ssh("one", f"curl -sS {address}")
            self.assertNotEqual(guest.returncode, 0)
            self.assertIn("certificate", guest.stderr)
        finally:
            self.lab.run("storage", "stop", "--port", str(port))


if __name__ == "__main__":
    unittest.main()
