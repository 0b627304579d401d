"""The check that asks for the keys of token issuers."""

import json
import ssl
import subprocess
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from audio_meet.checks.kinds import tokens
from machine import MachineCase
from serving import serve

RSA = {"kty": "RSA", "kid": "a", "n": "AQ", "e": "AQAB", "use": "sig"}


class TokenKeys(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.status, self.body, self.asked = 200, json.dumps({"keys": [RSA]}), ""
        authority = self.machine.root.path("/etc/ca.pem")
        authority.parent.mkdir(parents=True, exist_ok=True)
        key = self.machine.folder / "key"
        command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 9 -subj /CN=x"
        options = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(authority)]
        subprocess.run([*command.split(), *options], check=True, capture_output=True)
        case = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # noqa: N802 - the name is the library's
                case.asked = self.path
                self.send_response(case.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(case.body.encode())

            def log_message(self, *_: Any) -> None:
                pass

        server = HTTPServer(("localhost", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        serve(self, server)
        self.url = f"https://localhost:{server.server_port}"

    def ask(self, **more: Any) -> tuple[bool, str]:
        check = {"from": "jwks", "url": f"{self.url}/certs", "caFile": "/etc/ca.pem", **more}
        return tokens.TokenKeys().within_unit(self.machine.root, check)

    def test_keys_that_verify_signatures_count(self) -> None:
        self.assertEqual(self.ask(), (True, "1 of 1 keys can verify signatures"))
        keys = [RSA, {**RSA, "use": "enc"}, {**RSA, "kid": ""}, {"kty": "oct", "kid": "b"}]
        self.body = json.dumps({"keys": [*keys, {"kty": "EC", "crv": "P-256", "kid": "c"}]})
        self.assertEqual(self.ask(), (True, "2 of 5 keys can verify signatures"))
        self.body = json.dumps({"keys": keys[1:]})
        self.assertEqual(self.ask(), (False, "0 of 3 keys can verify signatures"))

    def test_what_is_no_jwks_is_named(self) -> None:
        for body in ("<html>", "[]", '{"jwks_uri": "x"}', '{"keys": 5}', '{"keys": [5]}'):
            self.body = body
            self.assertEqual(self.ask(), (False, "does not answer with a JWKS"))
        for status in (301, 404, 500):
            self.status = status
            self.assertEqual(self.ask(), (False, f"answers {status}, expected 200"))

    def test_a_certificate_of_nobody_we_trust_is_refused(self) -> None:
        check = {"from": "jwks", "url": f"{self.url}/certs"}
        self.assertIn("certificate refused", tokens.TokenKeys().within_unit(self.machine.root, check)[1])
        self.assertEqual(self.asked, "")

    def test_a_key_server_answers_for_a_key_that_it_has_not(self) -> None:
        self.status = 404
        ok, detail = self.ask(**{"from": "keyServer", "url": f"{self.url}/keys/"})
        self.assertEqual((ok, detail), (True, "answers 404 for a key that does not exist"))
        self.assertRegex(self.asked, r"^/keys/[0-9a-f]{64}\.pem$")
        self.status = 502
        self.assertFalse(self.ask(**{"from": "keyServer"})[0])

    def test_nobody_there(self) -> None:
        self.assertIn("refused", self.ask(url="https://localhost:1/certs")[1].lower())
        self.assertIn("name", self.ask(url="https://nowhere.invalid/certs")[1].lower())
