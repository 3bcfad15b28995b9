"""Decisions of people about themes: checked against the snapshot, kept in the state, in force from the next build on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from integrations.theme_evidence import frame
from knowledge.access import Reader, Scope
from knowledge.errors import BadQuestion, NotAllowed, UnknownName
from knowledge.state import State

REVIEWERS = frozenset({"quality", "manager", "admin"})


def rename(reader: Reader, state: State, theme: str, name: str) -> int:
    """Gives a theme another name. Each function here gives the decision's number, which is the new revision.

    Fails: NotAllowed for a role that does not review; UnknownName with the nearest; BadQuestion."""
    if not name.strip():
        raise BadQuestion("A theme needs a name.", "rapport theme rename ID NAME")
    return _decide(reader, state, "rename", {"theme_id": theme_id(reader, theme), "name": name.strip()})


def merge(reader: Reader, state: State, themes: Sequence[str], into: str) -> int:
    """Makes several themes one."""
    target = theme_id(reader, into)
    ids = [t for t in dict.fromkeys(theme_id(reader, t) for t in themes) if t != target]
    if not ids:
        raise BadQuestion("There is nothing to merge.", "Name at least one theme besides the one that stays.")
    return _decide(reader, state, "merge", {"theme_ids": ids, "into": target})


def split(reader: Reader, state: State, theme: str, reason: str, name: str | None = None) -> int:
    """Makes the clauses that give one reason a theme of their own."""
    source = theme_id(reader, theme)
    reasons = frame(reader, "reasons")
    own = reasons[reasons["theme_id"] == source] if len(reasons) else reasons
    found = own[(own["reason_id"] == reason) | (own["name"].str.casefold() == reason.casefold())] if len(own) else own
    if found.empty:
        known = tuple(own["reason_id"].tolist()) if len(own) else ()
        raise UnknownName(f"{source} has no reason `{reason}`.", f"It has: {', '.join(known) or 'none'}.", nearest=known[:3])
    identity = str(found["reason_id"].iloc[0])
    segments = reader.frame("feedback_segments")
    clauses = segments[segments["reason_id"] == identity][["feedback_id", "segment"]].sort_values(["feedback_id", "segment"])
    payload = {
        "theme_id": source,
        "into": f"S{state.decisions_revision() + 1:03d}",
        "name": name or str(found["name"].iloc[0]),
        "clauses": [[str(f), int(s)] for f, s in clauses.itertuples(index=False)],
    }
    return _decide(reader, state, "split", payload)


def move(reader: Reader, state: State, feedback_id: str, source: str, into: str) -> int:
    """Moves a comment from one theme to another."""
    payload = {"feedback_id": _comment(reader, feedback_id), "from": theme_id(reader, source), "into": theme_id(reader, into)}
    segments = reader.frame("feedback_segments")
    if not ((segments["feedback_id"] == feedback_id) & (segments["theme_id"] == payload["from"])).any():
        raise BadQuestion(f"{feedback_id} is not in {payload['from']}.", f"rapport theme {payload['from']} shows who is.")
    return _decide(reader, state, "move", payload)


def assign(reader: Reader, state: State, feedback_id: str, theme: str) -> int:
    """Puts a comment that is in no theme (or all of it) into one."""
    return _decide(reader, state, "assign", {"feedback_id": _comment(reader, feedback_id), "theme_id": theme_id(reader, theme)})


def approve(reader: Reader, state: State, theme: str) -> int:
    """Says that a theme is right as it is."""
    return _decide(reader, state, "approve", {"theme_id": theme_id(reader, theme)})


def new_theme(reader: Reader, state: State, feedback_id: str, name: str) -> int:
    """Makes a theme of its own from what a comment says: from its clauses in no theme, or of all of them."""
    if not name.strip():
        raise BadQuestion("A theme needs a name.", "Say in a few words what the comment is about.")
    segments = reader.frame("feedback_segments")
    own = segments[segments["feedback_id"] == _comment(reader, feedback_id)].sort_values("segment")
    chosen = own[own["theme_id"].isna()] if own["theme_id"].isna().any() else own
    clauses = [[feedback_id, int(s)] for s in chosen["segment"]]
    payload = {
        "feedback_id": feedback_id,
        "into": f"S{state.decisions_revision() + 1:03d}",
        "name": name.strip(),
        "clauses": clauses,
    }
    return _decide(reader, state, "new", payload)


def not_feedback(reader: Reader, state: State, feedback_id: str) -> int:
    """Takes a comment out of all themes."""
    return _decide(reader, state, "not_feedback", {"feedback_id": _comment(reader, feedback_id)})


def action(reader: Reader, state: State, theme: str, owner: str, due: date | None, note: str = "") -> int:
    """Gives a theme to somebody to see to, by a day."""
    if not owner.strip():
        raise BadQuestion("Somebody has to see to it.", "Give a name.")
    payload = {
        "theme_id": theme_id(reader, theme),
        "owner": owner.strip(),
        "due": due.isoformat() if due else None,
        "note": note.strip(),
    }
    return _decide(reader, state, "action", payload)


def undo(reader: Reader, state: State, number: int) -> int:
    """Takes a decision back; both stay in the log."""
    return _decide(reader, state, "undo", {"of": number})


def queue(reader: Reader) -> list[dict[str, Any]]:
    """Clauses in no theme, the clearest first: with the nearest theme, how like it they are and by what margin."""
    segments = reader.frame("feedback_segments")
    waiting = (
        segments[segments["theme_id"].isna() & segments["nearest_theme"].notna()]
        if "nearest_theme" in segments
        else segments.iloc[:0]
    )
    said = set(segments.loc[segments["theme_id"].notna(), "feedback_id"])
    waiting = waiting[~waiting["feedback_id"].isin(said)].sort_values(["theme_margin", "feedback_id"], ascending=[False, True])
    names = reader.frame("themes").set_index("theme_id")["name"]
    return [
        {"feedback_id": r["feedback_id"], "text": r["text"], "nearest": r["nearest_theme"], "name": names.get(r["nearest_theme"], ""),
         "margin": round(float(r["theme_margin"]), 3)}
        for r in waiting.to_dict("records")
    ]  # fmt: skip


def theme_id(reader: Reader, wanted: str) -> str:
    """A theme's id by id or name. Fails: UnknownName with the nearest names."""
    from rapidfuzz import process

    themes: pd.DataFrame = reader.frame("themes")
    match = themes[(themes["theme_id"] == wanted) | (themes["name"].str.casefold() == wanted.casefold())]
    if match.empty:
        nearest = tuple(n for n, _, _ in process.extract(wanted, themes["name"].tolist(), limit=3))
        raise UnknownName(f"There is no theme `{wanted}`.", f"Nearest: {', '.join(nearest)}.", nearest=nearest)
    return str(match["theme_id"].iloc[0])


def _comment(reader: Reader, feedback_id: str) -> str:
    if feedback_id not in set(reader.frame("feedback_text")["feedback_id"]):
        raise UnknownName(f"There is no comment `{feedback_id}`.", "Its id is in brackets behind each quote.")
    return feedback_id


def check_reviewer(reader: Reader) -> Scope:
    """Fails: NotAllowed for who does not review, or sees some accounts only."""
    scope: Scope = reader.scope
    if scope.kind not in REVIEWERS or scope.accounts is not None:
        raise NotAllowed("Themes are reviewed by quality, managers and admins who see all accounts.", "Ask one of them.")
    return scope


def _decide(reader: Reader, state: State, kind: str, payload: dict[str, Any]) -> int:
    scope = check_reviewer(reader)
    made = state.decide(kind, payload, scope.principal)
    state.audit(
        scope.principal,
        scope.role,
        "decision",
        {"id": made, "kind": kind, "theme": payload.get("theme_id") or payload.get("into")},
    )
    return made
