"""Prosody's file store: where it keeps a user, and whether a stored account has a password."""

from __future__ import annotations

import hashlib
import hmac
import re
from pathlib import Path

from ..system.root import Root


def store_name(text: str) -> str:
    """A host or user name as Prosody's file store writes it: all but letters and digits as %xx."""
    return "".join(
        c if c.isascii() and c.isalnum() else "".join(f"%{b:02x}" for b in c.encode()) for c in text
    )


def store_file(root: Root, data_path: str, store: str, jid: str) -> Path:
    """The file of one user in one store of a Prosody."""
    user, _, host = jid.partition("@")
    return root.path(data_path) / store_name(host) / store / f"{store_name(user)}.dat"


def scram_matches(stored: str, password: str) -> bool:
    """Whether an account file holds the SCRAM keys of a password (RFC 5802, section 3; SHA-1 or SHA-256)."""
    values = dict(re.findall(r'\["(\w+)"\]\s*=\s*"?([^";\n]*)"?;', stored))
    if not {"salt", "iteration_count", "stored_key", "server_key"} <= values.keys():
        return False
    name = "sha256" if len(values["stored_key"]) == 64 else "sha1"
    rounds = int(float(values["iteration_count"]))
    salted = hashlib.pbkdf2_hmac(name, password.encode(), values["salt"].encode(), rounds)
    client_key = hmac.digest(salted, b"Client Key", name)
    stored_key = hashlib.new(name, client_key).hexdigest()
    server_key = hmac.digest(salted, b"Server Key", name).hex()
    same = hmac.compare_digest(stored_key, values["stored_key"])
    return same and hmac.compare_digest(server_key, values["server_key"])
