"""Every download goes through the proxy that is named or that the host has, and what is our own does not."""

import contextlib
import io
import json
import os
import shlex
import shutil
import subprocess
import unittest
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from unittest import mock

from audio_meet.certificate import certbot, certificate
from audio_meet.network import dns, way_out
from audio_meet.packages import apt, repositories, unpack
from audio_meet.recorder import browser, notices, storage
from audio_meet.system.errors import HostError
from audio_meet.system.state import State
from machine import MachineCase
from proxy import Proxy
from recording_case import RecordingCase
from serving import serve

KEY = b"\x99\x01\x0d a key"
EXCEPT = ["meet.example.org", "10.0.0.0/8", "fc00::/7"]
LOGIN = "ops:s3cret"


class Answers(BaseHTTPRequestHandler):
    """Answers everything with `content`, and remembers what it was sent."""

    content = KEY
    received: list[bytes]

    def do_GET(self) -> None:
        self.received.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.send_response_only(200)
        self.send_header("Content-Length", str(len(self.content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(self.content)

    do_HEAD = do_POST = do_PUT = do_GET

    def log_message(self, *_: object) -> None:
        pass


def answering(case: unittest.TestCase, content: bytes = KEY, certificate: Path | None = None) -> HTTPServer:
    """A server of the Internet; with a certificate it speaks TLS."""
    handler = type("Handler", (Answers,), {"content": content, "received": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    if certificate:
        context = SSLContext(PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    serve(case, server)
    return server


class WithProxy(MachineCase):
    """A proxy behind which names below `test` lead to servers of the test; nothing else leads there."""

    def set_up_proxy(self) -> None:
        self.proxy = Proxy(self)
        self.pem = self.machine.root.path("/authority.pem")
        command = (
            f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 9 -subj /CN=x"
            f" -addext subjectAltName=DNS:*.out.test -keyout {self.pem} -out {self.pem}.crt"
        )
        subprocess.run(shlex.split(command), check=True, capture_output=True)
        self.pem.write_text(self.pem.read_text() + Path(f"{self.pem}.crt").read_text())
        trusted = mock.patch.dict(os.environ, {"SSL_CERT_FILE": str(self.pem)})
        trusted.start()
        self.addCleanup(trusted.stop)

    def name(self, url: str = "") -> None:
        """What the last packages step noted."""
        state = State(self.machine.root)
        state.prepare()
        state.save_packages({"proxy": {"url": url or self.proxy.url, "except": EXCEPT}})

    def environment(self, text: str) -> None:
        self.machine.write("/etc/environment", text)

    def apt_has(self, text: str) -> None:
        self.machine.command("apt-config", f"cat <<'END'\n{text}\nEND")

    def out_there(self, name: str, content: bytes = KEY, *, tls: bool = True) -> HTTPServer:
        server = answering(self, content, self.pem if tls else None)
        self.proxy.routes[name] = ("127.0.0.1", server.server_port)
        return server


class WayOut(WithProxy):
    def setUp(self) -> None:
        super().setUp()
        self.set_up_proxy()

    def fetched(self) -> list[str]:
        """Fetches a signing key of the Internet; what the proxy was asked for."""
        self.out_there("keys.out.test")
        self.proxy.log.clear()
        repository = {"name": "jitsi", "uri": "-", "key": {"url": "https://keys.out.test/key.gpg"}}
        with mock.patch.object(repositories, "sleep"):
            repositories.fetch_key(self.machine.root, repository)
        self.assertEqual(self.machine.root.path(repositories.keyring(repository)).read_bytes(), KEY)
        return self.proxy.log

    def test_a_signing_key_comes_through_the_proxy_that_the_deployment_names(self) -> None:
        self.environment("https_proxy=http://127.0.0.1:1\n")
        self.name()
        self.assertEqual(self.fetched(), ["CONNECT keys.out.test:443"])

    def test_it_comes_through_the_one_in_etc_environment(self) -> None:
        for line in ("https_proxy={}", 'export HTTPS_PROXY="{}"', "http_proxy={}/", "# own\nHTTP_PROXY={}"):
            with self.subTest(line):
                self.environment(line.format(self.proxy.url) + "\n")
                self.assertEqual(self.fetched(), ["CONNECT keys.out.test:443"])

    def test_it_comes_through_the_one_that_apt_has(self) -> None:
        self.apt_has(f'Acquire::http::Proxy "{self.proxy.url}/";')
        self.assertEqual(self.fetched(), ["CONNECT keys.out.test:443"])

    def test_without_any_it_says_which_key_names_one(self) -> None:
        self.apt_has('Acquire::http::Proxy "DIRECT";')
        with self.assertRaisesRegex(HostError, "cannot be fetched: .*set machines.httpProxy"):
            self.fetched()

    def test_what_is_for_apt_alone_is_no_detour_where_the_straight_way_is_open(self) -> None:
        server = answering(self)
        self.apt_has(f'Acquire::http::Proxy "{self.proxy.url}";')
        url = f"http://out.test:{server.server_port}/"
        with mock.patch.object(way_out.socket, "create_connection"):
            self.assertIsNone(way_out.of(self.machine.root).proxy_of(url))
        proxy = way_out.of(self.machine.root).proxy_of(url)
        self.assertEqual(proxy and proxy.url, self.proxy.url)

    def test_a_login_is_given_to_the_proxy_and_to_nobody_who_reads(self) -> None:
        self.environment(f"https_proxy={self.proxy.url.replace('//', f'//{LOGIN}@')}\n")
        self.fetched()
        self.assertEqual(self.proxy.logins, ["Basic b3BzOnMzY3JldA=="])
        self.proxy.refuses = (407, "Proxy Authentication Required")
        with self.assertRaisesRegex(HostError, "407 Proxy Authentication Required") as raised:
            self.fetched()
        said = " ".join(raised.exception.args)
        self.assertIn(f"through the proxy {self.proxy.url} (/etc/environment)", said)
        self.assertNotIn("s3cret", said)

    def test_our_own_hosts_and_closed_networks_are_asked_straight(self) -> None:
        self.name()
        self.environment("no_proxy=.corp.test,mirror.test:8080\n")
        self.machine.write("/proc/net/fib_trie", "  |-- 198.51.100.4\n     /32 host LOCAL\n")
        way = way_out.of(self.machine.root)
        straight = ["http://127.0.0.1:9/", "http://localhost/", "https://meet.example.org/x", "http://[::1]/"]
        straight += [
            "https://10.9.8.7:9000",
            "https://[fd00::7]/",
            "http://a.corp.test",
            "http://mirror.test",
        ]
        straight += ["https://198.51.100.4/", "http://169.254.169.254/latest/meta-data"]
        self.assertEqual([way.proxy_of(url) for url in straight], [None] * len(straight))
        there = ["https://example.org", "https://198.51.100.5", "https://notcorp.test", "http://11.0.0.1"]
        self.assertEqual({proxy and proxy.url for proxy in map(way.proxy_of, there)}, {self.proxy.url})
        server = answering(self)
        with way.opener(url := f"http://127.0.0.1:{server.server_port}/").open(url) as answer:
            self.assertEqual(answer.read(), KEY)
        self.assertEqual(self.proxy.log, [])

    def apt_run(self) -> tuple[str, dict[str, str]]:
        """Arguments and proxies of an apt-get of ours; one package source is in a network of our own."""
        seen = self.machine.folder / "seen"
        listed = "http://10.1.2.3/debian https://download.out.test"
        self.machine.command(
            "apt-get", f'[ "$1" = indextargets ] && echo "{listed}" && exit; env | grep -i _proxy= >{seen}'
        )
        self.machine.calls()
        self.assertEqual(apt.get(self.machine.root, "update").code in (0, 1), True)
        [call] = [line for line in self.machine.calls() if line.endswith(" update")] or [""]
        return call, dict(line.split("=", 1) for line in seen.read_text().splitlines())

    def test_apt_is_told_on_its_command_line_and_its_settings_stay(self) -> None:
        self.name()
        call, variables = self.apt_run()
        self.assertIn(f"-o Acquire::http::Proxy={self.proxy.url}", call)
        self.assertIn(f"-o Acquire::https::Proxy={self.proxy.url}", call)
        self.assertIn("10.1.2.3", variables["no_proxy"].split(","))
        self.assertNotIn("download.out.test", variables["no_proxy"])

    def test_apt_gets_what_etc_environment_has_in_its_environment_alone(self) -> None:
        self.environment(
            f"http_proxy=http://{LOGIN}@127.0.0.1:9\nhttps_proxy={self.proxy.url}\nno_proxy=x.test\n"
        )
        call, variables = self.apt_run()
        self.assertNotIn("Proxy", call)
        self.assertEqual(variables["http_proxy"], f"http://{LOGIN}@127.0.0.1:9")
        self.assertEqual(variables["https_proxy"], self.proxy.url)
        self.assertIn("x.test", variables["no_proxy"].split(","))

    def test_apts_own_proxy_is_left_to_apt(self) -> None:
        self.apt_has(f'Acquire::http::Proxy "{self.proxy.url}";')
        call, variables = self.apt_run()
        self.assertNotIn("Proxy", call)
        self.assertNotIn("http_proxy", variables)

    def test_a_package_of_which_only_files_are_wanted_comes_the_same_way(self) -> None:
        self.name()
        self.machine.command("apt-get", "exit 1")
        with self.assertRaises(HostError):
            unpack.install(self.machine.root, "jitsi-meet-prosody", "1", "/usr/share/plugins", {})
        [call] = [line for line in self.machine.calls() if " download " in line]
        self.assertIn(f"Acquire::https::Proxy={self.proxy.url}", call)

    def certificate(self, server: str = "https://acme.out.test/directory") -> certbot.CertificateManifest:
        text = {"contact": "a@b.c", "certificate": "/c", "key": "/k", "server": server}
        lists = {"names": ["meet.example.org"], "addresses": ["203.0.113.7"], "units": []}
        return certbot.parse({**text, **lists})

    def test_certbot_is_told_and_what_it_says_holds_no_login(self) -> None:
        self.environment(f"https_proxy=http://{LOGIN}@proxy.test:3128\n")
        self.machine.command("certbot", 'echo "error: https $https_proxy no $no_proxy" >&2; exit 1')
        with self.assertRaises(HostError) as raised:
            certbot.issue(self.machine.root, self.certificate())
        self.assertIn("https http://…@proxy.test:3128 no localhost", raised.exception.cause)
        self.name("http://other.test:8080")
        for server, told in (
            (
                "https://acme.out.test/d",
                "https http://other.test:8080 no localhost,127.0.0.0/8,::1,169",
            ),
            ("https://10.1.1.1/d", "error: https no"),
        ):
            with self.assertRaises(HostError) as raised:
                certbot.issue(self.machine.root, self.certificate(server))
            self.assertIn(told, raised.exception.cause)

    def test_behind_a_proxy_an_authority_is_asked_although_no_dns_server_answers(self) -> None:
        wanted = self.certificate()
        silence = HostError("DNS for meet.example.org", "no server answers", "correct it")
        with mock.patch.object(dns, "addresses", side_effect=silence):
            with self.assertRaises(HostError):
                certificate.check_names(self.machine.root, wanted)
            self.name()
            certificate.check_names(self.machine.root, wanted)
        self.assertRegex(
            self.machine.root.notes[-1], "no server answers.*the certificate was requested anyway"
        )
        with mock.patch.object(dns, "addresses", return_value=["203.0.113.9"]), self.assertRaises(HostError):
            certificate.check_names(self.machine.root, wanted)


class Recorder(RecordingCase, WithProxy):
    def setUp(self) -> None:
        super().setUp()
        self.set_up_proxy()
        self.document["proxy"] = {"url": self.proxy.url, "except": EXCEPT}

    def test_the_driver_of_chrome_comes_through_the_proxy(self) -> None:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as content:
            content.writestr("chromedriver-linux64/chromedriver", "#!/bin/sh\necho ChromeDriver 1.2.3.4\n")
        self.machine.command("google-chrome", "echo Google Chrome 1.2.3.4")
        self.out_there("drivers.out.test", archive.getvalue())
        with mock.patch.object(browser, "DRIVERS", "https://drivers.out.test/public"):
            self.assertEqual(browser.fetch_driver(self.machine.root, self.config()), "driver 1.2.3.4")
        self.assertEqual(self.proxy.log, ["CONNECT drivers.out.test:443"])

    def test_a_webhook_is_told_through_the_proxy_and_one_in_our_network_straight(self) -> None:
        hook = self.out_there("hooks.out.test", tls=False)
        here = answering(self)
        for url in ("http://hooks.out.test/in", f"http://127.0.0.1:{here.server_port}/in"):
            self.document["receivers"] = {"webhook": url}
            config = self.config()
            notices.leave(config, config.queue, "recording.arrived", recording="r")
            self.assertEqual(notices.send(self.machine.root, config, config.queue), [])
        self.assertEqual(self.proxy.log, ["POST http://hooks.out.test/in"])
        for server in (hook, here):
            [told] = vars(server.RequestHandlerClass)["received"]
            self.assertEqual(json.loads(told)["event"], "recording.arrived")

    @unittest.skipUnless(shutil.which("rclone"), "needs rclone")
    def test_recordings_go_through_the_proxy(self) -> None:
        self.out_there("storage.out.test", b"", tls=False)
        self.document["storage"]["endpoint"] = "http://storage.out.test"
        bucket = storage.Bucket(self.machine.root, self.config())
        with contextlib.suppress(HostError):  # which is no storage, and says so
            bucket.put_text("sound", "room.ogg")
        stored = {line.partition("?")[0] for line in self.proxy.log if line.startswith("PUT")}
        self.assertEqual(stored, {"PUT http://storage.out.test/recordings/meet/room.ogg"})


if __name__ == "__main__":
    unittest.main()
