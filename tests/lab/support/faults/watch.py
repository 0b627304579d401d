"""Runs on a host while faults last: twice a second a JSON line of what is seen there, till nobody reads."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

PERIOD_SECONDS = 0.5


def ask(url):
    """Status and text of an answer; 0 where there is none within a second."""
    request = urllib.request.Request(url, headers={"Accept": "*/*"})
    try:
        with urllib.request.urlopen(request, timeout=1) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, b""
    except OSError:
        return 0, b""


def states(units):
    """Each unit and whether it is active."""
    asked = subprocess.run(["systemctl", "is-active", *units], capture_output=True, text=True, check=False)
    return dict(zip(units, asked.stdout.split(), strict=False))


def bridges():
    """Names of the bridges that jicofo uses; None where it does not answer."""
    status, text = ask("http://127.0.0.1:8888/debug")
    if status != 200:
        return None
    known = json.loads(text)["bridge_selector"]["bridge"]
    return sorted(jid.rpartition("/")[2] for jid, one in known.items() if one["operational"])


def look_at_core(units):
    return {
        "units": states(units),
        "bridges": bridges(),
        "health": ask("http://127.0.0.1:8888/about/health")[0],
    }


def look_at_bridge(_):
    status, text = ask("http://127.0.0.1:8080/colibri/stats")
    stats = json.loads(text) if status == 200 else {"endpoints": 0, "local_endpoints": 0}
    # As of its last interval, and at this moment.
    return {"endpoints": stats["endpoints"], "now": stats["local_endpoints"]}


def look_at_alerts(_):
    """Alerts that fire, or will if they go on, as "name state"."""
    status, text = ask("http://127.0.0.1:9090/api/v1/alerts")
    found = json.loads(text)["data"]["alerts"] if status == 200 else []
    return {"alerts": sorted({f"{one['labels']['alertname']} {one['state']}" for one in found})}


def main(kind, *words):
    look = {"core": look_at_core, "bridge": look_at_bridge, "alerts": look_at_alerts}[kind]
    while True:
        at = int(1000 * time.time())
        try:
            print(json.dumps({"at": at, **look(words)}), flush=True)
        except BrokenPipeError:
            os._exit(0)  # without another try to write
        time.sleep(PERIOD_SECONDS)


main(*sys.argv[1:])
