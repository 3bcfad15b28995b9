"""Answers about what customers say: themes with their reasons and quotes, and comments in their own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from assistant import compose
from assistant.documents import content_words, stems
from assistant.questions import Answer, Plan
from assistant.shape import Name, framed, query_json
from knowledge.access import Reader
from knowledge.errors import NoData
from knowledge.query import run as run_query
from knowledge.records import Citation, Figure, MetricQuery, Quote

QUOTES, COMMENTS, THEMES = 1, 8, 3
LONG = 4
"""Stems of so many letters may end otherwise in the text (delivery, deliveries)."""


def themes_of(plan: Plan, reader: Reader, name: Name) -> Answer:
    """The themes of the comments in scope, most said first, each with its main reason and one quote."""
    query = plan.queries[0]
    result = run_query(query, reader)
    figures = [f for f in result.figures if f.group["theme"] not in ("(not given)", "")]
    if not figures:
        raise NoData(
            f"No comments{compose.scope_words(query, name)}{compose.period_words(query.period)}.",
            "Widen the period or the filters.",
        )
    whole = run_query(
        replace(query, by=(), order=None, limit=None, where=tuple(f for f in query.where if f.dimension != "sentiment")), reader
    ).figures[0]
    comments = _in_scope(query, reader)
    quotes: list[Quote] = []
    lines = []
    rows = []
    for figure in figures:
        identity = figure.group["theme"]
        reason, quote = _why(identity, comments, reader)
        told = f"- **{name('theme', identity)}** ({figure.display} comments)"
        if reason:
            told += f": {reason}"
        if quote:
            quotes.append(quote)
            told += f" — “{' '.join(quote.text.split())}” ({quote.feedback_id})"
        lines.append(told)
        rows.append([name("theme", identity), figure.display, reason or ""])
    mood = next((f.values[0] for f in query.where if f.dimension == "sentiment"), None)
    what = {"-1": "complain about", "1": "praise"}.get(mood or "", "speak of")
    who = compose.scope_words(replace(query, where=tuple(f for f in query.where if f.dimension != "sentiment")), name)
    text = f"What customers {what}{who}{compose.period_words(query.period)}, of {whole.display} comments:\n\n" + "\n".join(
        lines
    )
    text += f"\n\n_Themes found in the comments; a comment may be in several · data to {reader.snapshot.as_of:%-d %b %Y}_"
    table = {"columns": ["Theme", "Comments", "Main reason"], "rows": rows}
    slots = {
        **plan.slots,
        "names": [name("theme", f.group["theme"]) for f in figures],
        "reasons": [r[2] for r in rows],
        **_asked(query),
    }
    return framed(
        reader, replace(plan, slots=slots), "answered", text, figures=(*figures, whole), table=table, quotes=tuple(quotes)
    )


def comments_of(plan: Plan, reader: Reader, name: Name) -> Answer:
    """The newest comments in scope, in their own words; of a topic those that speak of it, and the themes that they are in."""
    query = plan.queries[0]
    topic = str(plan.slots.get("topic") or "")
    identities = _in_scope(query, reader)
    words = content_words(topic)
    texts = texts_of(identities if topic else identities[: 50 * COMMENTS], reader, words)
    if topic:
        identities = [i for i in identities if words and set(words) <= stems(texts.get(i, ""))]
    mood = next((f.values[0] for f in query.where if f.dimension == "sentiment"), "")
    plain = replace(query, where=tuple(f for f in query.where if f.dimension != "sentiment"))
    scope = f"{compose.scope_words(plain, name)}{compose.period_words(query.period)}"
    called = {"-1": "negative comments", "1": "positive comments"}.get(mood, "comments")
    if not identities:
        about = f" of “{topic}”" if topic else ""
        raise NoData(
            f"No comment speaks{about}{scope}." if topic else f"No {called}{scope}.", "Widen the period or the filters."
        )
    chosen = [i for i in identities if i in texts][: plan.slots.get("limit") or COMMENTS]
    quotes = tuple(Quote(i, texts[i], 0, len(texts[i])) for i in chosen)
    count = run_query(replace(query, by=(), order=None, limit=None), reader).figures[0]
    figures: tuple[Figure, ...] = (count,)
    if topic:
        whole = count
        count = replace(
            count,
            label=f"Comments that speak of {topic}",
            value=len(identities),
            display=f"{len(identities):,}",
            rows=len(identities),
        )
        figures = (count, whole)
        text = f"**{count.display}** of {whole.display} {called}{scope} speak of “{topic}”."
        themes, counted = _themes(identities, count, reader, name)
        figures = (*figures, *counted)
        text += f" Most are about {', '.join(themes)}." if themes else ""
        text += " The newest:\n\n"
    else:
        themes = []
        text = f"**{count.display}** {called}{scope}; the newest:\n\n"
    text += "\n".join(f"- “{' '.join(q.text.split())}” ({q.feedback_id})" for q in quotes)
    slots = {**plan.slots, "names": [*(plan.slots.get("names") or ()), topic, *themes], **_asked(query)}
    return framed(
        reader,
        replace(plan, slots=slots),
        "answered",
        text,
        figures=figures,
        quotes=quotes,
        citations=tuple(Citation("feedback", q.feedback_id) for q in quotes),
    )


def _asked(query: MetricQuery) -> dict[str, Any]:
    """The query as it ran, where a condition limits the comments."""
    return {"queries": [query_json(query)]} if query.only is not None else {}


def texts_of(identities: list[str], reader: Reader, words: Sequence[str] = ()) -> dict[str, str]:
    """The masked texts, without empty ones; with `words` (stems) those that may hold them all."""
    table = reader.table("feedback_text")
    for word in words:
        table = table.filter(table.text.lower().contains(word if len(word) < LONG else word[:-1]))
    table = table if words else table.filter(table.feedback_id.isin(identities))
    rows = reader.engine.backend.to_pyarrow(table.select("feedback_id", "text")).to_pylist()
    return {r["feedback_id"]: r["text"] for r in rows if (r["text"] or "").strip()}


def _themes(identities: list[str], like: Figure, reader: Reader, name: Name) -> tuple[list[str], tuple[Figure, ...]]:
    """The themes that most of these comments are in, in words and as figures."""
    if not reader.rows("feedback_segments"):
        return [], ()
    said = reader.table("feedback_segments")
    counted = (
        said.filter(said.feedback_id.isin(identities) & said.theme_id.notnull())
        .group_by("theme_id")
        .aggregate(n=said.feedback_id.nunique())
    )
    rows = sorted(reader.engine.backend.to_pyarrow(counted).to_pylist(), key=lambda r: (-r["n"], r["theme_id"]))[:THEMES]
    figures = tuple(
        replace(like, label="Comments in the theme", value=r["n"], display=f"{r['n']:,}", group={"theme": r["theme_id"]})
        for r in rows
    )
    return [f"{name('theme', r['theme_id'])} ({f.display})" for r, f in zip(rows, figures, strict=True)], figures


def _in_scope(query: MetricQuery, reader: Reader) -> list[str]:
    """Ids of the comments that the query counts, newest first (ties by id)."""
    from knowledge.compile import rows_of

    return rows_of("feedback", query, reader)


def _why(theme: str, comments: list[str], reader: Reader) -> tuple[str | None, Quote | None]:
    """The main reason of a theme among these comments, and its most typical quote there."""
    if not reader.rows("reason_mentions"):
        return None, None
    mentions = reader.table("reason_mentions")
    own = mentions.filter(mentions.theme_id == theme)
    found = reader.engine.backend.to_pyarrow(own).to_pylist()
    inside = set(comments)
    kept: list[dict[str, Any]] = [m for m in found if m["feedback_id"] in inside]
    if not kept:
        return None, None
    counts: dict[str, set[str]] = {}
    for m in kept:
        counts.setdefault(m["reason_id"], set()).add(m["feedback_id"])
    top = min(counts, key=lambda r: (-len(counts[r]), r))
    reasons = reader.table("reasons")
    told = reader.engine.backend.to_pyarrow(reasons.filter(reasons.reason_id == top).select("name")).to_pylist()
    best = min((m for m in kept if m["reason_id"] == top), key=lambda m: (m["rank"], m["feedback_id"]))
    return (told[0]["name"] if told else None), Quote(best["feedback_id"], best["text"], best["start"], best["end"])
