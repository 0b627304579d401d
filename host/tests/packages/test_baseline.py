"""What was on a server before: the purge of packages gives it back."""

import os

from machine import MachineCase, file, group

from packages.test_packages import wanted

OWN = "/etc/jitsi/jicofo/jicofo.conf"
OWN_FOLDER = "/etc/jitsi/jicofo"
INFO = "/var/lib/dpkg/info"


class Surroundings(MachineCase):
    """A machine on which apt installs and purges one package, whose scripts clear its folder as a whole."""

    def setUp(self) -> None:
        super().setUp()
        machine = self.machine
        machine.write("/etc/os-release", 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n')
        machine.write("/etc/passwd", "root:x:0:0::/root:/bin/sh\nops:x:1000:1000::/home/ops:/bin/sh\n")
        machine.write("/etc/group", "root:x:0:\nbackup-team:x:200:\n")
        machine.write(f"{INFO}/base.list", "/.\n/etc\n/etc/default\n/etc/passwd\n/var/lib\n")
        machine.write("/etc/default/own", "own settings")
        machine.write(OWN, "hand-made", 0o600)
        os.chmod(machine.root.path(OWN_FOLDER), 0o750)
        (machine.folder / "installed").write_text("base\tinstalled\t1\n")
        machine.command("dpkg-query", f"cat {machine.folder}/installed")
        machine.command("apt-cache", 'echo "jicofo | 1.0 | x"')
        machine.command("dpkg")
        tree = machine.tree
        machine.command(
            "apt-get",
            f"""case "$*" in *" install "*)
              printf 'jicofo\\tinstalled\\t1.0\\n' >> {machine.folder}/installed
              mkdir -p {tree}/etc/prosody/certs {tree}/var/lib/libuuid
              printf '/etc/jitsi\\n/etc/jitsi/jicofo\\n' > {tree}{INFO}/jicofo.list
              echo 'adduser --system jitsi; addgroup certs' > {tree}{INFO}/jicofo.postinst
              printf 'jitsi:x:110:210::/home/jitsi:/bin/sh\\n' >> {tree}/etc/passwd
              printf 'jitsi:x:210:\\ncerts:x:1000:\\nothers:x:212:\\n' >> {tree}/etc/group;;
            *" purge "*)
              rm -r {tree}/etc/jitsi/jicofo {tree}{INFO}/jicofo.*
              printf 'base\\tinstalled\\t1\\n' > {machine.folder}/installed;;
            esac""",
        )
        for program, database in (("userdel", "passwd"), ("groupdel", "group")):
            body = f'for name; do :; done; sed -i "/^$name:/d" {tree}/etc/{database}'
            machine.command(program, body)

    def come_and_go(self) -> str:
        self.ok("packages", manifest=wanted({"jicofo": "1.0"}))
        return self.ok("remove-packages")

    def test_a_file_in_a_folder_that_the_purge_clears_comes_back_with_its_rights(self) -> None:
        self.assertIn(f"restored: {OWN}", self.come_and_go())
        self.assertEqual(self.machine.read(OWN), "hand-made")
        path = self.machine.root.path
        self.assertEqual(path(OWN).stat().st_mode & 0o777, 0o600)
        self.assertEqual(path(OWN_FOLDER).stat().st_mode & 0o777, 0o750)

    def test_no_copy_is_left_and_files_in_shared_folders_are_not_even_copied(self) -> None:
        self.ok("packages", manifest=wanted({"jicofo": "1.0"}))
        self.machine.write("/etc/default/own", "changed since")
        self.ok("remove-packages")
        self.assertEqual(self.machine.read("/etc/default/own"), "changed since")
        originals = self.machine.root.path("/var/lib/audio-meet/originals")
        self.assertEqual(list(originals.glob("*")), [])

    def test_empty_folders_that_came_along_go(self) -> None:
        self.come_and_go()
        for folder in ("/etc/prosody", "/var/lib/libuuid"):
            self.assertFalse(self.machine.root.path(folder).exists(), folder)

    def test_accounts_go_if_the_packages_made_them(self) -> None:
        self.assertIn("accounts: jitsi, certs, jitsi", self.come_and_go())
        self.assertNotIn("jitsi", self.machine.read("/etc/passwd"))
        # A home in /home is the package's own making, too.
        self.assertIn("userdel --remove jitsi", self.machine.calls("userdel"))
        # Somebody else made this one in the meantime.
        self.assertEqual(self.machine.read("/etc/group").count("others"), 1)
        self.assertEqual(self.machine.read("/etc/group").count("certs"), 0)

    def test_a_removal_that_was_killed_after_the_purge_still_gives_everything_back(self) -> None:
        self.ok("packages", manifest=wanted({"jicofo": "1.0"}))
        mended = (self.machine.bin / "apt-get").read_text()
        (self.machine.bin / "apt-get").write_text(
            mended.replace("esac", 'esac\ncase "$*" in *" purge "*) kill -9 $PPID;; esac')
        )
        pid = os.fork()
        if pid == 0:
            self.machine.cli("remove-packages")
            os._exit(1)  # not reached
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), -9)
        self.assertFalse(self.machine.root.path(OWN).exists())
        (self.machine.bin / "apt-get").write_text(mended)
        self.assertIn(f"restored: {OWN}", self.ok("remove-packages"))
        self.assertEqual(self.machine.read(OWN), "hand-made")
        self.assertNotIn("jitsi", self.machine.read("/etc/passwd"))

    def test_what_a_script_appends_to_a_file_of_the_operator_is_not_in_what_comes_back(self) -> None:
        text = (self.machine.bin / "apt-get").read_text()
        own, folder = self.machine.root.path(OWN), self.machine.root.path(OWN_FOLDER)
        script = f"echo appended >> {own}; chmod 644 {own}; chmod 755 {folder}; mkdir -p"
        (self.machine.bin / "apt-get").write_text(text.replace("mkdir -p", script))
        self.ok("packages", manifest=wanted({"jicofo": "1.0"}))
        self.assertIn("appended", self.machine.read(OWN))
        self.ok("files", manifest=group("jicofo", {OWN: file("ours")}))
        self.assertEqual(self.machine.read(OWN), "ours")
        self.ok("remove", "jicofo")
        self.ok("remove-packages")
        self.assertEqual(self.machine.read(OWN), "hand-made")
        self.assertEqual(own.stat().st_mode & 0o777, 0o600)
        self.assertEqual(folder.stat().st_mode & 0o777, 0o750)

    def test_what_an_operator_writes_later_is_what_comes_back(self) -> None:
        self.ok("packages", manifest=wanted({"jicofo": "1.0"}))
        self.machine.write(OWN, "written later", 0o640)
        self.ok("remove-packages")
        self.assertEqual(self.machine.read(OWN), "written later")
