"""Tells people what became of a recording: by webhook and mail, kept on disk until it has been said."""

from __future__ import annotations

import http.client
import json
import smtplib
import time
import urllib.request
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from ..network import mail, way_out
from ..system.documents import Json
from ..system.root import Root, text_of
from .upload_config import Config, write_shared

SUFFIX = ".notice"
TIMEOUT_SECONDS = 15
# Pauses between attempts; what nobody takes for a week is of no use any more.
PAUSE_SECONDS = 300.0
LONGEST_SECONDS = 7 * 86400.0


def leave(config: Config, folder: Path, event: str, **facts: Any) -> None:
    """Write down what is to be told; nothing where nobody listens. It goes out with `send`."""
    waiting = sorted(config.raw["receivers"])
    if not waiting:
        return
    now = time.time()
    about = {"deployment": config.raw["deployment"], "recorder": config.raw["recorder"]}
    body = {
        "event": event,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
        **about,
        **facts,
    }
    notice = {"body": body, "waiting": waiting, "since": now, "next": 0.0}
    write_shared(folder / f"{time.time_ns()}{SUFFIX}", json.dumps(notice))


def send(root: Root, config: Config, folder: Path) -> list[str]:
    """Tell what waits in the folder; returns what could not be told, in words."""
    troubles = []
    for file in sorted(folder.glob(f"*{SUFFIX}")):
        notice = json.loads(text_of(file))
        if notice["next"] > time.time():
            continue
        for name in list(notice["waiting"]):
            try:
                _tell(root, config, name, notice["body"])
                notice["waiting"].remove(name)
            except KeyError:
                notice["waiting"].remove(name)  # nobody listens there any more
            except (OSError, http.client.HTTPException, smtplib.SMTPException) as error:
                troubles.append(f"{notice['body']['event']} could not be sent to {name}: {error}")
        notice["next"] = time.time() + PAUSE_SECONDS
        if notice["waiting"] and time.time() - notice["since"] < LONGEST_SECONDS:
            write_shared(file, json.dumps(notice))
        else:
            file.unlink()
    return troubles


def _tell(root: Root, config: Config, name: str, body: Json) -> None:
    receiver = config.raw["receivers"][name]
    if name == "mail":
        _mail(root, receiver, body)
    else:
        _post(way_out.WayOut(root, config.raw.get("proxy")), receiver, body)


def _post(way: way_out.WayOut, url: str, body: Json) -> None:
    headers = {"Content-Type": "application/json"}
    # the address comes from the stack config, which takes http and https alone
    query = urllib.request.Request(url, data=json.dumps(body).encode(), headers=headers)  # noqa: S310
    with way.opener(url).open(query, timeout=TIMEOUT_SECONDS) as answer:
        answer.read()


def _mail(root: Root, receiver: Json, body: Json) -> None:
    message = EmailMessage()
    message["From"], message["To"] = receiver["from"], receiver["to"]
    message["Subject"] = f"{body['deployment']}: {body['event']} ({body['recorder']})"
    message.set_content("".join(f"{key}: {value}\n" for key, value in body.items()))
    with mail.session(root, receiver) as server:
        server.send_message(message)
