"""An S3 storage for guests: VersityGW, a real S3 server over a folder, with TLS, on the bridge alone."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import ssl
import sys
from pathlib import Path

import network
import servers
from base import LabError, run, wait_until
from process import CLEAN_ENVIRONMENT, detach
from state import cache_folder, lab_folder

PORT = 8614
BUCKET = "recordings"
REGION = "us-east-1"
#: No browser meets these certificates, so that no rule about their length applies.
_DAYS = 3650


def _top() -> Path:
    return cache_folder() / "storage"


def folder(port: int) -> Path:
    """Everything that one server keeps: keys.json, data/BUCKET/OBJECT, and meta/ with what S3 knows of it."""
    return _top() / str(port)


def _name(port: int) -> str:
    return f"storage-{port}"


def authority() -> Path:
    """Who signed the server's certificate, PEM; made once for each cache folder, with the certificate."""
    tls = _top() / "tls"
    if not (tls / "authority.pem").is_file() or not (tls / "certificate.pem").is_file():
        tls.mkdir(parents=True, exist_ok=True, mode=0o700)
        _certificate(tls, "authority", "Audio Meet lab storage authority", ["keyUsage=critical,keyCertSign"])
        names = [f"subjectAltName=IP:{network.GATEWAY}", "basicConstraints=critical,CA:FALSE"]
        signer = ["-CA", str(tls / "authority.pem"), "-CAkey", str(tls / "authority.key")]
        _certificate(tls, "certificate", "Audio Meet lab storage", names, signer)
    return tls / "authority.pem"


def _certificate(
    tls: Path, name: str, subject: str, extensions: list[str], signer: list[str] | None = None
) -> None:
    added = [argument for extension in extensions for argument in ("-addext", extension)]
    run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"),
            *("-days", str(_DAYS), "-subj", f"/CN={subject}", *added, *(signer or [])),
            *("-keyout", str(tls / f"{name}.key"), "-out", str(tls / f"{name}.pem")),
        ]
    )


def _keys(port: int) -> dict[str, str]:
    file = folder(port) / "keys.json"
    if not file.is_file():
        made = {"accessKey": f"AKLAB{secrets.token_hex(8).upper()}", "secretKey": secrets.token_urlsafe(30)}
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as written:
            json.dump(made, written)
    found = json.loads(file.read_text())
    return {key: str(found[key]) for key in ("accessKey", "secretKey")}


def _answers(port: int) -> bool:
    trusted = ssl.create_default_context(cafile=str(authority()))
    try:
        with (
            socket.create_connection((str(network.GATEWAY), port), timeout=1) as plain,
            trusted.wrap_socket(plain, server_hostname=str(network.GATEWAY)),
        ):
            return True
    except OSError:
        return False


def login(port: int = PORT) -> dict[str, str]:
    """Endpoint, region, bucket, accessKey, secretKey, authority (PEM file), folder; it need not run."""
    folder(port).mkdir(parents=True, exist_ok=True)
    endpoint = {"endpoint": f"https://{network.GATEWAY}:{port}", "region": REGION, "bucket": BUCKET}
    return {**endpoint, **_keys(port), "authority": str(authority()), "folder": str(folder(port))}


def start(port: int = PORT) -> dict[str, str]:
    """Serve the bucket until `stop`, or until the last machine of all labs goes, which removes what is in it.

    Returns its `login`. What another lab of this machine started at that port is shared. Raises LabError.
    """
    if not (_top() / "versitygw").is_file():
        raise LabError(
            f"{_top()}/versitygw does not exist; build it with lab/storage/build.sh {cache_folder()}"
        )
    lab_folder().mkdir(parents=True, exist_ok=True)
    network.claim(lab_folder())
    with network.shared():
        (folder(port) / "data" / BUCKET).mkdir(parents=True, exist_ok=True)
        (folder(port) / "meta").mkdir(exist_ok=True)
        found = login(port)
        if not servers.find(_name(port)):
            _launch(port)
    return found


def _launch(port: int) -> None:
    if _answers(port):
        raise LabError(f"port {port} of {network.GATEWAY} is taken by another program; end that one")
    log = lab_folder() / "storage.log"
    lab = str(Path(__file__).with_name("lab"))
    server = detach(
        [
            "env",
            f"AUDIO_MEET_CACHE={cache_folder()}",
            sys.executable,
            lab,
            "storage",
            "serve",
            "--port",
            str(port),
        ],
        log,
    )
    servers.record(_name(port), servers.Server(server, str(folder(port)), temporary=True))
    if not wait_until(lambda: _answers(port) or not server.alive(), 10) or not server.alive():
        server.kill()
        raise LabError(f"the storage does not answer at port {port}; its last words are in {log}")


def stop(port: int = PORT) -> None:
    """End the server; what was stored stays for the next `start`, until the last machine of all labs goes."""
    with network.shared():
        servers.pause(_name(port))


def remove_left() -> None:
    """Remove what a reboot of this machine left of servers whose record is gone."""
    with network.shared():
        if not network.other_labs() and _top().is_dir():
            for left in _top().iterdir():
                if left.name.isdigit():
                    shutil.rmtree(left)


def serve(port: int) -> None:
    """Be the server, until a signal ends it. The keys are in no argument list."""
    tls, own = _top() / "tls", folder(port)
    keys = _keys(port)
    options = ["--port", f"{network.GATEWAY}:{port}", "--region", REGION]
    options += ["--cert", str(tls / "certificate.pem"), "--key", str(tls / "certificate.key")]
    program = str(_top() / "versitygw")
    environment = {
        **CLEAN_ENVIRONMENT,
        "ROOT_ACCESS_KEY_ID": keys["accessKey"],
        "ROOT_SECRET_ACCESS_KEY": keys["secretKey"],
    }
    os.execve(
        program, [program, *options, "posix", "--sidecar", str(own / "meta"), str(own / "data")], environment
    )
