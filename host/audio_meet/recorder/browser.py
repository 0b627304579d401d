"""The browser of a recorder and its driver, which work only as a pair of one version."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import time
import urllib.error
import urllib.request
import zipfile

from ..network import http_local, way_out
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from .upload_config import Config

BROWSERS = ("google-chrome", "chromium")
# Where Google keeps the drivers of its own browser. Source: googlechromelabs.github.io/chrome-for-testing
DRIVERS = "https://storage.googleapis.com/chrome-for-testing-public"
VERSION = re.compile(r"(\d+\.\d+\.\d+\.\d+)")
VERSION_TRIES = 2
FETCH_SECONDS = 90
SESSION_SECONDS = 60


def version(root: Root, program: str) -> str:
    """Version of a browser or a driver; "" where it is not there or does not say."""
    result = root.run([program, "--version"], timeout_seconds=20)
    found = VERSION.search(result.out)
    return found.group(1) if result.code == 0 and found else ""


def fetch_driver(root: Root, config: Config) -> str:
    """Fetch the driver of the Chrome that is installed; Chromium brings its own. Returns what was done."""
    if not root.has("google-chrome"):
        return ""
    # one that starts on a busy machine may be late
    wanted = next(filter(None, (version(root, "google-chrome") for _ in range(VERSION_TRIES))), "")
    if not wanted:
        cause = "does not print its version, so the matching driver is unknown"
        raise HostError("google-chrome", cause, "run google-chrome --version on the recorder")
    config.driver.mkdir(exist_ok=True)
    # past the umask of jibri's unit: jibri itself looks for the driver there
    config.driver.chmod(0o755)
    driver = config.driver / "chromedriver"
    if driver.exists() and version(root, str(driver)) == wanted:
        return ""
    url = f"{DRIVERS}/{wanted}/linux64/chromedriver-linux64.zip"
    way = way_out.WayOut(root, config.raw.get("proxy"))
    try:
        with way.opener(url).open(url, timeout=FETCH_SECONDS) as answer:
            archive = zipfile.ZipFile(io.BytesIO(answer.read()))
        content = archive.read("chromedriver-linux64/chromedriver")
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        cause = f"cannot be fetched{way.through(url)}: {error}"
        remedy = f"Chrome needs its driver; {way.remedy(url)}"
        raise HostError(url, cause, remedy) from None
    fresh = config.driver / ".chromedriver.new"
    fresh.write_bytes(content)
    fresh.chmod(0o755)
    os.replace(fresh, driver)
    return f"driver {wanted}"


def opens_session(root: Root, user: str, driver_folder: str) -> tuple[bool, str]:
    """Whether the user opens a session with the browser by the driver; the page that it opens is empty."""
    program = next((name for name in BROWSERS if root.has(name)), None)
    if program is None:
        return False, "neither Chrome nor Chromium is installed"
    own = root.path(f"{driver_folder}/chromedriver")
    driver = str(own) if own.exists() else root.program("chromedriver")
    versions = version(root, program), version(root, driver)
    if versions[0] != versions[1]:
        return False, f"{program} {versions[0] or '?'} with driver {versions[1] or '?'}"
    return _session(root, user, program, driver)


def _session(root: Root, user: str, program: str, driver: str) -> tuple[bool, str]:
    command = ["runuser", "-u", user, "--", driver, f"--port={PORT}", "--allowed-ips=127.0.0.1"]
    environment = {"PATH": root.search_path, "HOME": f"/home/{user}", "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{PORT}"
        _await(url, root)
        options = {"args": ["--headless=new", "--disable-gpu"], "binary": root.program(program)}
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        answer = _order(url, "POST", "/session", wanted)["value"]
        _order(url, "DELETE", f"/session/{answer['sessionId']}")
        return True, f"{program} {answer['capabilities']['browserVersion']} opens a session as {user}"
    except (OSError, KeyError, ValueError) as error:
        said = (
            error.read().decode(errors="replace") if isinstance(error, urllib.error.HTTPError) else str(error)
        )
        return False, f"{program} opens no session: {' '.join(said.split())[:300]}"
    finally:
        process.terminate()
        process.wait(20)


# Of a WebDriver that lives for a moment; jibri's own take a port that the kernel chooses, which lies higher.
PORT = 9515


def _await(url: str, root: Root) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            if http_local.get_json(url, "/status")["value"]["ready"]:
                return
        except http_local.UnreachableError:
            time.sleep(root.poll_seconds)
    raise OSError("the driver does not answer")


def _order(url: str, method: str, path: str, body: Json | None = None) -> Json:
    data = json.dumps(body).encode() if body is not None else None
    query = urllib.request.Request(url + path, data=data, method=method)  # noqa: S310 - loopback
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(query, timeout=SESSION_SECONDS) as answer:
        value = json.loads(answer.read())
    if not isinstance(value, dict):
        raise ValueError("the driver does not answer with a JSON object")
    return value
