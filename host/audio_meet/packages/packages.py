"""The `packages` verb: repositories, pins and exact versions, with every daemon left as it is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..edits import found, kept
from ..network import way_out
from ..owed import store
from ..system import cloud_init, documents
from ..system.documents import Json
from ..system.errors import HostError
from ..system.files import digest
from ..system.root import Root
from ..system.state import State
from ..system.summary import say
from . import apt, apt_install, holds, locks, put_off, repositories, restarts, unpack, upgrades
from .due import Due, due_of, pinned


@dataclass(frozen=True)
class PackagesManifest:
    """Per release what it gets, and the answers to debconf's questions."""

    releases: dict[str, Json]
    preseed: list[list[str]]
    # of `machines.httpProxy`: its address, and the hosts that are reached without it
    proxy: Json | None = None


def parse(value: Json) -> PackagesManifest:
    """The manifest of the `packages` step."""
    documents.fields(
        value, "packages", {"releases": dict, "preseed": list}, {"proxy": dict, "restarts": dict}
    )
    for name, item in value["releases"].items():
        where = f"releases.{name}"
        documents.fields(item, where, {"repositories": list, "packages": dict}, {"unpack": dict})
        for package, part in item.get("unpack", {}).items():
            documents.fields(part, f"{where}.unpack.{package}", {"version": str, "folder": str})
        for repository in item["repositories"]:
            required = {"name": str, "uri": str, "suite": str, "components": list, "key": dict}
            documents.fields(repository, f"{where}.repositories", required)
            if not repositories.valid_name(repository["name"]):
                raise documents.broken(
                    f"{where}.repositories", f"{repository['name']!r} cannot be a file name"
                )
            if len(repository["key"]) != 1 or not set(repository["key"]) <= {"url", "path"}:
                raise documents.broken(f"{where}.repositories.key", "must be either a url or a path")
    return PackagesManifest(value["releases"], value["preseed"], way_out.parse(value, "packages"))


def bring(root: Root, document: Json) -> str:
    """Install what may be installed now, and note the rest as owed; returns the summary."""
    wanted, state = parse(document), State(root)
    names: list[str] = []
    if "restarts" in document:
        state.prepare()
        release, chosen, codename = _choose(root, wanted)
        due = due_of(root, state, state.packages(), chosen, "", codename)
        names, units, why = put_off.back(root, state, document, due)
    if not names:
        summary = install(root, wanted)
        store.forget(root, store.PACKAGES)
        return summary
    reduced = put_off.without(chosen, names, state.packages())
    parts = [install(root, replace(wanted, releases={release: reduced}))]
    apt.update(root)
    fetched = put_off.fetch(root, {name: due.missing[name] for name in names if name in due.missing})
    fetched += [f"{name} {due.parts[name]['version']}" for name in names if name in due.parts]
    put_off.owe(root, state, document, units, fetched)
    restarting = ", ".join(unit.removesuffix(".service") for unit in units)
    return "; ".join([*parts, f"owed: {', '.join(fetched)}, with a restart of {restarting}, {why}"])


def install(root: Root, wanted: PackagesManifest) -> str:
    """Bring repositories, pins and packages to the manifest; returns the summary.

    The fast way out asks dpkg once and compares a few small files; the network is used only if something
    differs.
    """
    state = State(root)
    state.prepare()
    apt.restore_policy(root)
    release, chosen, codename = _choose(root, wanted)
    record = _note_proxy(state, wanted)
    answers = "".join(" ".join(row) + "\n" for row in wanted.preseed)
    due = due_of(root, state, record, chosen, answers, codename)
    unfinished = record.get("restart") or record.get("installing") or record.get(upgrades.DUE)
    if not (due.needs_lists() or due.stale or due.answers or due.held or unfinished):
        return "nothing to change"
    cloud_init.wait(root)
    record = {**_bring_sources(root, record, chosen, due), "release": release, "wanted": chosen["packages"]}
    _drop_keys(root, state.packages(), record)
    state.save_packages(record)
    if due.answers:
        _answer(root, due.answers)
        record["preseed"] = digest(due.answers.encode())
        state.save_packages(record)
    if due.held:
        holds.release(root, due.held)
    if due.needs_lists():
        apt.update(root)
    changed = _install_missing(root, state, record, due.missing)
    changed += _unpack_missing(root, state, record, due.parts)
    downloaded = upgrades.download(root, state, record, _exact(root, due.later))
    if due.missing or due.later:
        _pin_what_came(root, state, record)
    parts = ["installed: " + ", ".join(changed)] if changed else []
    parts += [f"downloaded {name}; the step of its daemon installs it" for name in downloaded]
    parts += ["sources: " + ", ".join(due.stale)] if due.stale else []
    parts += ["no longer held: " + ", ".join(due.held)] if due.held else []
    parts += restarts.restart_users(root, state, record)
    return "; ".join(parts) or "debconf answers and repository keys updated"


def _bring_sources(root: Root, record: Json, chosen: Json, due: Due) -> Json:
    """Keys, package sources and pins; returns the record with them."""
    kept.put_aside(root, found.sources(root, record), [*map(repositories.keyring, due.keys), *due.stale])
    fetched = {repositories.keyring(r): repositories.fetch_key(root, r) for r in due.keys}
    for path in due.stale:
        repositories.write_text(root, path, due.sources.get(path, ""))
    return {
        **record,
        "sources": {path: digest(text.encode()) for path, text in due.sources.items() if text},
        "keys": {
            repositories.keyring(r): r["key"]["url"] for r in chosen["repositories"] if "url" in r["key"]
        },
        "keyFiles": {path: sha for path, sha in {**record.get("keyFiles", {}), **fetched}.items() if sha},
    }


def _note_proxy(state: State, wanted: PackagesManifest) -> Json:
    """The record of packages with the proxy in it: whoever goes out from here finds it there."""
    record = {key: value for key, value in state.packages().items() if key != "proxy"}
    if wanted.proxy:
        record["proxy"] = wanted.proxy
    if record:
        state.save_packages(record)
    return record


def _choose(root: Root, wanted: PackagesManifest) -> tuple[str, Json, str]:
    fields = repositories.os_release(root)
    release = f"{fields.get('ID', '?')}-{fields.get('VERSION_ID', '?')}"
    if release not in wanted.releases:
        known = ", ".join(sorted(wanted.releases))
        raise HostError("operating system", f"{release} is not supported", f"use one of: {known}")
    return release, wanted.releases[release], fields.get("VERSION_CODENAME", "")


def _drop_keys(root: Root, old: Json, new: Json) -> None:
    gone = sorted(set(old.get("keys", {})) - set(new.get("keys", {})))
    kept.put_aside(root, found.sources(root, old), gone)
    for path in gone:
        repositories.write_text(root, path, "")
        new["keyFiles"].pop(path, None)


def _answer(root: Root, preseed: str) -> None:
    result = locks.undisturbed(root, lambda: root.run(["debconf-set-selections"], stdin=preseed))
    if result.code != 0:
        raise HostError(
            "debconf-set-selections",
            result.last_line(),
            "correct the debconf answers in the packages manifest",
        )


def _install_missing(root: Root, state: State, record: Json, missing: dict[str, str]) -> list[str]:
    """Install what is missing at exactly the wanted versions; returns `name version` of each."""
    if not missing and not record.get("installing"):
        return []
    return apt_install.bring(root, state, record, _exact(root, missing))


def _pin_what_came(root: Root, state: State, record: Json) -> None:
    """Pin what a pattern has brought at its version."""
    wanted = record["wanted"]
    present = apt.installed(root, sorted(wanted))
    text = repositories.pins_text(pinned(wanted, present, record[upgrades.DUE]))
    if repositories.write_text(root, repositories.PINS, text):
        record["sources"][repositories.PINS] = digest(text.encode())
        state.save_packages(record)


def _exact(root: Root, wanted: dict[str, str]) -> dict[str, str]:
    return {name: apt_install.pick(root, name, pattern) for name, pattern in sorted(wanted.items())}


def _unpack_missing(root: Root, state: State, record: Json, missing: dict[str, Json]) -> list[str]:
    """Unpack what is missing; daemons that read it start anew. Returns `name version` of each."""
    done = []
    for name, item in sorted(missing.items()):
        version = apt_install.pick(root, name, item["version"])
        unpacked = record.setdefault("unpacked", {})
        unpacked[name] = unpack.install(root, name, version, item["folder"], unpacked.get(name, {}))
        record["restart"] = sorted({*record.get("restart", []), name})
        state.save_packages(record)
        done.append(f"{name} {version}")
    return done


def run(root: Root, arguments: list[str]) -> int:
    """The verb `packages`, for the document on stdin."""
    document = documents.from_stdin()
    with root.lock(arguments[0]):
        return say(root, bring(root, document))
