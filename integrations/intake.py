"""Comments that come one by one (REST, webhooks, Slack): stored as work at once, loaded in the background, never lost."""

from __future__ import annotations

import json
import logging
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from knowledge import quarantine
from knowledge.errors import RapportError, Unavailable
from knowledge.ingest import import_files
from knowledge.mapping import load_mapping
from knowledge.state import State, Work

log = logging.getLogger("rapport.intake")
KIND = "feedback"
SPACE = "intake"
AT_ONCE = 200
REMEMBERED = timedelta(days=30)


def accept(
    state: State,
    comments: Sequence[Mapping[str, Any]],
    by: str,
    *,
    event: str | None = None,
    refused: Sequence[tuple[Mapping[str, Any], str]] = (),
) -> dict[str, Any]:
    """Stores comments to be loaded; each gets an id and a time where it has none; those `refused` are told with their reason when
    the others are loaded. With `event`, once only: whoever sends the same again is told what was stored the first time."""
    ready = [_complete(c) for c in comments]
    kept_out = [{"feedback_id": c["feedback_id"], "reason": reason} for c, reason in refused]
    payload = {"comments": ready, "by": by, "refused": kept_out}
    work = state.enqueue(KIND, payload, event=event and f"feedback:{event}")
    if work is None:
        before: dict[str, Any] | None = state.kept(SPACE, f"event:{event}")
        return {**(before or {"id": 0, "accepted": 0, "feedback_ids": []}), "state": "repeated"}
    taken = {
        "id": work,
        "accepted": len(ready) + len(kept_out),
        "feedback_ids": [c["feedback_id"] for c in (*ready, *kept_out)],
    }
    if event:
        state.keep(SPACE, f"event:{event}", taken, within=REMEMBERED)
    return {**taken, "state": "waiting"}


def outcome(state: State, work_id: int) -> dict[str, Any] | None:
    """What became of stored comments: how many were loaded, and the reason of each that was not; None while they wait."""
    found: dict[str, Any] | None = state.kept(SPACE, str(work_id))
    return found


def drain(folder: Path, state: State, zone: str = "UTC") -> int:
    """Loads what waits; gives how many pieces of work were done. Where another import or build is writing, all waits on."""
    claimed: list[Work] = []
    while len(claimed) < AT_ONCE and (work := state.claim(KIND)) is not None:
        claimed.append(work)
    return _loaded(folder, state, claimed, zone) if claimed else 0


def _loaded(folder: Path, state: State, claimed: Sequence[Work], zone: str) -> int:
    """Loads them together; where that fails for any reason, each alone, so that one keeps nobody else's out."""
    try:
        _load(folder, state, claimed, zone)
    except Unavailable:
        for work in claimed:
            state.give_up(work.id, attempts=work.attempts)
        return 0
    except Exception as err:  # of whatever kind: what was stored is told about
        code = err.code if isinstance(err, RapportError) else type(err).__name__
        log.error("intake", extra={"event": "intake", "code": code, "count": len(claimed)}, exc_info=err)
        if len(claimed) > 1:
            return sum(_loaded(folder, state, [work], zone) for work in claimed)
        why = err.message if isinstance(err, RapportError) else f"Something unforeseen: {code}."
        told = {"state": "failed", "by": claimed[0].payload["by"], "reason": why}
        state.keep(SPACE, str(claimed[0].id), told, within=REMEMBERED)
        state.finish(claimed[0].id, failed=True, why=why, attempts=claimed[0].attempts)
    return len(claimed)


def _load(folder: Path, state: State, claimed: Sequence[Work], zone: str) -> None:
    owner = [(work, comment) for work in claimed for comment in work.payload["comments"]]
    reasons: dict[int, list[dict[str, str]]] = {work.id: list(work.payload.get("refused") or ()) for work in claimed}
    for work, comment, reason in _import(folder, claimed, owner, zone) if owner else ():
        reasons[work.id].append({"feedback_id": comment["feedback_id"], "reason": reason})
    for work in claimed:
        kept_out = reasons[work.id]
        given = len(work.payload["comments"]) + len(work.payload.get("refused") or ())
        done = {"state": "loaded", "by": work.payload["by"], "loaded": given - len(kept_out), "quarantined": kept_out}
        state.keep(SPACE, str(work.id), done, within=REMEMBERED)
        state.finish(work.id, attempts=work.attempts)


def _import(
    folder: Path, claimed: Sequence[Work], owner: Sequence[tuple[Work, Mapping[str, Any]]], zone: str
) -> list[tuple[Work, Mapping[str, Any], str]]:
    """Loads the comments; gives those that were kept out, each with its reason."""
    with tempfile.TemporaryDirectory() as aside:
        file = Path(aside) / f"feedback.{datetime.now(UTC):%Y%m%dT%H%M%S}-{claimed[0].id}-{claimed[-1].id}.jsonl"
        columns = sorted({name for _, comment in owner for name in comment})
        lines = [json.dumps({n: comment.get(n) for n in columns}, ensure_ascii=False) for _, comment in owner]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        import_files(folder, load_mapping("canonical"), [file], zone=zone)
    refused = {r["source_row"]: r["reason"] for r in quarantine.rows(folder, limit=10**9) if r["source"] == file.name}
    rows = enumerate(owner, 1)
    return [(w, c, refused[f"{file.name}:{n}"]) for n, (w, c) in rows if f"{file.name}:{n}" in refused]


def _complete(comment: Mapping[str, Any]) -> dict[str, Any]:
    given = {k: v for k, v in comment.items() if v is not None}
    given.setdefault("feedback_id", "A-" + uuid.uuid4().hex[:16])
    given.setdefault("at", datetime.now(UTC).isoformat(timespec="seconds"))
    given.setdefault("channel", "api")
    return given
