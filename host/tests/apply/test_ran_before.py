"""Units that ran before the deployment came: they go on when it goes."""

from machine import MachineCase, file, group

DROP_IN = "/etc/systemd/system/nginx.service.d/audio-meet.conf"
SITE = "/etc/nginx/sites-enabled/audio-meet"
FILES = {SITE: file("ours", nginx_service="reload"), DROP_IN: file("limits", nginx_service="restart")}


class RanBefore(MachineCase):
    def come_and_go(self) -> None:
        self.ok("files", manifest=group("nginx", FILES, ["nginx.service"]))
        self.ok(
            "files",
            manifest=group("nginx", {**FILES, SITE: file("more", nginx_service="reload")}, ["nginx.service"]),
        )
        self.machine.calls()
        self.ok("remove", "nginx")

    def test_a_web_server_with_other_sites_is_told_and_goes_on(self) -> None:
        self.machine.unit("nginx.service", active=True, enabled=True)
        self.come_and_go()
        self.assertEqual(self.machine.orders(), ["restart nginx.service"])
        self.assertEqual(self.machine.state("nginx.service"), "active")
        self.assertEqual(self.machine.state("nginx.service", "UnitFileState"), "enabled")
        self.assertFalse(self.machine.root.path(SITE).exists())

    def test_one_that_came_with_the_deployment_goes_with_it(self) -> None:
        self.machine.unit("nginx.service", active=False, enabled=False)
        self.come_and_go()
        self.assertEqual(self.machine.orders(), ["stop nginx.service"])
        self.assertEqual(self.machine.state("nginx.service", "UnitFileState"), "disabled")

    def test_one_that_another_group_started_did_not_run_before(self) -> None:
        self.machine.unit("nginx.service", active=False, enabled=False)
        self.ok("files", manifest=group("other", {"/etc/other": file("x")}, ["nginx.service"]))
        self.come_and_go()
        self.assertEqual(self.machine.state("nginx.service"), "active")
        self.ok("remove", "other")
        self.assertEqual(self.machine.state("nginx.service"), "inactive")
