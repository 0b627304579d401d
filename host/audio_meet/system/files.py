"""Single files: what is there, and how another version takes its place in one step."""

from __future__ import annotations

import base64
import contextlib
import grp
import hashlib
import os
import pwd
import stat
from pathlib import Path

from .documents import Json
from .errors import HostError, about
from .manifest import FileSpec
from .root import Root

# Dot files are skipped by systemd, sysctl.d, sources.list.d and shell-like includes; the real name stays at
# the end, because Prosody picks its parser by the ending.
CANDIDATE_PREFIX = ".audio-meet."


def digest(data: bytes) -> str:
    """SHA-256 of a content, in hex."""
    return hashlib.sha256(data).hexdigest()


def observe(root: Root, path: str) -> Json | None:
    """What lies at `path`: `{sha256, mode, owner, group}`, `{link}` for a symbolic link, None for nothing."""
    file = root.path(path)
    try:
        info = file.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if stat.S_ISLNK(info.st_mode):
        return {"link": os.readlink(file)}
    if not stat.S_ISREG(info.st_mode):
        raise HostError(path, "exists, but is not a file", "move it out of the way")
    return {
        "sha256": digest(file.read_bytes()),
        "mode": f"{stat.S_IMODE(info.st_mode):04o}",
        "owner": _name(info.st_uid, user=True),
        "group": _name(info.st_gid, user=False),
    }


def wanted(spec: FileSpec) -> Json:
    """What `observe` returns once `spec` is in place."""
    return {
        "sha256": digest(spec.content),
        "mode": f"{spec.mode:04o}",
        "owner": spec.owner,
        "group": spec.group,
    }


def is_edited(seen: Json, recorded: Json) -> bool:
    """Whether a file that `observe` saw has another content than was applied; a seed grows by itself."""
    return not recorded.get("seed") and bool(seen["sha256"] != recorded["sha256"])


def differs(root: Root, spec: FileSpec) -> bool:
    """Whether the file has to be written; a seed that has grown into something else is left alone."""
    seen = observe(root, spec.path)
    return seen is None if spec.seed else seen != wanted(spec)


def candidate_path(root: Root, path: str) -> Path:
    """Where the next version of `path` waits: in the same folder, so that the rename is atomic."""
    file = root.path(path)
    return file.with_name(CANDIDATE_PREFIX + file.name)


def make_folders(root: Root, path: str) -> list[str]:
    """Create the missing folders above `path` (0755, root); returns those that were missing."""
    missing = []
    folder = os.path.dirname(path)
    while not root.path(folder).is_dir():
        missing.append(folder)
        folder = os.path.dirname(folder)
    for name in reversed(missing):
        root.path(name).mkdir(mode=0o755)
        os.chmod(root.path(name), 0o755)  # noqa: S103 - past any umask; secrets protect themselves by their mode
    return list(reversed(missing))


def stage(root: Root, spec: FileSpec) -> Path:
    """Write the candidate of one file, complete with mode and owner, and bring it to the disk."""
    uid = root.user_id(spec.owner, spec.path)
    gid = root.group_id(spec.group, spec.path)
    return _write(candidate_path(root, spec.path), spec.content, spec.mode, uid, gid)


def publish(root: Root, path: str) -> None:
    """Let the candidate take the place of the file, in one step."""
    file = root.path(path)
    os.replace(candidate_path(root, path), file)
    _sync_folder(file.parent)


def drop_candidate(root: Root, path: str) -> None:
    """Remove the candidate of a file, if there is one."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        candidate_path(root, path).unlink()


def put_back(root: Root, path: str, previous: Json | None, data: bytes) -> None:
    """Bring `path` back to what `observe` saw and `data` holds; None means that nothing was there."""
    file = root.path(path)
    if previous is None:
        file.unlink(missing_ok=True)
        return
    make_folders(root, path)
    candidate = candidate_path(root, path)
    if "link" in previous:
        candidate.unlink(missing_ok=True)
        candidate.symlink_to(previous["link"])
    else:
        uid = root.user_id(previous["owner"], path)
        gid = root.group_id(previous["group"], path)
        _write(candidate, data, int(previous["mode"], 8), uid, gid)
    publish(root, path)


def content_of(root: Root, path: str) -> bytes:
    """The bytes of a file, nothing for a link or a file that is not there."""
    file = root.path(path)
    return b"" if file.is_symlink() or not file.exists() else file.read_bytes()


def dearmor(data: bytes) -> bytes:
    """Binary form of an OpenPGP key; a key that is binary already stays as it is (RFC 9580, section 6.2)."""
    if b"-----BEGIN PGP" not in data:
        return data
    binary = b""
    for block in data.decode("ascii", "replace").split("-----BEGIN PGP PUBLIC KEY BLOCK-----")[1:]:
        lines = block.split("-----END PGP")[0].splitlines()
        start = next((n for n, line in enumerate(lines) if n and not line.strip()), 0)
        body = [line.strip() for line in lines[start:] if line.strip() and not line.startswith("=")]
        binary += base64.b64decode("".join(body))
    return binary


def _write(path: Path, data: bytes, mode: int, uid: int, gid: int) -> Path:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with about(path), os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        info = os.fstat(descriptor)
        if (info.st_uid, info.st_gid) != (uid, gid):
            os.fchown(descriptor, uid, gid)
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    return path


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _name(number: int, *, user: bool) -> str:
    try:
        return pwd.getpwuid(number).pw_name if user else grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)
