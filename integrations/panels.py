"""Panels that take seconds to make, made ahead for each published snapshot and set of rights, and kept beside it.

Only for readers of all accounts: others see few accounts, and their panels are made when they ask."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from knowledge.access import ROLE_RIGHTS, Reader, Scope
from knowledge.errors import NoData, RapportError, Unavailable
from knowledge.lock import PATIENCE, preparing
from knowledge.records import MetricQuery, Period
from knowledge.snapshot import Snapshot

FOLDER, MOST_CARDS = "panels", 300
PROMISES, LATELY = "promises", 90
ROLES = ("manager", "quality")
"""Between them every set of rights that ours have."""


def kept(snapshot: Snapshot, scope: Scope, name: str) -> Any:
    """The panel that was made ahead; None where there is none."""
    path = _path(snapshot, scope, name)
    if path is None or not path.is_file():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def keep(snapshot: Snapshot, scope: Scope, name: str, panel: Any) -> None:
    """Keeps a panel beside the snapshot, whole or not at all; where that cannot be written it is made again."""
    path = _path(snapshot, scope, name)
    if path is None:
        return
    with suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps(panel, ensure_ascii=False, default=str), encoding="utf-8")
        part.replace(path)


def made(snapshot: Snapshot, scope: Scope, name: str, make: Callable[[], Any]) -> Any:
    """The panel: the one that is kept, or a new one that is kept from now on."""
    found = kept(snapshot, scope, name)
    if found is None:
        found = make()
        keep(snapshot, scope, name, found)
    return found


def prepare(workspace: Path, patience: float = PATIENCE) -> Iterator[str]:
    """Makes what is lacking for the published snapshot; says each panel that was made. What cannot be made is left out: whoever opens
    it is told why. Waits while another process does the same. Fails: Unavailable (`busy`) where that takes longer than `patience`."""
    with preparing(workspace, patience):
        yield from _prepared(workspace)


def after_build(workspace: Path, say: Callable[[str], None]) -> None:
    """As `prepare`, at the end of a build; where another process is at it already, it is left to that one."""
    say("preparing pages")
    with suppress(Unavailable):
        for told in prepare(workspace, 0):
            say(told)


def _prepared(workspace: Path) -> Iterator[str]:
    from integrations.theme_evidence import frame
    from integrations.wiring import Workspace

    home = Workspace(workspace)
    readers = home.readers()
    for role in ROLES:
        scope = Scope(role, role, None, ROLE_RIGHTS[role])
        reader = readers(scope)
        with suppress(RapportError):
            made(reader.snapshot, scope, "portfolio", lambda scope=scope: portfolio(home, scope))  # type: ignore[misc]
            yield f"{role}: accounts that need attention"
        with suppress(RapportError):
            made(reader.snapshot, scope, PROMISES, lambda r=reader: promises(r))  # type: ignore[misc]
        themes = frame(reader, "themes")
        for identity in themes["theme_id"].head(MOST_CARDS) if len(themes) else ():
            with suppress(RapportError):
                made(reader.snapshot, scope, f"card-{identity}", lambda i=identity, r=reader: card(r, i))  # type: ignore[misc]
        yield f"{role}: {min(len(themes), MOST_CARDS)} themes"


def portfolio(home: Any, scope: Scope) -> dict[str, Any]:
    """The brief of a reader's accounts, as JSON."""
    from assistant.brief import to_json

    found: dict[str, Any] = to_json(home.briefs().make("my accounts", scope, keep=False, drawings=False))
    return found


def promises(reader: Reader) -> dict[str, Any]:
    """What tiers were promised against what was kept, over the last 90 days of the data."""
    from assistant.answer import answer_query
    from assistant.serialise import to_json

    end = reader.snapshot.as_of.date()
    period = Period(end - timedelta(days=LATELY - 1), end, f"last {LATELY} days")
    try:
        said = to_json(answer_query(MetricQuery("target_attainment", period=period), reader))
    except NoData as err:
        return {"status": "no_data", "text": err.message, "table": None}
    return {"status": said["status"], "text": said["text"], "table": said["table"]}


def card(reader: Any, identity: str) -> dict[str, Any]:
    """A theme's card."""
    from integrations.review import theme_card

    return theme_card(reader, identity)


def _path(snapshot: Snapshot, scope: Scope, name: str) -> Path | None:
    if scope.accounts is not None:
        return None
    rights = hashlib.sha256(" ".join(sorted(scope.rights)).encode()).hexdigest()[:12]
    safe = "".join(c if c.isalnum() or c == "-" else "_" for c in name)
    return snapshot.folder / FOLDER / f"{rights}-{safe}.json"
