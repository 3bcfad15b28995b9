"""The review as people work it: a queue of comments that are uncertain and say something, decisions that are pending until the next
build, undo for each, and word where somebody else decided about the same in the meantime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from integrations import decide
from integrations.learning import latest_labels
from integrations.theme_evidence import frame
from knowledge.access import Reader
from knowledge.errors import BadQuestion, UnknownName, UserError
from knowledge.state import Decision, State, in_force
from nlp.taxonomy import Taxonomy

UNSURE, FEWEST_WORDS = 0.06, 4
MASKED = r"\[[a-z -]+\]"
ABOUT_COMMENTS = frozenset({"assign", "move", "new", "not_feedback"})
QUIET = frozenset({"approve", "action", "undo"})


class Meanwhile(UserError):
    """Somebody else decided about the same after the page was read."""

    code = "meanwhile"


@dataclass(frozen=True)
class Wish:
    """What somebody wants decided. `seen` is the revision that their page showed; None asks for no check."""

    kind: str
    theme: str = ""
    into: str = ""
    name: str = ""
    reason: str = ""
    feedback_id: str = ""
    owner: str = ""
    due: date | None = None
    seen: int | None = None


def waiting(unsure: pd.DataFrame, state: State) -> list[dict[str, Any]]:
    """Of the `uncertain`, what nobody has decided about or labelled yet."""
    done = {str(d.payload["feedback_id"]) for d in in_force(state.decisions()) if d.kind in ABOUT_COMMENTS}
    done |= {f for f, _, _ in latest_labels(state.labels())}
    left = unsure[~unsure["feedback_id"].isin(done)] if len(unsure) else unsure
    return [{str(k): v for k, v in r.items()} for r in left.to_dict("records")]


def uncertain(reader: Reader) -> pd.DataFrame:
    """Comments whose theme is uncertain and that say something: first what is in no theme, then what lies between two, the most uncertain
    first; before what people did. feedback_id, text, start, end, theme_id, theme, aspect, customer, order_id, at, channel, margin …"""
    segments, texts = frame(reader, "feedback_segments"), frame(reader, "feedback_text")
    if segments.empty or "theme_margin" not in segments:
        return pd.DataFrame()
    speaking = texts[~texts["says_nothing"].fillna(False).astype(bool) & texts["duplicate_of"].isna()]
    words = segments["text"].str.count(r"\w+")
    unsure = segments["theme_id"].isna() | (segments["theme_margin"].abs() < UNSURE)
    says = (segments["sentiment"] != 0) | segments["aspect"].notna()
    says &= (words >= FEWEST_WORDS) & ~segments["text"].str.contains(MASKED, regex=True)
    found = segments[unsure & says & segments["feedback_id"].isin(set(speaking["feedback_id"]))]
    margin, loud = found["theme_margin"].abs().round(4), found["sentiment_score"].abs().round(4)
    found = found.assign(without=found["theme_id"].isna(), margin=margin, loud=loud)
    found = found.sort_values(
        ["without", "margin", "loud", "feedback_id", "segment"], ascending=[False, True, False, True, True]
    )
    found = found.drop_duplicates("feedback_id")
    names = frame(reader, "themes").set_index("theme_id")["name"]
    feedback = reader.frame("feedback").set_index("feedback_id")
    customers = frame(reader, "customers")
    called = customers.set_index("customer_id")["name"] if len(customers) else pd.Series(dtype=object)
    whole = speaking.set_index("feedback_id")["text"]
    ids = found["feedback_id"]
    near = found["theme_id"].fillna(found["nearest_theme"]) if "nearest_theme" in found else found["theme_id"]
    out = pd.DataFrame({
        "feedback_id": ids, "text": whole.reindex(ids).to_numpy(object), "start": found["start"], "end": found["end"],
        "theme_id": near, "theme": near.map(names), "in_theme": ~found["without"], "margin": found["margin"],
        "aspect": found["aspect"], "runner_up": found["runner_up"], "sentiment": found["sentiment"],
        "customer": feedback["customer_id"].reindex(ids).map(called).to_numpy(object), "order_id": feedback["order_id"].reindex(ids).to_numpy(object),
        "at": [t.isoformat() if pd.notna(t) else None for t in feedback["at"].reindex(ids)], "channel": feedback["channel"].reindex(ids).to_numpy(object),
    })  # fmt: skip
    return out.astype("object").where(out.notna(), None).reset_index(drop=True)


def decided(reader: Reader, state: State, wish: Wish) -> int:
    """Keeps the decision; gives its number. Fails: Meanwhile where somebody else decided about the same since; as `decide`."""
    _check_meanwhile(reader, state, wish)
    match wish.kind:
        case "rename":
            return decide.rename(reader, state, wish.theme, wish.name)
        case "merge":
            return decide.merge(reader, state, [wish.theme], wish.into)
        case "split":
            return decide.split(reader, state, wish.theme, wish.reason, wish.name or None)
        case "move":
            return decide.move(reader, state, wish.feedback_id, wish.theme, wish.into)
        case "assign":
            return decide.assign(reader, state, wish.feedback_id, wish.theme)
        case "approve":
            return decide.approve(reader, state, wish.theme)
        case "new":
            return decide.new_theme(reader, state, wish.feedback_id, wish.name)
        case "not_feedback":
            return decide.not_feedback(reader, state, wish.feedback_id)
        case "action":
            return decide.action(reader, state, wish.theme, wish.owner, wish.due, wish.name)
    raise BadQuestion(f"Themes cannot be decided on by `{wish.kind}`.", "See /docs for the ways.")


def undo(reader: Reader, state: State, number: int) -> int:
    """Takes a decision back; gives the number of that. Fails: UnknownName for one that is not in force."""
    decide.check_reviewer(reader)
    if not any(d.id == number for d in in_force(state.decisions())):
        raise UnknownName("That decision is not in force.", "It was undone before, or never made.", code="not_in_force")
    return decide.undo(reader, state, number)


def log(reader: Reader, state: State) -> list[dict[str, Any]]:
    """Every decision, newest first, in words: whether it is pending, applied or undone."""
    decisions = state.decisions()
    alive, built = {d.id for d in in_force(decisions)}, reader.snapshot.decisions_revision
    names = (
        dict(frame(reader, "themes").pipe(lambda t: zip(t["theme_id"], t["name"], strict=True)))
        if reader.rows("themes")
        else {}
    )
    return [
        {
            "id": d.id, "at": d.at.isoformat(), "who": d.who, "kind": d.kind, "themes": sorted(_themes(d)), "feedback_id": d.payload.get("feedback_id"),
            "says": told(d, names), "owner": d.payload.get("owner"), "due": d.payload.get("due"),
            "state": "undone" if d.id not in alive else "noted" if d.kind in QUIET else "pending" if d.id > built else "applied",
        }
        for d in reversed(decisions) if d.kind != "undo"
    ]  # fmt: skip


def told(decision: Decision, names: Mapping[str, str]) -> str:
    """A decision in words."""
    p = decision.payload

    def name(key: str) -> str:
        return f"“{names.get(str(p.get(key)), p.get('name') or p.get(key))}”"

    match decision.kind:
        case "rename":
            return f"{name('theme_id')} is called “{p['name']}”"
        case "merge":
            return f"{', '.join(f'“{names.get(t, t)}”' for t in p['theme_ids'])} merged into {name('into')}"
        case "split":
            return f"“{p['name']}” split off {name('theme_id')}"
        case "move":
            return f"a comment moved to {name('into')}"
        case "assign":
            return f"a comment put into {name('theme_id')}"
        case "new":
            return f"a new theme “{p['name']}” from a comment"
        case "not_feedback":
            return "a comment is not feedback"
        case "approve":
            return f"{name('theme_id')} approved"
        case "action":
            due = f", due {p['due']}" if p.get("due") else ""
            return f"{name('theme_id')} given to {p['owner']}{due}"
    return decision.kind


def correct(
    reader: Reader, state: State, feedback_id: str, start: int, end: int, aspect: str | None, taxonomy: Taxonomy
) -> int:
    """Keeps what topic a person says these characters are about (None takes it back); `rapport train` learns from it.

    Fails: NotAllowed, UnknownName, BadQuestion where the place is not in the comment."""
    decide.check_reviewer(reader)
    texts = reader.frame("feedback_text").set_index("feedback_id")["text"]
    if feedback_id not in texts.index:
        raise UnknownName(f"There is no comment `{feedback_id}`.", "Its id is in brackets behind each quote.")
    if not 0 <= start < end <= len(texts[feedback_id]):
        raise BadQuestion("These characters are not in the comment.", "Give start and end within its text.")
    if aspect is not None:
        taxonomy.find(aspect)
    made = state.correct(feedback_id, start, end, reader.scope.principal, aspect=aspect)
    state.audit(reader.scope.principal, reader.scope.role, "label", {"id": made, "feedback_id": feedback_id, "aspect": aspect})
    return made


def _check_meanwhile(reader: Reader, state: State, wish: Wish) -> None:
    if wish.seen is None or wish.kind in QUIET:
        return
    mine = {wish.feedback_id} if wish.kind in ABOUT_COMMENTS else {decide.theme_id(reader, wish.theme)}
    for other in reversed(in_force(state.decisions(since=wish.seen))):
        if other.kind not in QUIET and other.who != reader.scope.principal and mine & _subjects(other):
            names = {str(k): str(v) for k, v in frame(reader, "themes").set_index("theme_id")["name"].items()}
            raise Meanwhile(
                f"{other.who} decided about this in the meantime: {told(other, names)}.", "Look again, then decide."
            )


def _subjects(d: Decision) -> set[str]:
    return {str(d.payload["feedback_id"])} if d.kind in ABOUT_COMMENTS else _themes(d) - {str(d.payload.get("into"))}


def _themes(d: Decision) -> set[str]:
    told_of: Sequence[Any] = [d.payload.get(k) for k in ("theme_id", "into", "from")] + list(d.payload.get("theme_ids") or ())
    return {str(t) for t in told_of if t}
