"""`rapport erase`: a person leaves the whole workspace, with a proof. Rows stay, so that figures stay what they were.

Tables, what is derived from them, snapshots, quarantine, conversations, the log: all are written anew, what was before them is
removed, and every file is searched. Copies elsewhere (backups, sources, what Slack and mail were sent) are not reached."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from integrations.settings import Settings
from knowledge import erasure, import_log
from knowledge.erasure import Kind, Person
from knowledge.lock import PATIENCE, building, waited, writing
from knowledge.snapshot import current, publish
from knowledge.state import State, open_state
from knowledge.tables import Store

SPACE, SALT = "erased", "salt"


@dataclass(frozen=True)
class Proof:
    """What was done about a person, who is not named in it: digests stand for what they were told by. `left` names the files in
    which they still stand: none where all went well."""

    at: str
    kind: Kind
    digests: tuple[str, ...]
    cells: dict[str, int]
    state: dict[str, int]
    quarantined: int
    snapshot: str
    rows: dict[str, int]
    rows_before: dict[str, int]
    left: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return dict(self.__dict__) | {"figures_unbroken": self.rows == self.rows_before}


def erase(workspace: Path, settings: Settings, kind: Kind, who: str, by: str) -> Proof:
    """Fails: UnknownName where nobody or more than one is meant; Unavailable (`busy`) while something is imported."""
    from integrations.build import build

    store = Store(workspace / "tables")
    with closing(open_state(settings.state_url or workspace)) as state:
        with writing(workspace):
            person = erasure.find(store, kind, who)
            before = _rows(store)
            digests = _remember(state, person)
            cells = erasure.erase(store, person)
            quarantined = erasure.forget_rows(workspace / "quarantine", person)
            _imports(workspace, person)
        build(workspace, settings)
        with building(workspace):
            leave_nothing_old(workspace)
        note = {"kind": kind, "person": digests, "cells": cells, "quarantined": quarantined}
        changed = state.erase_words(lambda text: erasure.without(text, person), by, note)
    return Proof(
        datetime.now(UTC).isoformat(timespec="seconds"), kind, digests, cells, changed, quarantined, current(workspace).id, _rows(store), before,
        tuple(erasure.left(workspace, person)),
    )  # fmt: skip


def come_again(workspace: Path, settings: Settings) -> bool:
    """Erases anew whoever was erased and stands in the tables again (a source that was not told brings them); whether any did."""
    with closing(open_state(settings.state_url or workspace)) as state:
        kept = state.all_kept(SPACE)
        salt = kept.pop(SALT, "")
        if not kept:
            return False
        store = Store(workspace / "tables")
        with waited(lambda: writing(workspace), PATIENCE):
            found = erasure.come_again(store, salt, kept)
            for person in found:
                _remember(state, person)
                erasure.erase(store, person)
                erasure.forget_rows(workspace / "quarantine", person)
        if found:
            state.audit("build", "admin", "erased again", {"people": len(found)})
    return bool(found)


def leave_nothing_old(workspace: Path) -> None:
    """Former snapshots and former versions of every table go, whoever names them; the published snapshot is told the numbers that
    its tables have afterwards. A table that was imported into since stays as it is. For who holds the lock of builds."""
    served = current(workspace)
    for folder in sorted((workspace / "snapshots").iterdir()):
        if folder.is_dir() and folder.name != served.id:
            shutil.rmtree(folder)
    store, tables = Store(workspace / "tables"), dict(served.tables)
    with waited(lambda: writing(workspace), PATIENCE):
        for name in store.names():
            if name not in tables or store.version(name).files == tables[name].files:
                store.purge(name)
                tables |= {name: store.version(name)} if name in tables else {}
        publish(workspace, replace(served, tables=tables))


def _rows(store: Store) -> dict[str, int]:
    from knowledge.schema import TABLES

    return {n: store.version(n).rows for n in TABLES if store.exists(n)}


def _remember(state: State, person: Person) -> tuple[str, ...]:
    """Keeps digests of what the person is known by, to know them again; gives them."""
    state.keep_first(SPACE, SALT, secrets.token_hex(16))
    salt = str(state.kept(SPACE, SALT))
    known = (*person.ids, *(w for w, mask in person.words.items() if mask == erasure.ADDRESS))
    digests = tuple(sorted(erasure.digest(salt, word) for word in known))
    for one in digests:
        state.keep(SPACE, one, person.kind)
    return digests


def _imports(workspace: Path, person: Person) -> None:
    """Names of files in the log of imports may name a person."""
    log = workspace / import_log.LOG
    with _replaced(log) as text:
        text.append(erasure.without(text.pop(), person))


@contextmanager
def _replaced(path: Path) -> Iterator[list[str]]:
    if not path.is_file():
        yield [""]
        return
    text = [path.read_text(encoding="utf-8")]
    before = text[0]
    yield text
    if text[0] != before:
        temporary = path.with_suffix(".new")
        temporary.write_text(text[0], encoding="utf-8")
        temporary.replace(path)
