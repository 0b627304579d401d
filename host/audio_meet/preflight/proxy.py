"""The way out of a host before anything is installed: through its proxy or straight."""

from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from ..network import host_proxy, way_out
from ..network.host_proxy import Proxy
from ..packages import repositories
from ..system.documents import Json
from .survey import Survey

ANSWER_SECONDS = 10
TRIES = 2
PAUSE_SECONDS = 1
WHAT = "outbound access"
MIRROR = "; a mirror is named in jitsi:packages"
# What a proxy says when it does not let through, or finds nobody; a server that is asked may answer anything
# else to a HEAD for its root. Squid names itself where it says no (X-Squid-Error).
OF_PROXIES = {407, 502, 503, 504}


def proxy(survey: Survey) -> None:
    """The proxy answers, whoever named it; all that this host has to reach is tried on its later way."""
    way = survey.way
    for name in host_proxy.unusable(way.variables) if not way.named else []:
        survey.root.note(f"{name} in {host_proxy.ENVIRONMENT} is not an HTTP proxy and is ignored")
    items = [item for item in survey.wanted["wayOut"] if _concerns(survey, item)]
    with ThreadPoolExecutor(max_workers=8) as pool:
        routes = list(pool.map(lambda item: _route(survey, item), items))
        dead = {route: _dead(route) for route in routes if route}
        for broken, trouble in dead.items():
            if trouble:
                other = "" if way.named else f", or name another one in {way_out.KEY}"
                remedy = f"allow connections to it, or correct {broken.place}{other}"
                survey.refuse(WHAT, f"the proxy {broken} does not answer: {trouble}", remedy)
        alive = [pair for pair in zip(items, routes, strict=True) if not (pair[1] and dead[pair[1]])]
        troubles = list(pool.map(lambda pair: _trouble(*pair), alive))
    for (item, route), trouble in zip(alive, troubles, strict=True):
        if trouble:
            _say(survey, item, route, trouble)


def _concerns(survey: Survey, item: Json) -> bool:
    """Without a proxy a first installation alone is tried: later, all may be well without a way out."""
    fields = repositories.os_release(survey.root)
    release = f"{fields.get('ID', '?')}-{fields.get('VERSION_ID', '?')}"
    if release not in item.get("releases", [release]):
        return False
    return survey.way.is_proxied() or (item["isNeeded"] and "straight" not in item and survey.is_first)


def _route(survey: Survey, item: Json) -> Proxy | None:
    return None if _goes_straight(survey, item) else survey.way.proxy_of(item["url"])


def _goes_straight(survey: Survey, item: Json) -> bool:
    """Who asks there knows no proxy at all, or none but that of the deployment."""
    straight = item.get("straight")
    return straight == "always" or (straight == "unlessNamed" and not survey.way.named)


def _dead(route: Proxy) -> str:
    return _patiently(lambda: way_out.knock(route.host, route.port))


def _trouble(item: Json, route: Proxy | None) -> str:
    """Why an address is not reached; "" where it is."""
    host, port = way_out.address_of(urlsplit(item["url"]))
    if route is None:
        return _patiently(lambda: way_out.knock(host, port))
    return _patiently(lambda: _ask(item["url"], route))


def _patiently(ask: Any) -> str:
    trouble = str(ask())
    for _ in range(TRIES - 1):
        if trouble:
            time.sleep(PAUSE_SECONDS)
            trouble = str(ask())
    return trouble


def _ask(url: str, route: Proxy) -> str:
    """Why the proxy does not pass on to an address; of https its CONNECT is tried and nothing more."""
    connection, target, headers = way_out.connect(url, route, ANSWER_SECONDS)
    try:
        if urlsplit(url).scheme == "https":
            # the tunnel alone: with a wrong clock the certificate behind it would be refused
            http.client.HTTPConnection.connect(connection)
            return ""
        connection.request("HEAD", target, headers=headers)
        answer = connection.getresponse()
        refused = answer.status in OF_PROXIES or answer.headers.get("X-Squid-Error") is not None
        return f"{answer.status} {answer.reason}" if refused else ""
    except (OSError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    finally:
        connection.close()


def _say(survey: Survey, item: Json, route: Proxy | None, trouble: str) -> None:
    host, port = way_out.address_of(urlsplit(item["url"]))
    where = f"{host}:{port} ({item['purpose']})"
    if route:
        cause = f"the proxy {route} does not reach {where}: {trouble}"
        remedy = f"allow that address in the proxy, or correct {route.place}"
    elif _goes_straight(survey, item):
        cause = f"{where} does not answer without a proxy: {trouble}"
        also = "" if item["straight"] == "always" else f", or set {way_out.KEY}"
        remedy = f"{item['reason']}: allow this host to connect directly{also}"
    else:
        mirror = MIRROR if item["purpose"] == "packages" else ""
        cause, remedy = f"{where} does not answer: {trouble}", f"{way_out.REMEDY}{mirror}"
    if item["isNeeded"] and survey.is_first:
        survey.refuse(WHAT, cause, remedy)
    else:
        survey.root.note(f"{WHAT}: {cause}; {remedy}")
