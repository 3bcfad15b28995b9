"""`rapport analyze`: any file of comments to a report and tables. Needs no workspace."""

from __future__ import annotations

import html
import json
import os
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from knowledge.errors import BadInput
from nlp.dedupe import Copies, counting
from nlp.drivers import drivers
from nlp.encoder import load_encoder
from nlp.few import FEW
from nlp.lift import lifts
from nlp.pipeline import Voice, analyse
from nlp.report_forms import harmless, page, write_workbook
from nlp.safety import safety_statements
from nlp.taxonomy import load_taxonomy
from nlp.themes import MIXED
from nlp.trends import trends
from nlp.trends_step import began

MOODS = {-1: "negative", 0: "neutral", 1: "positive"}
SHOWN = 30


@dataclass(frozen=True)
class Analysis:
    """What `analyze` made: where the report and the tables are, and the figures of the run."""

    report: Path
    tables: dict[str, Path]
    voice: Voice
    drivers: pd.DataFrame
    comments: int
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        voice = self.voice
        return {
            "comments": self.comments,
            "set_aside": voice.set_aside,
            "themes": len(voice.themes),
            "reasons": len(voice.reasons),
            "unassigned": voice.unassigned,
            "duplicates": int(voice.texts["duplicate_of"].notna().sum()),
            "sentiment": {word: int((voice.texts["mood"] == sign).sum()) for sign, word in MOODS.items()},
            "at_odds": int(voice.texts["at_odds"].sum()),
            "seconds": round(self.seconds, 2),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
            "report": str(self.report),
            "tables": {n: str(p) for n, p in self.tables.items()},
        }

    def summary(self) -> str:
        """The first lines of the report."""
        return "\n".join(_head(self.voice, self.comments))


def analyze_file(
    file: Path, *, text: str, rating: str | None = None, date: str | None = None, segments: Sequence[str] = (), out: Path = Path("out"),
    taxonomy: str = "supply_chain", copies: Copies = "once", progress: Callable[[str], None] = lambda _: None,
) -> Analysis:  # fmt: skip
    """Themes, sentiment, reasons and safety statements of a file; with ratings drivers, with a date trends, by segments lifts; of near
    duplicates `copies` counts one or each. Writes Markdown, HTML, XLSX and CSV.

    Fails: BadInput naming the file, the column, what is there."""
    began = time.monotonic()
    rows = read_table(file)
    for column in filter(None, (text, rating, date, *segments)):
        if column not in rows.columns:
            raise BadInput(
                f"{file} has no column `{column}`.", f"It has: {', '.join(map(str, rows.columns))}.", code="no_column"
            )
    said = rows[text].astype("string").fillna("")
    if not (said.str.strip() != "").any():
        raise BadInput(f"Column `{text}` of {file} holds no text.", "Name another with --text.")
    width = len(str(len(rows)))
    feedback = pd.DataFrame({"feedback_id": [f"{i + 1:0{width}d}" for i in range(len(rows))], "text": said.to_numpy(object)})
    if rating:
        feedback = feedback.assign(**_stars(rows[rating]))
    if date:
        feedback = feedback.assign(at=dates(rows[date], date).to_numpy())
    voice = analyse(feedback, load_encoder(), load_taxonomy(taxonomy), copies=copies, progress=progress)
    moved = _drivers(voice, rows[rating], feedback["feedback_id"], str(rating)) if rating else pd.DataFrame()
    beside = Beside(
        _trends(voice, feedback) if date else pd.DataFrame(), _lifts(voice, rows, feedback["feedback_id"], segments),
        safety_statements(voice.segments),
    )  # fmt: skip
    progress("writing the report")
    out.mkdir(parents=True, exist_ok=True)
    kept = {
        "comments": voice.texts.drop(columns=["masks"]),
        "clauses": voice.segments,
        "themes": voice.themes,
        "reasons": voice.reasons,
        "reason_mentions": voice.reason_mentions,
        **({"drivers": moved} if len(moved) else {}),
        **{
            name: found
            for name, found in (("trends", beside.trends), ("segments", beside.lifts), ("safety", beside.safety))
            if len(found)
        },
    }
    tables = {name: out / f"{name}.csv" for name in kept} | {"workbook": out / "report.xlsx"}
    for name, frame in kept.items():
        _whole(tables[name], harmless(frame).to_csv(index=False))
    write_workbook(tables["workbook"], kept)
    report, told = out / "report.md", report_text(voice, moved, len(rows), f"{file.name}, column {text}", beside)
    _whole(report, told)
    tables["page"] = out / "report.html"
    _whole(tables["page"], page(told, _ranked(voice).head(SHOWN), beside.trends))
    return Analysis(report, tables, voice, moved, len(rows), time.monotonic() - began)


@dataclass(frozen=True)
class Beside:
    """What stands beside the themes: `trends` (with a date), `lifts` (by segment), `safety` statements."""

    trends: pd.DataFrame = field(default_factory=pd.DataFrame)
    lifts: pd.DataFrame = field(default_factory=pd.DataFrame)
    safety: pd.DataFrame = field(default_factory=pd.DataFrame)


def dates(told: pd.Series, column: str) -> pd.Series:
    """A column of dates as times. Fails: BadInput where most cells are none."""
    text = told.astype("string").str.strip()
    at = pd.to_datetime(text, utc=True, errors="coerce", format="mixed")
    if text.fillna("").ne("").sum() > 2 * at.notna().sum():
        raise BadInput(f"Column `{column}` holds no dates that can be read.", "Write them as 2026-11-29, or leave --date out.")
    return at


def _trends(voice: Voice, feedback: pd.DataFrame) -> pd.DataFrame:
    """Of themes, upper themes and reasons what they did over time, named; the latest comment is the day it is."""
    said = voice.segments[counting(voice.segments, voice.texts, voice.copies)]
    names = voice.themes.set_index("theme_id")["name"].to_dict()
    above = voice.themes.drop_duplicates("theme_id").set_index("theme_id")["parent_id"]
    names |= dict(zip(voice.themes["parent_id"], voice.themes["parent_name"] + " (group)", strict=True))
    names |= dict(zip(voice.reasons["reason_id"], voice.reasons["name"], strict=True))
    parts = [said["theme_id"], said["theme_id"].map(above), said["reason_id"]]
    every = pd.concat([pd.DataFrame({"feedback_id": said["feedback_id"], "theme_id": p}) for p in parts]).dropna()
    latest = feedback["at"].max()
    if pd.isna(latest) or every.empty:
        return pd.DataFrame()
    once = feedback[feedback["feedback_id"].isin(set(said["feedback_id"]))]
    found = trends(every, once, latest)
    return found.assign(name=found["theme_id"].map(names))


def _lifts(voice: Voice, rows: pd.DataFrame, ids: pd.Series, segments: Sequence[str]) -> pd.DataFrame:
    """Which segments say a theme more often than the rest (METRICS C9)."""
    if not segments:
        return pd.DataFrame()
    parts = [
        pd.DataFrame({"feedback_id": ids.to_numpy(), "dimension": s, "level": rows[s].astype("string").to_numpy(object)})
        for s in segments
    ]
    properties = pd.concat(parts, ignore_index=True).dropna()
    said = voice.segments[counting(voice.segments, voice.texts, voice.copies)].dropna(subset=["theme_id"])
    properties = properties[properties["feedback_id"].isin(set(said["feedback_id"])) & (properties["level"].str.strip() != "")]
    found = lifts({str(t): set(g) for t, g in said.groupby("theme_id")["feedback_id"]}, properties)
    return found.assign(name=found["outcome"].map(voice.themes.set_index("theme_id")["name"]))


def _stars(told: pd.Series) -> dict[str, Any]:
    """A column of ratings as `rating` and `rating_scale`, the scale being what occurs."""
    value = pd.to_numeric(told, errors="coerce")
    scale = f"{value.min():g}-{value.max():g}" if value.notna().any() else None
    return {"rating": value.to_numpy(), "rating_scale": scale}


def read_table(file: Path) -> pd.DataFrame:
    """A file of any format that `import` reads, every cell as text. Fails: BadInput."""
    from knowledge.readers import read
    from knowledge.tables import sql_session

    frame: pd.DataFrame = read(sql_session(), file).to_pandas()
    return frame.drop(columns=[c for c in frame.columns if str(c).startswith("_")])


def report_text(voice: Voice, moved: pd.DataFrame, comments: int, source: str, beside: Beside = Beside()) -> str:
    """The report as Markdown: what must be looked at first, what is said, why, in whose words; what changed, where, what it costs."""
    lines = [f"# What they say: {source}", "", *_head(voice, comments), ""]
    lines += [*_safety_text(beside.safety), *_trends_text(beside.trends), *_lifts_text(beside.lifts)]
    if len(moved):
        lines += _drivers_text(moved)
    lines += ["## Themes", ""]
    ranked = _ranked(voice)
    texts = voice.texts.set_index("feedback_id")["text"]
    for theme in ranked.head(SHOWN).to_dict("records"):
        lines += _theme_text(theme, voice, texts)
    if len(ranked) > SHOWN:
        rest = ranked.iloc[SHOWN:]
        lines += [
            "### Smaller themes",
            "",
            "; ".join(f"{n} ({c:,})" for n, c in zip(rest["name"], rest["comments"], strict=True)) + ".",
            "",
        ]
    lines += ["## How this was made", "", METHOD, ""]
    return "\n".join(lines)


def _safety_text(found: pd.DataFrame) -> list[str]:
    if found.empty:
        return []
    told = [f"- {r['kind']}: “{_line(r['text'])}” ({r['feedback_id']})" for r in found.head(SHOWN).to_dict("records")]
    rest = [f"- and {len(found) - SHOWN} more in safety.csv"] if len(found) > SHOWN else []
    return ["## Look at these first: somebody may be in danger", "", *told, *rest, ""]


def _trends_text(found: pd.DataFrame) -> list[str]:
    if found.empty:
        return []
    words = {"emerging": "new", "spiking": "rising", "falling": "fading"}
    told = []
    for r in found.sort_values(["step_q", "theme_id"]).to_dict("records"):
        recent = f"{words[r['state']]}, {r['ratio']:.1f} × its former share in the last 60 days" if r["state"] in words else ""
        if what := "; ".join(filter(None, (recent, began(r)))):  # type: ignore[arg-type]
            told.append(f"- **{r['name']}**: {what}")
    return ["## What changed", "", *(told[:SHOWN] or ["Nothing beyond chance."]), ""]


def _lifts_text(found: pd.DataFrame) -> list[str]:
    clear = found[(found["standing"] != "explained") & (found["name"] != MIXED.name)] if len(found) else found
    if clear.empty:
        return []
    lines = [
        "## Who says it more than others",
        "",
        "| theme | segment | says it | elsewhere | times |",
        "|---|---|--:|--:|--:|",
    ]
    lines += [
        f"| {r['name']} | {r['dimension']}: {_line(r['level'])} | {r['said']} of {r['of']} | {r['rest_said']} of {r['rest_of']} | {r['ratio']:.1f} |"
        for r in clear.sort_values("excess", ascending=False).head(SHOWN).to_dict("records")
    ]
    return [*lines, ""]


def _ranked(voice: Voice) -> pd.DataFrame:
    """Themes by falling number of comments; mixed remarks come last."""
    mixed = voice.themes["name"] == MIXED.name
    return voice.themes.assign(mixed=mixed).sort_values(["mixed", "comments", "theme_id"], ascending=[True, False, True])


METHOD = (
    "Comments were masked for personal data, split into clauses and encoded once. Themes are groups of clauses (nearest "
    "neighbours, Leiden) at the resolution that is most repeatable; a comment can be in several. A reason is what people give as "
    "the cause, or what sets part of a theme apart from the rest of it. Sentiment is of the clause that speaks of the theme, "
    "from −1 to +1. A rating tips the mood of a comment whose words leave it open."
)


def _head(voice: Voice, comments: int) -> list[str]:
    texts = voice.texts
    moods = texts["mood"].dropna()
    copies = int(texts["duplicate_of"].notna().sum())
    lines = [
        f"**{comments:,} comments, {len(voice.themes)} themes, {len(voice.reasons)} reasons.** "
        + (
            f"{(moods < 0).mean():.0%} negative, {(moods == 0).mean():.0%} neutral, {(moods > 0).mean():.0%} positive. "
            if len(moods)
            else ""
        )
        + f"{voice.unassigned:.1%} in no theme{_mixed(voice)}; {copies:,} copies count {'once' if voice.copies == 'once' else 'each'}."
    ]
    if len(voice.segments) < FEW:
        lines.append("Too few to find groups in: they are told by aspect.")
    if odds := int(texts["at_odds"].sum()):
        lines.append(f"{odds:,} rate one way and read the other (`at_odds` in comments.csv): sarcasm, or a scale misread.")
    if voice.set_aside:
        aside = ", ".join(f"{n:,} {why}" for why, n in voice.set_aside.items())
        english = " (the encoder reads English)" if any(w.startswith("language") for w in voice.set_aside) else ""
        lines.append(f"Set aside: {aside}{english}.")
    mood = voice.segments.groupby("reason_id")["sentiment"].mean()
    for title, bad in (("Most said, negative", True), ("Most said, positive", False)):
        ranked = _ranked(voice)
        agree = voice.reasons[voice.reasons["reason_id"].map(mood).fillna(0).lt(0) == bad]
        reasons = agree.sort_values("comments", ascending=False).groupby("theme_id")["name"].first().to_dict()
        top = ranked[~ranked["mixed"] & ((ranked["sentiment"] < -0.15) if bad else (ranked["sentiment"] > 0.15))].head(5)
        if len(top):
            told = [
                f"{r['name']} ({r['comments']:,}" + (f": {reasons[r['theme_id']]}" if r["theme_id"] in reasons else "") + ")"
                for r in top.to_dict("records")
            ]
            lines += ["", f"{title}: " + "; ".join(told) + "."]
    return lines


def _mixed(voice: Voice) -> str:
    mixed = voice.themes.loc[voice.themes["name"] == MIXED.name, "share"]
    return f", {mixed.iloc[0]:.1%} with remarks too mixed to be one theme" if len(mixed) else ""


def _theme_text(theme: dict[Any, Any], voice: Voice, texts: pd.Series) -> list[str]:
    identity = theme["theme_id"]
    lines = [
        f"### {theme['name']}",
        "",
        f"{theme['comments']:,} comments ({theme['share']:.1%}), sentiment {theme['sentiment']:+.2f}, part of “{theme['parent_name']}”."
        + (f" Terms: {', '.join(terms)}." if (terms := json.loads(theme["terms"])) else ""),
        "",
    ]
    why = voice.reasons[voice.reasons["theme_id"] == identity].sort_values("comments", ascending=False)
    if len(why):
        lines.append("Why they say it, and what exactly:")
        for reason in why.head(5).to_dict("records"):
            said = voice.reason_mentions[voice.reason_mentions["reason_id"] == reason["reason_id"]]
            quote = said.sort_values("rank")["text"].iloc[0]
            lines.append(f"- **{reason['name']}** ({reason['comments']:,}, {reason['share']:.0%}): “{_line(quote)}”")
        lines.append("")
    lines.append("In their words:")
    said = voice.segments[voice.segments["theme_id"] == identity].drop_duplicates("feedback_id").set_index("feedback_id")
    lines += [
        f"- “{around(texts[f], int(said['start'][f]), int(said['end'][f]))}” ({f})"
        for f in json.loads(theme["examples"])
        if f in said.index
    ][:3]
    return [*lines, ""]


def around(text: str, start: int, end: int, longest: int = 260) -> str:
    """The characters start..end of a text with as much before and after as fits, cut between words."""
    spare = longest - (end - start)
    if len(text) <= longest or spare <= 0:
        return _line(text if spare > 0 else text[start:end], longest)
    begin = max(0, start - spare // 3)
    stop = min(len(text), begin + longest)
    begin = max(0, min(begin, stop - longest))
    begin = text.find(" ", begin, start) + 1 if begin and " " in text[begin:start] else start if begin else 0
    stop = text.rfind(" ", end, stop) if stop < len(text) and " " in text[end:stop] else stop
    return ("… " if begin else "") + _line(text[begin:stop], longest + 1) + (" …" if stop < len(text) else "")


def _drivers(voice: Voice, rating: pd.Series, ids: pd.Series, column: str) -> pd.DataFrame:
    score = pd.Series(pd.to_numeric(rating, errors="coerce").to_numpy(), index=ids)
    if score.notna().sum() == 0:
        raise BadInput(f"Column `{column}` holds no numbers.", "Name another with --rating, or leave it out.")
    said = voice.segments.dropna(subset=["theme_id"])
    table = pd.crosstab(said["feedback_id"], said["theme_id"]).clip(upper=1)
    found = drivers(score, table.reindex(score.index).fillna(0))
    names = voice.themes.set_index("theme_id")["name"]
    named = found.assign(name=found["theme"].map(names))
    named.attrs.update(found.attrs)
    return named


def _drivers_text(moved: pd.DataFrame) -> list[str]:
    clear = moved[(moved["low"] > 0) | (moved["high"] < 0)]
    lines = [
        "## What moves the rating",
        "",
        f"Association, not proof; themes explain {moved.attrs.get('r2', 0):.0%} of the differences (R²).",
        "",
    ]
    lines += [
        "| theme | comments | effect on the rating | 95 % interval | mean with it | without |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for part in (clear[clear["effect"] < 0].head(8), clear[clear["effect"] > 0].tail(8)[::-1]):
        lines += [
            f"| {r['name']} | {r['comments']:,} | {r['effect']:+.2f} | {r['low']:+.2f} to {r['high']:+.2f} | {r['mean_with']:.2f} | {r['mean_without']:.2f} |"
            for r in part.to_dict("records")
        ]
    return [*lines, ""]


def _line(text: str, longest: int = 260) -> str:
    one = " ".join(html.unescape(str(text)).split())
    return one if len(one) <= longest else one[: one.rfind(" ", 0, longest)] + " …"


def _whole(path: Path, content: str) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(content, encoding="utf-8")
    os.replace(part, path)
