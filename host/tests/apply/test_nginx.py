"""nginx's check: a copy of the whole folder, with the candidates in it, and the live one untouched."""

import os

from machine import MachineCase, file, group

MAIN = "/etc/nginx/nginx.conf"
SITE = "/etc/nginx/sites-enabled/ours"

# Reads what the stage includes, as nginx does: the includes name absolute paths.
NGINX = """
for f in $(sed -n 's/^include \\(.*\\);$/\\1/p' "$3"); do
  [ -e "$f" ] || continue
  if grep -n rubbish "$f" >/dev/null; then
    echo "nginx: [warn] something old" >&2
    echo "nginx: [emerg] unknown directive in $f:1" >&2
    exit 1
  fi
done
"""


class Nginx(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.machine.command("nginx", NGINX)
        self.machine.write("/etc/nginx/mime.types", "types {}")
        os.symlink("/nowhere", self.machine.write("/etc/nginx/modules-enabled/x", "").with_name("dangling"))

    def manifest(self, site: str, origin: str | None = None) -> dict[str, object]:
        return group(
            "nginx",
            {
                MAIN: file("include /etc/nginx/sites-enabled/*;\n", check="nginx", nginx_service="reload"),
                SITE: file(site, check="nginx", origin=origin, nginx_service="reload"),
            },
            ["nginx.service"],
        )

    def test_the_first_files_are_checked_before_one_of_them_is_there(self) -> None:
        self.machine.unit("nginx.service")
        self.ok("files", manifest=self.manifest("server {}"))
        self.assertEqual(self.machine.read(SITE), "server {}")
        self.assertEqual(self.machine.orders(), ["reload nginx.service"])

    def test_a_candidate_is_read_through_the_includes_and_named_by_its_real_path(self) -> None:
        self.machine.unit("nginx.service")
        self.ok("files", manifest=self.manifest("server {}"))
        self.machine.calls()
        error = self.refused("files", manifest=self.manifest("rubbish"))
        self.assertIn(f"[emerg] unknown directive in {SITE}:1", error)
        self.assertNotIn("[warn]", error)
        self.assertEqual(self.machine.read(SITE), "server {}")
        self.assertEqual(self.machine.orders(), [])

    def test_settings_of_the_operator_that_nginx_refuses_are_named_by_their_key_and_change_nothing(
        self,
    ) -> None:
        self.machine.unit("nginx.service")
        self.ok("files", manifest=self.manifest("server {}"))
        self.machine.calls()
        error = self.refused("files", manifest=self.manifest("rubbish", origin="jitsi:extra.nginx"))
        self.assertIn(
            f": {SITE}: refused by its checker: nginx: [emerg] unknown directive in {SITE}:1; ", error
        )
        self.assertIn("the previous version stays in place; correct jitsi:extra.nginx", error)
        self.assertEqual(self.machine.read(SITE), "server {}")
        self.assertEqual(self.machine.orders(), [])

    def test_a_broken_site_of_somebody_else_is_told_before_anything_changes(self) -> None:
        self.machine.unit("nginx.service")
        self.machine.write("/etc/nginx/sites-enabled/theirs", "rubbish")
        error = self.refused("files", manifest=self.manifest("server {}"))
        self.assertIn("in /etc/nginx/sites-enabled/theirs:1", error)
        self.assertFalse(self.machine.root.path(SITE).exists())

    def test_a_file_that_nginx_does_not_read_is_refused(self) -> None:
        error = self.refused("files", manifest=group("g", {"/etc/elsewhere.conf": file("x", check="nginx")}))
        self.assertIn("outside /etc/nginx", error)

    def test_the_link_to_the_welcome_page_comes_back(self) -> None:
        self.machine.unit("nginx.service")
        available = self.machine.write("/etc/nginx/sites-available/default", "welcome")
        link = self.machine.root.path("/etc/nginx/sites-enabled/default")
        link.parent.mkdir(parents=True, exist_ok=True)
        os.symlink(available, link)
        ours = group("nginx", {"/etc/nginx/sites-enabled/default": file("ours")})
        self.ok("files", manifest=ours)
        self.assertEqual((link.is_symlink(), link.read_text()), (False, "ours"))
        self.assertEqual(available.read_text(), "welcome")
        self.ok("remove", "nginx")
        self.assertEqual((link.is_symlink(), link.read_text()), (True, "welcome"))
