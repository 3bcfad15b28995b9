"""`rapport doctor`: looks at everything Rapport needs and says in words what to do."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from integrations import settings as configuration
from knowledge import import_log, out_of_time
from knowledge import snapshot as snapshots
from knowledge.errors import RapportError
from knowledge.metrics import definitions
from knowledge.schema import TABLES
from knowledge.tables import Store

if TYPE_CHECKING:
    from knowledge.state import State


SHOWN = 5


@dataclass(frozen=True)
class Finding:
    """One thing looked at: its state, what was seen, and what to do about it."""

    state: Literal["ok", "note", "wrong"]
    what: str
    todo: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def examine(workspace: Path) -> list[Finding]:
    """Everything, in the order in which it is needed. Never raises: what cannot be looked at is itself a finding."""
    findings = [*_machine(workspace), *_encoder()]
    if not workspace.is_dir():
        return [*findings, Finding("note", f"There is no workspace at {workspace}.", "`rapport demo`, or `rapport import`.")]
    return [
        *findings,
        *_settings(workspace),
        *_tables(workspace),
        *_log(workspace),
        *_times(workspace),
        *_own_metrics(workspace),
        *_snapshot(workspace),
        *_state(workspace),
        *_data(workspace),
    ]


def _machine(workspace: Path) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("ok" if sys.version_info >= (3, 11) else "wrong", f"Python {version}", "")
    here = workspace if workspace.is_dir() else Path.cwd()
    free = shutil.disk_usage(here).free / 1e9
    yield Finding(
        "ok" if free > 2 else "note", f"{free:.0f} GB free on disk", "" if free > 2 else "Make room; a build writes aside."
    )
    if not os.access(here, os.W_OK):
        yield Finding("wrong", f"{here} cannot be written.", "Give this user the right to write there.")


def _encoder() -> Iterator[Finding]:
    from nlp.weights import files_here

    try:
        files_here()
        yield Finding("ok", "Encoder weights are there and their digests are right")
    except RapportError as err:
        yield Finding("wrong", err.message, err.hint)


def _settings(workspace: Path) -> Iterator[Finding]:
    try:
        settings = configuration.load(workspace)
        yield Finding("ok", f"Settings: zone {settings.zone}, currency {settings.currency or 'as imported'}")
    except RapportError as err:
        yield Finding("wrong", err.message, err.hint)
        return
    if settings.model is not None:
        from integrations.language_model import examine as look_at

        wrong = look_at(settings.model)
        yield Finding("wrong" if wrong else "ok", wrong or f"Language model: {settings.model.name or settings.model.path}")


def _tables(workspace: Path) -> Iterator[Finding]:
    store = Store(workspace / "tables")
    loaded = []
    for name in TABLES:
        if not store.exists(name):
            continue
        try:
            version = store.version(name)
        except RapportError as err:
            yield Finding("wrong", err.message, "Restore the folder from a backup, or import it again.")
            continue
        missing = snapshots.unreadable(workspace, version.files, through=True)
        if missing:
            yield Finding(
                "wrong",
                f"Table `{name}`: {len(missing)} of its files are missing or damaged.",
                "Restore them, or import the table again.",
            )
        loaded.append(f"{name} {version.rows:,}")
    if loaded:
        yield Finding("ok", "Tables: " + ", ".join(loaded))
    else:
        yield Finding("note", "No table holds a row.", "`rapport import --mapping … FILE`")


def _log(workspace: Path) -> Iterator[Finding]:
    if lines := import_log.damaged(workspace):
        yield Finding("wrong", f"`{import_log.LOG}`: {lines} line(s) cannot be read and are left out.", "Restore the file from a backup; tables are not touched by it.")  # fmt: skip


def _times(workspace: Path) -> Iterator[Finding]:
    """Rows of which an event cannot be at its time."""
    with suppress(RapportError):  # tables that cannot be read have been told above
        for said in out_of_time.of_workspace(workspace, configuration.load(workspace).zone):
            yield Finding("note", said, "Mend the date at its source and import it again.")


def _own_metrics(workspace: Path) -> Iterator[Finding]:
    """What the company added to the catalogue: whether it can be read, and whether it has been built."""
    try:
        added = definitions.document(workspace)
    except RapportError as err:
        yield Finding("wrong", err.message, err.hint)
        return
    if added:
        yield Finding(
            "ok", f"Own metrics: {len(added.get('metrics') or {})}, own dimensions: {len(added.get('dimensions') or {})}"
        )
    with suppress(RapportError):
        if snapshots.current(workspace).facts.get(definitions.FACT, {}) != added:
            yield Finding("note", f"`{definitions.FILE}` has changed since the last build.", "`rapport build`")


def _snapshot(workspace: Path) -> Iterator[Finding]:
    try:
        snapshot = snapshots.current(workspace)
    except RapportError as err:
        yield Finding("note" if err.code == "no_snapshot" else "wrong", err.message, err.hint)
        return
    published = snapshot.facts.get(snapshots.INSTEAD)
    if published is not None:
        yield Finding("wrong", f"The published snapshot {published} is damaged; {snapshot.id} serves instead, and answers say so.", "`rapport build --full`, or restore a backup.")  # fmt: skip
    else:
        age = (datetime.now(UTC) - snapshot.built_at).days
        yield Finding("ok", f"Snapshot {snapshot.id}, data to {snapshot.as_of:%Y-%m-%d}, built {age} days ago")
    derived = [f for name, version in snapshot.tables.items() if name not in TABLES for f in version.files]
    if broken := snapshots.unreadable(workspace, derived, through=True):
        yield Finding("wrong", f"{len(broken)} files that the last build made are missing or damaged, the first tables/{broken[0]}.", "`rapport build --full` makes them again.")  # fmt: skip
    store = Store(workspace / "tables")
    newer = []
    for name, version in snapshot.tables.items():
        with suppress(RapportError):  # what cannot be opened has been told above
            if name in TABLES and store.exists(name) and store.version(name).version != version.version:
                newer.append(name)
    newer += [n for n in TABLES if n not in snapshot.tables and store.exists(n)]
    if newer:
        yield Finding("note", f"Imported since the last build: {', '.join(sorted(newer))}.", "`rapport build`")
    unfinished = [p.name for p in (workspace / "snapshots").iterdir() if p.is_dir() and not (p / "manifest.json").is_file()]
    if unfinished:
        yield Finding(
            "note", f"{len(unfinished)} build(s) did not finish; nothing refers to them.", "The next build clears them."
        )


def _state(workspace: Path) -> Iterator[Finding]:
    from integrations.connectors.sync import last
    from integrations.wiring import Workspace

    try:
        state = Workspace(workspace).state()
        yield Finding("ok", "State opens and is at the newest migration")
        home = Workspace(workspace)
        for user in state.users():
            if user.role not in home.roles:
                yield Finding("wrong", f"{user.name} has the role `{user.role}`, which is not defined.", f"Put `[roles.{user.role}]` into {configuration.FILE}, or `rapport user add` with another.")  # fmt: skip
        yield from _kept_for_good(state)
        for name, report in last(state).items():
            if report["state"] == "failed":
                yield Finding("note", f"The import {name} failed on {report['at'][:16]}: {report['message']}", report["hint"])
    except RapportError as err:
        yield Finding("wrong", err.message, err.hint)


def _kept_for_good(state: State) -> Iterator[Finding]:
    """The audit log's chain, and the work that was given up."""
    chain = state.audit_chain()
    if chain.broken is None:
        yield Finding(
            "ok", f"Audit log: {chain.entries:,} entries, each follows from the one before; head {chain.head[:16] or 'none'}"
        )
    else:
        yield Finding("wrong", f"Audit log: entry {chain.broken} does not follow from the one before: it was changed, or one is missing.",
                      "Compare with a backup: somebody wrote into the database.")  # fmt: skip
    dead = state.dead_letters()
    for letter in dead[:SHOWN]:
        yield Finding("note", f"Given up after {letter.attempts} tries: {letter.kind} {letter.id} of {letter.created:%Y-%m-%d %H:%M}. {letter.why}",
                      "Mend what it says; `rapport doctor --retry` tries what was given up again.")  # fmt: skip
    if len(dead) > SHOWN:
        yield Finding("note", f"{len(dead) - SHOWN} more were given up.")


def _data(workspace: Path) -> Iterator[Finding]:
    from integrations.health import complaints
    from integrations.wiring import Workspace
    from knowledge.access import Scope

    try:
        yield from (
            Finding("note", what, todo)
            for what, todo in complaints(workspace, Workspace(workspace).reader(Scope.of_role("admin")))
        )
    except RapportError:
        return  # what keeps the snapshot from being read has been told above
