"""The review of themes as doors show it: a list, and one card a theme. Reads derived tables; computes nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from integrations.theme_evidence import evidence, frame, reasons_of, recounted
from knowledge.access import Reader
from knowledge.errors import UnknownName
from knowledge.records import Verdict
from nlp.trends_step import began


def theme_list(reader: Reader) -> list[dict[str, Any]]:
    """Themes by falling number of comments, each with its main reason."""
    themes = recounted(reader, reader.frame("themes"))
    themes = themes.sort_values(["comments", "theme_id"], ascending=[False, True])
    reasons = reasons_of(reader, themes)
    rising = frame(reader, "theme_trends")
    state = dict(zip(rising["theme_id"], rising["state"], strict=True)) if len(rising) else {}
    if len(reasons):
        first = reasons.sort_values(["comments", "reason_id"], ascending=[False, True]).groupby("theme_id").first()["name"]
    else:
        first = pd.Series(dtype="object")
    return [
        {**plain_row(row), "reason": first.get(row["theme_id"], ""), "trend": state.get(row["theme_id"])}
        for row in themes.to_dict("records")
    ]


def theme_card(reader: Reader, wanted: str) -> dict[str, Any]:
    """One theme by id or name: its figures, reasons with literal quotes, typical comments, and what the records say of it
    (`told` and `evidence`: the same in words).

    Fails: UnknownName with the nearest names."""
    themes = recounted(reader, reader.frame("themes"))
    plain = wanted.strip().casefold()
    match = themes[(themes["theme_id"].str.casefold() == plain) | (themes["name"].str.casefold() == plain)]
    if match.empty:
        from rapidfuzz import process

        nearest = tuple(n for n, _, _ in process.extract(wanted, themes["name"].tolist(), limit=3))
        raise UnknownName(f"There is no theme `{wanted}`.", f"Nearest: {', '.join(nearest)}.", nearest=nearest)
    theme = plain_row(match.iloc[0].to_dict())
    identity = theme["theme_id"]
    reasons = reasons_of(reader, themes)
    mentions, rising = (frame(reader, n) for n in ("reason_mentions", "reason_trends"))
    trend = {row["reason_id"]: plain_row(row) for row in rising.to_dict("records")}
    cards = []
    if len(reasons):
        for row in reasons[reasons["theme_id"] == identity].sort_values("comments", ascending=False).to_dict("records"):
            said = mentions[(mentions["reason_id"] == row["reason_id"])].sort_values("rank")
            quotes = said[["feedback_id", "text", "start", "end"]].head(3).to_dict("records")
            risen = trend.get(row["reason_id"])
            told = ", ".join(filter(None, (f"{row['comments']} ({row['share']:.0%})", _trend(risen))))
            cards.append({**plain_row(row), "told": told, "trend": risen, "quotes": [plain_row(q) for q in quotes]})
    texts = reader.frame("feedback_text").set_index("feedback_id")["text"]
    typical = [{"feedback_id": f, "text": texts.get(f)} for f in theme.get("examples") or [] if f in texts.index]
    found = {k: _plain(v) for k, v in evidence(reader, identity).items()}
    card = {**theme, "reasons": cards, "typical": typical, **found, "as_of": reader.snapshot.as_of.isoformat()}
    card["told"] = _trend(card["trend"])
    card["evidence"] = "\n".join([*_who(card["who"]), *_true(card["checked"]), *_costs(card)])
    return card


def theme_text(card: dict[str, Any]) -> str:
    """The card as Markdown, as a quality engineer reads it."""
    lines = [
        f"**{card['name']}** · {card['comments']} comments, {card['customers']} customers · sentiment {card['sentiment']:+.1f}",
        "",
    ]
    if card["told"]:
        lines[0] += f" · {card['told']}"
    for said in card["safety"]:
        lines += [f"**Safety ({said['kind']}):** “{said['text']}” ({said['feedback_id']})", ""]
    if card["reasons"]:
        lines.append("Why they say it, and what exactly:")
        for reason in card["reasons"]:
            quote = f" — “{reason['quotes'][0]['text']}”" if reason["quotes"] else ""
            lines.append(f"- _{reason['name']}_, {reason['told']}{quote}")
        lines.append("")
    lines.append(card["evidence"])
    if card["typical"]:
        lines.append("In their words:")
        lines += [f"- “{t['text']}” ({t['feedback_id']})" for t in card["typical"][:3]]
    return "\n".join(lines)


TRENDS = {
    "emerging": "new: {recent} of the last {recent_of} comments",
    "spiking": "rising: {ratio:.1f} × its former share in the last 60 days",
    "falling": "falling: {ratio:.1f} × its former share in the last 60 days",
}


def _trend(found: Mapping[str, Any] | None) -> str:
    """A trend in words; nothing for one that is steady or not known."""
    if not found:
        return ""
    if found["state"] in TRENDS:
        return TRENDS[found["state"]].format(**found)
    return began(found)


STANDING = {"first": "", "holds": ", also without the first", "within": ", most of all within the first"}


def _who(found: list[dict[str, Any]]) -> list[str]:
    clear = [w for w in found if w["standing"] in STANDING]
    if not clear:
        return []
    told = [
        f"- {w['dimension']} **{w['level']}** {'only there' if not w['rest_said'] else format(w['ratio'], '.1f') + ' × as often as elsewhere'} ({w['said']} of {w['of']} comments against {w['rest_said']} of "
        f"{w['rest_of']}; q {_small(w['q'])}{STANDING[w['standing']]})"
        + (f"; the same rows as {w['also']}" if w["also"] else "")
        for w in clear
    ]
    gone = [f"{w['dimension']} {w['level']}" for w in found if w["standing"] == "explained"]
    if gone:
        told.append(f"- no difference once the first is held equal: {', '.join(gone)}")
    return ["Who:", *told, ""]


def _true(checked: dict[str, Any] | None) -> list[str]:
    if not checked:
        return []
    n = checked["counts"]
    lines = [
        f"True? {n[Verdict.CORROBORATED]} borne out by the record, {n[Verdict.CONTRADICTED]} contradicted, {n[Verdict.NO_RECORD]} {Verdict.NO_RECORD.words}"
    ]
    for verdict, word in ((Verdict.CONTRADICTED, "Contradicted"), (Verdict.CORROBORATED, "Borne out")):
        lines += [f"- {word}: “{c['text']}” ({c['feedback_id']}) – {c['evidence']}" for c in checked["shown"][verdict][:2]]
    return [*lines, ""]


def _costs(card: dict[str, Any]) -> list[str]:
    told = [
        f"{m['effect']:+.2f} {'points of NPS' if m['measure'] == 'nps' else 'on the rating'} among those who say it (95 % {m['low']:+.2f} to {m['high']:+.2f}; an association)"
        for m in card["moves"]
    ]
    behind = card["behind"]
    if "revenue" in behind:
        told.append(
            f"the {behind['customers']} customers who complain of it bought {behind['revenue']['display']} in twelve months"
        )
    if "gross_margin" in behind:
        told.append(f"gross margin {behind['gross_margin']['display']}")
    return ["Costs: " + "; ".join(told) + ".", ""] if told else []


def _small(q: float) -> str:
    return "< 0.001" if q < 0.001 else f"= {q:.3f}"


def _plain(value: Any) -> Any:
    """JSON-ready all the way down."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return None
    return value.item() if hasattr(value, "item") else value


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
