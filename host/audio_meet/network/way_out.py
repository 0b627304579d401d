"""The way out of this host: straight, or through an HTTP proxy.

The proxy is the one that the deployment names (`machines.httpProxy`), else the host's own (host_proxy.py).
Nothing is written into the settings of the host: programs get it in their environment, and nobody else does.
"""

from __future__ import annotations

import base64
import http.client
import ipaddress
import re
import socket
import urllib.request
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from ..system import documents
from ..system.documents import Json
from ..system.root import Root
from ..system.state import State
from . import host_proxy, sockets
from .host_proxy import Proxy

KEY = "machines.httpProxy"
CONNECT_SECONDS = 5
# Never asked of a proxy: this host itself, and EC2's metadata service, which is link-local.
STRAIGHT = ("localhost", "127.0.0.0/8", "::1", "169.254.0.0/16")
PORTS = {"http": 80, "https": 443}
REMEDY = f"check the host's outbound access and CA certificates; for an HTTP proxy, set {KEY} of its region"


def parse(value: Json, where: str) -> Json | None:
    """The proxy of a manifest: its address, and the hosts that are reached without it."""
    if "proxy" not in value:
        return None
    return documents.fields(value["proxy"], f"{where}.proxy", {"url": str, "except": list})


class WayOut:
    """How this host reaches others. `named`: what the deployment says of a proxy."""

    def __init__(self, root: Root, named: Json | None) -> None:
        self.root = root
        self.named = named
        self.variables = host_proxy.variables(root)
        self.excepted = [*(named["except"] if named else []), *host_proxy.no_proxy(self.variables)]
        self._proxies: dict[str, Proxy | None] = {}
        self._is_open: dict[tuple[str, int], bool] = {}

    def is_proxied(self) -> bool:
        """Whether there is a proxy at all, whatever goes through it."""
        return any(self._configured(scheme) for scheme in PORTS)

    def proxy_of(self, url: str) -> Proxy | None:
        """The proxy through which an address is reached; None: straight.

        A proxy that is there for something else, such as apt, is taken where the straight way is closed.
        """
        parts = urlsplit(url)
        proxy = self._configured(parts.scheme)
        if proxy is None or self._is_excepted(parts.hostname or ""):
            return None
        return None if proxy.is_hint and self.is_open(url) else proxy

    def opener(self, url: str) -> urllib.request.OpenerDirector:
        """Opens an address, and where it leads to, on its way out."""
        proxy = self.proxy_of(url)
        proxies = dict.fromkeys(PORTS, proxy.url) if proxy else {}
        return urllib.request.build_opener(urllib.request.ProxyHandler(proxies))

    def environment(self, url: str) -> dict[str, str]:
        """Variables for a program that talks to an address; none where it is reached straight."""
        proxy = self.proxy_of(url)
        return self._variables_for(proxy, proxy) if proxy else {}

    def apt(self) -> tuple[list[str], dict[str, str]]:
        """Options and variables for apt, which has many addresses and its own settings beside them."""
        http_proxy, https_proxy = (
            None if proxy and proxy.place == host_proxy.APT else proxy
            for proxy in map(self._configured, PORTS)
        )
        # its own settings count more than the environment, and options more than both
        options = [f"Acquire::{scheme}::Proxy={self.named['url']}" for scheme in PORTS] if self.named else []
        return options, self._variables_for(http_proxy, https_proxy, self._excepted_sources())

    def _excepted_sources(self) -> list[str]:
        """Hosts of package sources that are reached straight: apt knows no networks in `no_proxy`."""
        if not self.is_proxied():
            return []
        hosts = {urlsplit(url).hostname or "" for url in sources(self.root)}
        return sorted(host for host in hosts if host and self._is_excepted(host))

    def through(self, url: str) -> str:
        """Words for an error: through which proxy an address is asked; "" where it is none."""
        proxy = self.proxy_of(url)
        return f" through the proxy {proxy}" if proxy else ""

    def remedy(self, url: str) -> str:
        """What to do where an address is not reached."""
        proxy = self.proxy_of(url)
        return f"allow that address in the proxy, or correct {proxy.place}" if proxy else REMEDY

    def is_open(self, url: str) -> bool:
        """Whether somebody answers straight at an address; asked once."""
        host, port = address_of(urlsplit(url))
        if (host, port) not in self._is_open:
            self._is_open[host, port] = knock(host, port) == ""
        return self._is_open[host, port]

    def _configured(self, scheme: str) -> Proxy | None:
        if self.named:
            return Proxy(self.named["url"], KEY)
        if scheme not in self._proxies:
            self._proxies[scheme] = host_proxy.named(self.root, self.variables, scheme)
        return self._proxies[scheme]

    def _is_excepted(self, host: str) -> bool:
        if host in sockets.local_addresses(self.root):
            return True
        return any(covers(pattern, host) for pattern in [*STRAIGHT, *self.excepted])

    def _variables_for(
        self, http_proxy: Proxy | None, https_proxy: Proxy | None, more: Sequence[str] = ()
    ) -> dict[str, str]:
        given = {"http_proxy": http_proxy, "https_proxy": https_proxy}
        found = {name: proxy.url for name, proxy in given.items() if proxy}
        excepted = ",".join(dict.fromkeys([*STRAIGHT, *self.excepted, *more]))
        return {**found, "no_proxy": excepted} if self.is_proxied() else {}


def of(root: Root) -> WayOut:
    """The way out with the proxy that the last packages step named."""
    return WayOut(root, State(root).packages().get("proxy"))


def sources(root: Root) -> list[str]:
    """Addresses of the host's package sources."""
    listed = root.run(["apt-get", "indextargets", "--format", "$(REPO_URI)"])
    return list(dict.fromkeys(listed.out.split()))


def covers(pattern: str, host: str) -> bool:
    """Whether an entry of no_proxy means a host: a name with all below it, an address, a network, or all."""
    if pattern == "*":
        return True
    name = re.sub(r"^([^:]*):\d+$", r"\1", pattern).strip("[]")
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(name, strict=False)
    except ValueError:
        bare = name.lower().lstrip("*.")
        return bare != "" and (host.lower() == bare or host.lower().endswith(f".{bare}"))


def address_of(parts: SplitResult) -> tuple[str, int]:
    """Host and port of an address."""
    return parts.hostname or "", parts.port or PORTS[parts.scheme]


def knock(host: str, port: int) -> str:
    """Why nobody answers at host and port; "" where somebody does."""
    try:
        socket.create_connection((host, port), timeout=CONNECT_SECONDS).close()
    except OSError as error:
        return error.strerror or str(error) or type(error).__name__
    return ""


def connect(
    url: str, proxy: Proxy | None, timeout: float
) -> tuple[http.client.HTTPConnection, str, dict[str, str]]:
    """A connection for one request to an address: with the target and the headers of that request."""
    parts = urlsplit(url)
    host, port = address_of(parts)
    path = parts.path or "/"
    first = (proxy.host, proxy.port) if proxy else (host, port)
    login = _authorization(proxy) if proxy else {}
    if parts.scheme == "http":
        return http.client.HTTPConnection(*first, timeout=timeout), url if proxy else path, login
    secure = http.client.HTTPSConnection(*first, timeout=timeout)
    if proxy:
        secure.set_tunnel(host, port, headers=login)
    return secure, path, {}


def _authorization(proxy: Proxy) -> dict[str, str]:
    word = base64.b64encode(proxy.login.encode()).decode()
    return {"Proxy-Authorization": f"Basic {word}"} if proxy.login else {}
