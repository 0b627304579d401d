"""The look at a host before anything is changed: every reason at once, and nothing touched."""

import errno
import hashlib
import json
import os
import re
import socket
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from unittest import mock

from audio_meet.network import way_out
from audio_meet.preflight import nginx as preflight_nginx
from audio_meet.preflight import nginx_config, ports, system
from audio_meet.preflight import proxy as preflight_way_out
from audio_meet.preflight.survey import Survey
from audio_meet.system.documents import Json
from audio_meet.system.state import State
from machine import MachineCase
from proxy import Proxy
from serving import serve

WELCOME = "server { listen 80 default_server; }"


class PackageServer(HTTPServer):
    """A package server whose clock is off by `ahead_seconds`."""

    ahead_seconds = 0.0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Dated)


class Dated(BaseHTTPRequestHandler):
    server: PackageServer

    def do_HEAD(self) -> None:
        self.send_response_only(404)
        self.send_header("Date", formatdate(time.time() + self.server.ahead_seconds, usegmt=True))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Preflight(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.machine.write("/etc/os-release", 'ID=debian\nVERSION_ID="13"\n')
        self.machine.write("/proc/meminfo", "MemTotal: 4194304 kB\n")
        self.machine.root.path("/run/systemd/system").mkdir(parents=True)
        self.machine.root.path("/etc/prosody/conf.d").mkdir(parents=True)
        for program in ("dpkg", "apt-get", "apt-mark", "dpkg-query", "nft", "iptables-save"):
            self.machine.command(program)
        self.server = PackageServer()
        serve(self, self.server)
        self.wanted = {
            "releases": ["debian-12", "debian-13"],
            "memoryMegabytes": 850,
            "diskMegabytes": {"/usr": 1, "/var/log": 1},
            "clockUrls": [f"http://127.0.0.1:{self.server.server_port}/"],
            "wayOut": [],
            "packages": ["jicofo", "prosody"],
            "ports": [],
            "names": ["meet.example.org"],
            "xmppHosts": ["meet.example.org", "auth.meet.example.org"],
            "sharesHttps": False,
            "table": "audio_meet",
        }

    def problems(self, **more: object) -> dict[str, str]:
        """What was said, by the thing that it is about."""
        before = self.files()
        code, out, err = self.machine.cli("preflight", manifest={**self.wanted, **more})
        self.assertEqual(self.files(), before)
        lines = [line for line in err.splitlines() if not line.startswith("note: ")]
        self.assertEqual(code, 1 if lines else 0)
        self.said = err + out
        self.notes = re.findall(r"note: ([^;\n]+[^\n]*)", err + out)
        return {line.split(": ")[2]: line for line in lines}

    def files(self) -> list[str]:
        return sorted(f"{folder}/{name}" for folder, _, names in os.walk(self.machine.tree) for name in names)

    def web_port(self, port: int = 443) -> list[Json]:
        return [{"name": "https", "protocol": "tcp", "port": port, "lastPort": port, "open": True}]

    def nginx(self, site: str, path: str = "/etc/nginx/sites-enabled/club") -> None:
        self.machine.write(path, site)
        self.machine.command("nginx", f"cat <<'END'\n# configuration file {path}:\n{site}\nEND")

    def test_a_fit_host_is_told_so(self) -> None:
        self.assertEqual(self.problems(), {})

    def test_a_source_of_one_of_our_repositories_that_is_not_ours(self) -> None:
        jitsi = {"url": "https://download.jitsi.org/", "purpose": "packages", "isNeeded": False}
        key = {"url": "https://keys.example.org/", "purpose": "signing key of packages", "isNeeded": False}
        sources = {
            "/etc/apt/sources.list": "deb http://deb.debian.org/debian trixie main\n",
            "/etc/apt/sources.list.d/jitsi-stable.list": "# deb https://keys.example.org x\n"
            "deb [arch=amd64 signed-by=/k] https://download.jitsi.org stable/\n",
            "/etc/apt/sources.list.d/jitsi.sources": "Types: deb\n"
            "URIs: https://download.jitsi.org\nSuites: stable/\nSigned-By: /k\n",
            "/etc/apt/sources.list.d/keyless.list": "deb https://download.jitsi.org stable/\n",
            "/etc/apt/sources.list.d/key.list": "deb https://keys.example.org stable main\n",
            "/etc/apt/sources.list.d/audio-meet-jitsi.sources": "URIs: https://download.jitsi.org/\n",
            "/etc/apt/sources.list.d/jitsi.list.save": "deb https://download.jitsi.org stable/\n",
        }
        for path, text in sources.items():
            self.machine.write(path, text)
        self.problems(wayOut=[jitsi, key])
        said = [line for line in self.said.splitlines() if "another key" in line]
        self.assertEqual(len(said), 2, self.said)
        self.assertIn(
            "https://download.jitsi.org: is named by /etc/apt/sources.list.d/jitsi-stable.list",
            said[0],
        )
        self.assertIn("remove it from /etc/apt/sources.list.d/jitsi.sources", said[1])

    def test_a_fit_host_says_how_large_it_is(self) -> None:
        _, out, _ = self.machine.cli("preflight", manifest=self.wanted)
        self.assertEqual(set(json.loads(out)), {"cores", "memoryMegabytes"})

    def test_what_it_waited_for_is_said_beside_the_document_and_not_in_it(self) -> None:
        done = self.machine.folder / "done"
        first = "touch " + str(done) + "; echo 'status: running'"
        self.machine.command("cloud-init", f"if [ -e {done} ]; then echo 'status: done'; else {first}; fi")
        code, out, said = self.machine.cli("preflight", manifest=self.wanted)
        self.assertEqual(code, 0, said)
        self.assertEqual(set(json.loads(out)), {"cores", "memoryMegabytes"})
        self.assertIn("waiting for cloud-init", said)

    def test_every_reason_is_said_at_once_with_its_remedy(self) -> None:
        self.machine.write("/etc/os-release", 'ID=ubuntu\nVERSION_ID="20.04"\n')
        self.machine.write("/proc/meminfo", "MemTotal: 524288 kB\n")
        self.server.ahead_seconds = -3600
        self.machine.command("apt-mark", "echo prosody")
        self.machine.write("/etc/apt/preferences.d/own", "Package: jicofo other\nPin: version 1\n")
        self.machine.write("/etc/prosody/prosody.cfg.lua", 'VirtualHost "chat.club.example"\n')
        found = self.problems(diskMegabytes={"/usr": 10**9})
        self.assertEqual(
            list(found),
            [
                "operating system",
                "memory",
                "disk of /usr",
                "clock",
                "package prosody",
                "package jicofo",
                "prosody",
            ],
        )
        self.assertIn("ubuntu-20.04 is not supported", found["operating system"])
        self.assertIn("debian-12, debian-13", found["operating system"])
        self.assertIn("512 MB, at least 850 MB", found["memory"])
        self.assertRegex(found["clock"], r"3(599|600|601) s ahead of 127.0.0.1")
        self.assertIn("timedatectl set-ntp true", found["clock"])
        self.assertIn("apt-mark unhold prosody", found["package prosody"])
        self.assertIn("chat.club.example", found["prosody"])

    def test_a_clock_that_nobody_confirms_is_a_remark(self) -> None:
        self.assertEqual(self.problems(clockUrls=["http://127.0.0.1:1/"]), {})
        self.assertIn("the clock was not checked", self.notes[0])

    def place(self, url: str = "https://download.out.test", **more: object) -> Json:
        return {"url": url, "purpose": "packages", "isNeeded": True, **more}

    def way_out(self, *places: Json, proxy: Proxy | str | None = None) -> list[str]:
        """What is said of the way out, by a host that tries once."""
        url = proxy.url if isinstance(proxy, Proxy) else proxy
        named = {"proxy": {"url": url, "except": []}} if url else {}
        with (
            mock.patch.object(preflight_way_out, "TRIES", 1),
            mock.patch.object(way_out, "STRAIGHT", ()),
        ):
            self.problems(wayOut=list(places), **named)
        lines = [line for line in self.said.splitlines() if line.startswith("audio-meet: ")]
        return [line.partition(": outbound access: ")[2] for line in lines if ": outbound access: " in line]

    def test_a_host_without_a_way_out_is_told_which_key_names_a_proxy(self) -> None:
        near = self.place(f"http://127.0.0.1:{self.server.server_port}")
        [said] = self.way_out(near, self.place(), self.place("https://acme.out.test", isNeeded=False))
        self.assertRegex(
            said,
            r"download.out.test:443 \(packages\) does not answer: .*set machines.httpProxy.*"
            r"; a mirror is named in jitsi:packages",
        )
        self.assertEqual(self.way_out(self.place(releases=["ubuntu-22.04"])), [], "not of this release")

    def test_a_proxy_that_does_not_answer_is_said_once_with_the_place_that_names_it(self) -> None:
        places = [self.place(), self.place("https://keys.out.test")]
        [said] = self.way_out(*places, proxy="http://127.0.0.1:1")
        self.assertRegex(said, "the proxy http://127.0.0.1:1 .* does not answer: Connection refused")
        self.assertIn("correct machines.httpProxy", said)
        self.machine.write("/etc/environment", "https_proxy=http://ops:s3cret@127.0.0.1:1\n")
        [said] = self.way_out(*places)
        self.assertIn("correct /etc/environment, or name another one in machines.httpProxy", said)
        self.assertNotIn("s3cret", self.said)

    def test_what_a_proxy_does_not_pass_on_is_named_each_with_what_it_is_for(self) -> None:
        proxy = Proxy(self)
        proxy.refuses = (403, "Forbidden")
        keys = self.place("https://id.out.test:8443", purpose="keys")
        packages, other = self.way_out(self.place(), keys, proxy=proxy)
        self.assertIn(f"the proxy {proxy.url} (machines.httpProxy) does not reach download.out", packages)
        self.assertRegex(other, r"id.out.test:8443 \(keys\): .*403 Forbidden; allow that address")
        proxy.refuses = (503, "Service Unavailable")
        self.assertIn("503", self.way_out(self.place("http://packages.out.test/debian"), proxy=proxy)[0])

    def test_a_proxy_that_leads_everywhere_is_asked_and_nothing_is_said(self) -> None:
        proxy = Proxy(
            self, dict.fromkeys(("a.out.test", "b.out.test"), ("127.0.0.1", self.server.server_port))
        )
        self.assertEqual(
            self.way_out(self.place("https://a.out.test"), self.place("http://b.out.test/x"), proxy=proxy), []
        )
        asked = [line for line in proxy.log if "out.test" in line]
        self.assertEqual(sorted(asked), ["CONNECT a.out.test:443", "HEAD http://b.out.test/x"])

    def test_who_knows_no_proxy_is_named_where_the_way_out_is_one(self) -> None:
        proxy = Proxy(self)
        keys = self.place("https://id.out.test", straight="always", reason="Prosody knows no proxy")
        self.assertEqual(self.way_out(keys), [], "the verification says it where there is none")
        [said] = self.way_out(keys, proxy=proxy)
        self.assertRegex(
            said, "id.out.test:443 .* without a proxy: .*; Prosody knows no proxy: allow this host"
        )
        alerts = self.place(isNeeded=False, straight="unlessNamed", reason="Alertmanager takes none of them")
        self.machine.write("/etc/environment", f"https_proxy={proxy.url}\n")
        self.assertEqual(self.way_out(alerts), [], "no reason to refuse the host")
        self.assertRegex("".join(self.notes), "Alertmanager takes none of them: .*or set machines.httpProxy")

    def test_a_host_on_which_all_is_installed_goes_on_with_a_remark(self) -> None:
        state = State(self.machine.root)
        state.prepare()
        state.save_packages({"before": {}})
        proxy = Proxy(self)
        proxy.refuses = (403, "Forbidden")
        self.assertEqual(self.way_out(self.place(), proxy=proxy), [])
        self.assertIn("does not reach download.out.test:443", "".join(self.notes))

    def test_the_clock_is_compared_through_the_proxy(self) -> None:
        self.server.ahead_seconds = -3600
        proxy = Proxy(self, {"packages.out.test": ("127.0.0.1", self.server.server_port)})
        named = {"url": proxy.url, "except": []}
        found = self.problems(clockUrls=["http://packages.out.test/debian"], proxy=named)
        self.assertIn("ahead of packages.out.test", found["clock"])

    def test_a_folder_that_keeps_daemons_out_of_their_truststore_is_refused(self) -> None:
        folder = self.machine.root.path("/etc/jitsi/trust")
        folder.mkdir(parents=True)
        folder.chmod(0o755)
        self.assertEqual(self.problems(), {})
        folder.chmod(0o750)
        self.assertIn("cannot be entered by other users (mode 0750)", self.problems()["/etc/jitsi/trust"])

    def test_half_installed_packages_are_said_before_apt_fails_on_them(self) -> None:
        self.machine.command("dpkg", "echo 'The following packages are only half configured: mysql'")
        self.assertIn("half configured: mysql", self.problems()["dpkg"])

    def test_a_jitsi_of_the_operators_own_is_refused_and_a_prosody_without_hosts_is_a_remark(self) -> None:
        row = "printf 'jicofo\\tinstalled\\t1.0\\nprosody\\tinstalled\\t0.12\\n'"
        self.machine.command("dpkg-query", row)
        found = self.problems()
        self.assertEqual(list(found), ["package jicofo"])
        self.assertIn("your own Jitsi", found["package jicofo"])
        self.assertIn("prosody 0.12 is already installed", "".join(self.notes))

    def test_a_prosody_of_the_very_domain_is_somebody_elses_until_something_of_ours_is_installed(
        self,
    ) -> None:
        account = self.machine.write("/var/lib/prosody/meet%2eexample%2eorg/accounts/anna.dat", "return {};")
        self.assertIn("audio-meet take-over now", self.problems()["prosody"])
        account.unlink()
        self.assertEqual(self.problems(), {}, "an empty folder is nobody's account")
        self.machine.write("/etc/prosody/conf.d/own.cfg.lua", 'VirtualHost "meet.example.org"\n')
        self.assertIn("meet.example.org (/etc/prosody)", self.problems()["prosody"])
        state = State(self.machine.root)
        state.prepare()
        state.save_packages({"before": {}})
        self.assertEqual(self.problems(), {})

    def test_sites_that_would_take_our_requests_are_refused(self) -> None:
        refused = {
            "server { listen 443 ssl default_server; }": "default_server",
            "server { listen 203.0.113.1:443 ssl; }": "receives every request to 203.0.113.1:443",
            "server { listen 443 ssl; server_name www.club.example meet.example.org; }": "meet.example.org",
        }
        for site, cause in refused.items():
            with self.subTest(site):
                self.nginx(site)
                self.assertIn(cause, self.problems(ports=self.web_port())["/etc/nginx/sites-enabled/club"])

    def test_sites_for_other_names_stay(self) -> None:
        self.nginx(
            "server { listen 443 ssl; listen [::]:443 ssl; server_name club.example; } # default_server"
        )
        self.assertEqual(self.problems(ports=self.web_port()), {})

    def test_a_site_cannot_have_the_port_that_turn_shares(self) -> None:
        self.nginx("server { listen 443 ssl; server_name club.example; }")
        found = self.problems(ports=self.web_port(), sharesHttps=True)
        self.assertIn("tls443: false", found["/etc/nginx/sites-enabled/club"])

    def test_debians_welcome_page_may_go_but_a_changed_one_not(self) -> None:
        digest = hashlib.md5(f"{WELCOME}".encode(), usedforsecurity=False).hexdigest()
        self.machine.command("dpkg-query", f'echo " {preflight_nginx.DEFAULT_SITE_SOURCE} {digest}"')
        self.nginx(WELCOME, preflight_nginx.DEFAULT_SITE)
        self.assertEqual(self.problems(ports=self.web_port(80)), {})
        self.nginx("server { listen 80; server_name club.example; }", preflight_nginx.DEFAULT_SITE)
        found = self.problems(ports=self.web_port(80))
        self.assertIn("site of yours", found[preflight_nginx.DEFAULT_SITE])

    def test_a_kernel_without_ipv6_is_refused_where_nginx_will_run(self) -> None:
        with mock.patch.object(preflight_nginx.socket, "AF_INET6", 255):  # what no kernel knows
            self.assertEqual(self.problems(), {})
            found = self.problems(ports=self.web_port())
        self.assertIn(f"this kernel does not support it ({os.strerror(errno.EAFNOSUPPORT)})", found["IPv6"])
        self.assertIn("ipv6.disable=1", found["IPv6"])

    def test_parts_of_the_operators_own_in_the_main_file_are_refused(self) -> None:
        main = "events {} http { include /etc/nginx/conf.d/*.conf; upstream club { server 127.0.0.1; } }"
        self.nginx(main, preflight_nginx.MAIN)
        self.assertIn("upstream", self.problems(ports=self.web_port())[preflight_nginx.MAIN])
        self.nginx("events {} http { include /etc/nginx/conf.d/*.conf; }", preflight_nginx.MAIN)
        self.assertEqual(self.problems(ports=self.web_port()), {})

    def test_a_program_of_somebody_else_on_a_port_of_ours_is_named(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        number = listener.getsockname()[1]
        self.machine.root.path("/proc").joinpath("net").mkdir()
        for name in ("tcp", "tcp6"):
            with open(f"/proc/net/{name}") as real:
                self.machine.write(f"/proc/net/{name}", real.read())
        mine = f"/proc/{os.getpid()}"
        inode = os.fstat(listener.fileno()).st_ino
        fd = self.machine.root.path(f"{mine}/fd")
        fd.mkdir(parents=True)
        (fd / "3").symlink_to(f"socket:[{inode}]")
        self.machine.write(f"{mine}/comm", "apache2\n")
        self.machine.write(f"{mine}/cgroup", "0::/system.slice/apache2.service\n")
        found = self.problems(ports=self.web_port(number))
        self.assertIn("apache2 (apache2.service) listens there; https needs it", found[f"port {number}/tcp"])

    def test_a_published_port_of_a_container_is_refused_where_it_is_ours_alone(self) -> None:
        rule = "-A DOCKER ! -i docker0 -p tcp -m tcp --dport {} -j DNAT --to-destination 172.17.0.2:80"
        self.machine.command("iptables-save", f"echo '{rule.format(443)}'; echo '{rule.format(8080)}'")
        self.assertEqual(list(self.problems(ports=self.web_port())), ["port 443/tcp"])

    def test_a_firewall_that_drops_is_a_remark_with_the_ports_to_open(self) -> None:
        chain = {"family": "ip", "table": "filter", "name": "INPUT", "hook": "input", "policy": "drop"}
        listed = json.dumps({"nftables": [{"chain": chain}]})
        self.machine.command("nft", f"case \"$*\" in *ruleset) echo '{listed}';; esac")
        self.assertEqual(self.problems(ports=self.web_port()), {})
        self.assertRegex(self.notes[0], r"ip filter.*allow there 443/tcp")

    def test_ufw_is_seen_without_nft_and_told_in_its_own_words(self) -> None:
        self.machine.command("nft", "echo 'nft: not found' >&2; exit 127")
        self.machine.write("/etc/ufw/ufw.conf", "# Set to yes to start on boot.\nENABLED=yes\n")
        self.machine.write("/etc/default/ufw", 'IPV6=yes\nDEFAULT_INPUT_POLICY="DROP"\n')
        media = {"name": "media", "protocol": "udp", "port": 10000, "lastPort": 10009, "open": True}
        self.assertEqual(self.problems(ports=[*self.web_port(), media]), {})
        self.assertIn(
            "(ufw) and is left unchanged: allow there ufw allow 443/tcp; ufw allow 10000:10009/udp", self.said
        )

    def test_what_is_ours_already_speaks_against_nothing(self) -> None:
        self.machine.write(
            "/var/lib/audio-meet/groups/core.json",
            '{"files": {"/etc/nginx/sites-enabled/club": {}, "/etc/prosody/prosody.cfg.lua": {}}, "run": []}',
        )
        self.machine.write("/etc/prosody/prosody.cfg.lua", 'VirtualHost "somebody.example"\n')
        self.nginx("server { listen 443 ssl default_server; }")
        self.assertEqual(self.problems(ports=self.web_port()), {})

    def test_a_wrong_clock_that_tls_notices_first_is_called_a_wrong_clock(self) -> None:
        survey = Survey(self.machine.root, self.wanted)
        error = system.ssl.SSLCertVerificationError()
        error.verify_code = 9
        with mock.patch.object(system.http.client.HTTPSConnection, "request", side_effect=error):
            self.assertIsNone(system._ahead_seconds(survey, "https://packages.example/"))
        self.assertIn("not valid yet", survey.problems[0].cause)


class Parsing(MachineCase):
    def test_nginx_words(self) -> None:
        text = (
            'map $a $b { default "x;{}"; } # } \nserver { listen [::]:443 ssl; return 301 https://${host}/; }'
        )
        tree = nginx_config.parse(text)
        self.assertEqual([d.name for d in tree], ["map", "server"])
        inner = [directive.children or [] for directive in tree]
        self.assertEqual(inner[0][0].words, ["default", "x;{}"])
        self.assertEqual(inner[1][1].words, ["return", "301", "https://${host}/"])

    def test_addresses_of_listen(self) -> None:
        cases = {
            "80": ("*", 80),
            "[::]:443": ("*", 443),
            "0.0.0.0:80": ("*", 80),
            "192.0.2.1": ("192.0.2.1", 80),
            "[2001:db8::1]:443": ("2001:db8::1", 443),
            "unix:/run/x": None,
        }
        for text, expected in cases.items():
            self.assertEqual(nginx_config.listen_of(["listen", text]), expected, text)

    def test_destinations_of_nft(self) -> None:
        self.machine.command("iptables-save", "exit 1")
        self.machine.command(
            "nft", "echo '  iifname != \"docker0\" tcp dport 443 counter dnat to 172.17.0.2:80'"
        )
        found = ports._destinations(self.machine.root)
        self.assertEqual(found, {("tcp", 443): "172.17.0.2:80"})
