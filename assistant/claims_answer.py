"""Is their complaint right: each checkable claim of the comments in scope against the records, with the record shown."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from assistant import compose
from assistant.questions import Answer, Plan, Question
from assistant.shape import Name, day, framed
from assistant.voice_answer import texts_of
from knowledge import display
from knowledge.access import Reader
from knowledge.compile import rows_of
from knowledge.errors import NoData
from knowledge.records import Citation, Figure, MetricQuery, Quote, Verdict

SHOWN, MOST = 3, 0.75
THEIRS = re.compile(r"\b(?:their|theirs|his|her|its|they|them|this customer|that customer)\b", re.IGNORECASE)
SAID: dict[str, str] = {
    "late": "lateness", "damaged": "damage", "wrong_item": "wrong items", "incomplete": "incomplete deliveries", "no_reply": "unanswered questions",
    "slow_refund": "slow refunds", "wrong_invoice": "wrong invoices", "out_of_stock": "missing stock",
}  # fmt: skip


def checked(plan: Plan, question: Question, reader: Reader, name: Name) -> Answer:
    """How many of the checkable complaints in scope the records bear out or contradict; the newest of each with its record.

    Fails: NoData (`nobody_named` where "their" points at nobody; no claims in scope)."""
    query = replace(plan.queries[0], metric="feedback_count")
    if not query.where and THEIRS.search(question.text):
        raise NoData(
            "Whose complaint? Nobody has been named here yet.",
            "Name a customer, or ask about all complaints.",
            code="nobody_named",
        )
    rows = _claims(plan, query, reader)
    of = compose.scope_words(query, name) + compose.period_words(query.period)
    about = " and ".join(SAID[c] for c in plan.slots.get("claims") or () if c in SAID)
    if not rows:
        raise NoData(
            f"No complaint{' about ' + about if about else ''}{of} can be checked against the records.",
            "Ask what they say instead.",
            code="no_claims",
        )
    figures = {v: _count(v, sum(r["verdict"] == v for r in rows), len(rows), query, reader) for v in Verdict}
    right, wrong, unclear = (figures[v] for v in Verdict)
    whole = replace(right, label="Complaints that can be checked", value=len(rows), display=display.number(len(rows)))
    judged = int(right.value or 0) + int(wrong.value or 0)
    share = int(right.value or 0) / judged if judged else None
    verdict = _verdict(share)
    text = f"{verdict}: the records bear out **{right.display}** of {whole.display} checkable complaints{' about ' + about if about else ''}{of}"
    text += f", contradict **{wrong.display}**" + (f" and do not settle {unclear.display}." if unclear.value else ".")
    quotes: list[Quote] = []
    lines: list[str] = []
    cited: list[Citation] = []
    texts = texts_of(
        [r["feedback_id"] for r in rows[: 20 * SHOWN]]
        + [r["feedback_id"] for r in rows if r["verdict"] == Verdict.CONTRADICTED],
        reader,
    )
    for state, head in ((Verdict.CONTRADICTED, "Contradicted"), (Verdict.CORROBORATED, "Borne out")):
        for r in [r for r in rows if r["verdict"] == state and r["feedback_id"] in texts][:SHOWN]:
            quote = Quote(r["feedback_id"], texts[r["feedback_id"]][r["start"] : r["end"]], r["start"], r["end"])
            quotes.append(quote)
            cited.append(Citation(r["record_kind"] or "order", str(r["record_id"] or r["order_id"] or ""), r["evidence"] or ""))
            lines.append(f"- {head}: “{' '.join(quote.text.split())}” ({quote.feedback_id}). {r['evidence']}")
    text += "\n\n" + "\n".join(lines) if lines else ""
    text += f"\n\n_Claims in comments against orders, shipments, returns and contacts · data to {day(reader)}_"
    return framed(
        reader, plan, "answered", text, figures=(right, wrong, *((unclear,) if unclear.value else ()), whole),
        quotes=tuple(quotes), citations=tuple(cited),
    )  # fmt: skip


def _verdict(share: float | None) -> str:
    """In a word, by the share that is borne out of those that the records decide."""
    if share is None:
        return "They cannot be decided"
    if share in (0, 1):
        return "Yes" if share else "No"
    return "Mostly" if share >= MOST else "Mostly not" if share <= 1 - MOST else "In part"


def _claims(plan: Plan, query: MetricQuery, reader: Reader) -> list[dict[str, Any]]:
    """One claim of a kind a comment, newest comment first."""
    claims = reader.table("claims")
    kinds = list(plan.slots.get("claims") or ())
    if kinds:
        claims = claims.filter(claims.claim.isin(kinds))
    place = {identity: n for n, identity in enumerate(rows_of("feedback", query, reader))}
    found = [r for r in reader.engine.backend.to_pyarrow(claims).to_pylist() if r["feedback_id"] in place]
    once = {(r["feedback_id"], r["claim"]): r for r in sorted(found, key=lambda r: -r["segment"])}
    return sorted(once.values(), key=lambda r: (place[r["feedback_id"]], r["claim"]))


def _count(verdict: str, value: int, of: int, query: MetricQuery, reader: Reader) -> Figure:
    return Figure(
        "corroboration", f"Complaints {verdict}", value, "count", display.number(value), filters={f.dimension: list(f.values) for f in query.where},
        period=query.period, rows=of, as_of=reader.snapshot.as_of, definition="Claims of comments compared with the records they speak of.", source="METRICS C",
    )  # fmt: skip
