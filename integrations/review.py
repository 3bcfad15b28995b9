"""The review of themes as doors show it: a list, and one card a theme. Reads derived tables; computes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from knowledge.access import Reader
from knowledge.errors import NoData, UnknownName


def theme_list(reader: Reader) -> list[dict[str, Any]]:
    """Themes by falling number of comments, each with its main reason."""
    themes = reader.frame("themes").sort_values(["comments", "theme_id"], ascending=[False, True])
    reasons = _frame(reader, "reasons")
    if len(reasons):
        first = reasons.sort_values(["comments", "reason_id"], ascending=[False, True]).groupby("theme_id").first()["name"]
    else:
        first = pd.Series(dtype="object")
    return [{**plain_row(row), "reason": first.get(row["theme_id"], "")} for row in themes.to_dict("records")]


def theme_card(reader: Reader, wanted: str) -> dict[str, Any]:
    """One theme by id or name: its figures, reasons with literal quotes, and typical comments.

    Fails: UnknownName with the nearest names."""
    themes = reader.frame("themes")
    match = themes[(themes["theme_id"] == wanted) | (themes["name"].str.casefold() == wanted.casefold())]
    if match.empty:
        from rapidfuzz import process

        nearest = tuple(n for n, _, _ in process.extract(wanted, themes["name"].tolist(), limit=3))
        raise UnknownName(f"There is no theme `{wanted}`.", f"Nearest: {', '.join(nearest)}.", nearest=nearest)
    theme = plain_row(match.iloc[0].to_dict())
    identity = theme["theme_id"]
    reasons, mentions = _frame(reader, "reasons"), _frame(reader, "reason_mentions")
    cards = []
    if len(reasons):
        for row in reasons[reasons["theme_id"] == identity].sort_values("comments", ascending=False).to_dict("records"):
            said = mentions[(mentions["reason_id"] == row["reason_id"])].sort_values("rank")
            quotes = said[["feedback_id", "text", "start", "end"]].head(3).to_dict("records")
            cards.append({**plain_row(row), "quotes": [plain_row(q) for q in quotes]})
    texts = reader.frame("feedback_text").set_index("feedback_id")["text"]
    typical = [{"feedback_id": f, "text": texts.get(f)} for f in theme.get("examples") or [] if f in texts.index]
    return {**theme, "reasons": cards, "typical": typical, "as_of": reader.snapshot.as_of.isoformat()}


def theme_text(card: dict[str, Any]) -> str:
    """The card as Markdown, as a quality engineer reads it."""
    lines = [
        f"**{card['name']}** · {card['comments']} comments, {card['customers']} customers · sentiment {card['sentiment']:+.1f}",
        "",
    ]
    if card["reasons"]:
        lines.append("Why they say it:")
        for reason in card["reasons"]:
            quote = f" — “{reason['quotes'][0]['text']}”" if reason["quotes"] else ""
            lines.append(f"- _{reason['name']}_ ({reason['comments']}){quote}")
        lines.append("")
    if card["typical"]:
        lines.append("In their words:")
        lines += [f"- “{t['text']}” ({t['feedback_id']})" for t in card["typical"][:3]]
    return "\n".join(lines)


def _frame(reader: Reader, name: str) -> pd.DataFrame:
    try:
        return reader.frame(name)
    except NoData:
        return pd.DataFrame()


def plain_row(row: Mapping[Any, Any]) -> dict[str, Any]:
    """JSON-ready: lists out of their JSON text, times as ISO, missing as None."""
    out: dict[str, Any] = {}
    for key, value in row.items():
        if key in {"terms", "examples"} and isinstance(value, str):
            out[key] = json.loads(value)
        elif isinstance(value, pd.Timestamp):
            out[key] = value.isoformat()
        elif value is None or (not isinstance(value, list) and pd.isna(value)):
            out[key] = None
        else:
            out[key] = value.item() if hasattr(value, "item") else value
    return out
