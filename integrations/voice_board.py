"""What customers say, as a board: every theme with its course, its mood, how much of it is borne out and what it is worth;
filtered by period, segment, region, product, channel, rating and mood. Reads one snapshot as one reader."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import fsum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from integrations.theme_evidence import YEAR, frame
from knowledge import display
from knowledge.access import Reader
from knowledge.errors import BadQuestion, NoData, RapportError
from knowledge.query import run
from knowledge.records import MetricQuery, Period, Verdict
from nlp.dedupe import Copies, counting
from nlp.ratings import leaning

Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
DIMENSIONS = ("segment", "region", "product", "category", "channel", "rating")
MOODS = {"negative": -1, "mixed": 0, "positive": 1}
WINDOW = 90
MONTHS, MOST_VALUES = 24, 60


@dataclass(frozen=True)
class Wanted:
    """What is looked at: days (both included), a value a dimension, a mood; nothing set is everything."""

    start: date | None = None
    end: date | None = None
    mood: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Board:
    """Clauses with what is known of their comments, prepared once a snapshot and reader. `worth`: what each customer bought in the
    last twelve months, empty where it is not to be seen."""

    said: pd.DataFrame
    comments: pd.DataFrame
    themes: pd.DataFrame
    states: Mapping[str, str]
    worth: Mapping[str, float]
    currency: str
    today: date
    options: Mapping[str, list[str]]


def prepare(reader: Reader, copies: Copies = "once") -> Board:
    """Fails: NoData before there are comments."""
    segments, feedback, texts = (reader.frame(n) for n in ("feedback_segments", "feedback", "feedback_text"))
    counts = counting(feedback, texts, copies)
    comments = _described(feedback[counts], reader)
    said = segments[counting(segments, texts, copies)]
    said = said.rename(columns={"segment": "clause"})[
        ["feedback_id", "clause", "start", "end", "text", "theme_id", "reason_id", "sentiment"]
    ].merge(comments, on="feedback_id")
    trends = frame(reader, "theme_trends")
    states = dict(zip(trends["theme_id"], trends["state"], strict=True)) if len(trends) else {}
    return Board(
        said.merge(_verdicts(reader), on=["feedback_id", "clause"], how="left"), comments, reader.frame("themes"), states,
        _worth(reader), str(reader.snapshot.facts.get("currency") or ""), reader.snapshot.as_of.date(),
        {d: sorted(str(v) for v in comments[d].dropna().value_counts().index[:MOST_VALUES]) for d in DIMENSIONS},
    )  # fmt: skip


def shown(board: Board, wanted: Wanted) -> dict[str, Any]:
    """The themes of what is wanted, grouped: `groups` by falling number of comments, `months` of their courses, `options` of each
    filter and how many `comments` there are in all."""
    said, comments = filtered(board.said, wanted), filtered(board.comments, wanted)
    months = _months(comments if len(comments) else board.comments)
    inside = said[said["theme_id"].notna()]
    about = board.themes.drop_duplicates("theme_id").set_index("theme_id")
    rows = _measured(inside, "theme_id", months, board, wanted)
    for row in rows:
        told = about.loc[row["id"]]
        row.update(theme_id=row.pop("id"), **{c: _text(told.get(c)) for c in ("name", "parent_id", "parent_name", "status")})
    above = inside.assign(theme_id=inside["theme_id"].map(about["parent_id"]).fillna(inside["theme_id"]))
    groups = {g["id"]: {**g, "name": "", "themes": []} for g in _measured(above, "theme_id", months, board, wanted)}
    for row in rows:
        group = groups[row["parent_id"] or row["theme_id"]]
        group["name"] = row["parent_name"] or row["name"]
        group["themes"].append(row)
    return {
        "groups": list(groups.values()),
        "months": months,
        "comments": int(comments["feedback_id"].nunique()),
        "in_theme": int(inside["feedback_id"].nunique()),
        "options": dict(board.options),
        "as_of": board.today.isoformat(),
    }


def filtered(rows: pd.DataFrame, wanted: Wanted) -> pd.DataFrame:
    """The rows that are wanted. Fails: BadQuestion for a dimension or a mood that is not there."""
    keep = np.ones(len(rows), dtype=bool)
    if wanted.start is not None:
        keep &= (rows["day"] >= pd.Timestamp(wanted.start)).to_numpy()
    if wanted.end is not None:
        keep &= (rows["day"] <= pd.Timestamp(wanted.end)).to_numpy()
    for dimension, value in wanted.values.items():
        if dimension not in DIMENSIONS:
            raise BadQuestion(f"Comments are not told apart by `{dimension}`.", f"By: {', '.join(DIMENSIONS)}.")
        keep &= (rows[dimension] == value).fillna(False).to_numpy(bool)
    if wanted.mood:
        if wanted.mood not in MOODS:
            raise BadQuestion(f"`{wanted.mood}` is no mood.", f"Moods: {', '.join(MOODS)}.")
        mood = rows["sentiment"] if "sentiment" in rows else rows["mood"]
        keep &= (mood == MOODS[wanted.mood]).fillna(False).to_numpy(bool)
    return rows[keep]


def course(board: Board, theme_id: str, wanted: Wanted) -> dict[str, Any]:
    """A theme by month: how many comments, and which share of all of that month."""
    comments = filtered(board.comments, wanted)
    own = filtered(board.said[board.said["theme_id"] == theme_id], wanted)
    months = _months(comments if len(comments) else board.comments)
    counts, of = _course(own, months), _course(comments, months)
    return {
        "months": months,
        "comments": counts,
        "share": [round(n / m, 6) if m else None for n, m in zip(counts, of, strict=True)],
    }


def comments_of(board: Board, theme_id: str, wanted: Wanted, *, reason: str = "", search: str = "") -> pd.DataFrame:
    """The clauses of a theme, newest first, one row a comment: its words in that theme and whose they are."""
    own = filtered(board.said[board.said["theme_id"] == theme_id], wanted)
    if reason:
        own = own[own["reason_id"] == reason]
    if search:
        own = own[own["text"].str.contains(search, case=False, regex=False)]
    return own.sort_values(["at", "feedback_id", "clause"], ascending=[False, True, True]).drop_duplicates("feedback_id")


def related(board: Board, theme_id: str, most: int = 5) -> list[dict[str, Any]]:
    """Themes that are said in the same comments, most often first."""
    inside = board.said.dropna(subset=["theme_id"])
    mine = set(inside.loc[inside["theme_id"] == theme_id, "feedback_id"])
    others = inside[inside["feedback_id"].isin(mine) & (inside["theme_id"] != theme_id)]
    counts = others.groupby("theme_id")["feedback_id"].nunique().sort_values(ascending=False, kind="stable")
    names = board.themes.set_index("theme_id")["name"]
    return [{"theme_id": t, "name": names.get(t, t), "together": int(n)} for t, n in counts.head(most).items()]


def _measured(own: pd.DataFrame, by: str, months: Sequence[str], board: Board, wanted: Wanted) -> list[dict[str, Any]]:
    """One row for each value of `by`, most comments first: counts, course, mood, what the record says, what it is worth."""
    if own.empty:
        return []
    key, ids = pd.factorize(own[by], sort=True)
    n = len(ids)
    comment, customer = pd.factorize(own["feedback_id"])[0], pd.factorize(own["customer_id"])[0]
    sentiment = own["sentiment"].to_numpy(np.float64)
    first = _first_of(key, comment)
    place = own["month"].map({m: i for i, m in enumerate(months)}).fillna(-1).to_numpy(np.int64)
    grid = np.zeros((n, len(months)), dtype=np.int64)
    dated = first & (place >= 0)
    np.add.at(grid, (key[dated], place[dated]), 1)
    age = (pd.Timestamp(wanted.end or board.today) - own["day"]).dt.days.to_numpy()
    known = ~np.isnan(sentiment)
    total, spoken = np.bincount(key[known], sentiment[known], n), np.bincount(key[known], minlength=n)
    verdict = own["verdict"].astype("object").to_numpy()
    right, wrong = (_count(key, comment, verdict == str(v), n) for v in (Verdict.CORROBORATED, Verdict.CONTRADICTED))
    buyers = _first_of(key, customer) & (customer >= 0)
    worth = _worths(own[sentiment < 0], by, board)
    rows = [
        {
            "id": str(ids[i]),
            "comments": int(c),
            "customers": int(b),
            "sentiment": round(float(total[i] / spoken[i]), 4) if spoken[i] else None,
            "months": grid[i].tolist(),
            "now": int(now),
            "before": int(before),
            "state": "" if _narrowed(wanted) else board.states.get(str(ids[i]), ""),
            "borne_out": int(right[i]),
            "decided": int(right[i] + wrong[i]),
            **_money(worth.get(str(ids[i]), 0.0) if board.worth else None, board.currency),
        }
        for i, (c, b, now, before) in enumerate(
            zip(
                np.bincount(key[first], minlength=n),
                np.bincount(key[buyers], minlength=n),
                np.bincount(key[first & (age >= 0) & (age < WINDOW)], minlength=n),
                np.bincount(key[first & (age >= WINDOW) & (age < 2 * WINDOW)], minlength=n),
                strict=True,
            )
        )
    ]
    return sorted(rows, key=lambda r: (-r["comments"], r["id"]))


def _first_of(key: Codes, other: Codes) -> Flags:
    """Which rows are the first of their pair."""
    return ~pd.Series(key * (int(other.max(initial=0)) + 2) + other).duplicated().to_numpy()


def _count(key: Codes, comment: Codes, rows: Flags, n: int) -> Codes:
    return np.bincount(key[rows][_first_of(key[rows], comment[rows])], minlength=n)


def _worths(unhappy: pd.DataFrame, by: str, board: Board) -> dict[str, float]:
    """What the customers who complain bought in the last twelve months, by theme."""
    pairs = unhappy[[by, "customer_id"]].dropna().drop_duplicates()
    bought = pairs["customer_id"].map(board.worth).fillna(0.0)
    return {str(k): round(fsum(v), 2) for k, v in bought.groupby(pairs[by])}


def _money(value: float | None, currency: str) -> dict[str, Any]:
    return {"value": value, "value_display": None if value is None else display.figure(value, "money", currency)}


def _described(feedback: pd.DataFrame, reader: Reader) -> pd.DataFrame:
    customers, products, facts = (frame(reader, n) for n in ("customers", "products", "customer_facts"))
    zone = str(reader.snapshot.facts.get("zone", "UTC"))
    at = pd.to_datetime(feedback["at"], utc=True)
    local = at.dt.tz_convert(zone)
    stars = leaning(feedback).reindex(feedback["feedback_id"]).to_numpy(np.float64)
    told = pd.DataFrame({
        "feedback_id": feedback["feedback_id"].to_numpy(object), "at": at.to_numpy(), "day": local.dt.tz_localize(None).dt.normalize().to_numpy(),
        "month": local.dt.strftime("%Y-%m").to_numpy(object), "customer_id": feedback["customer_id"].to_numpy(object),
        "order_id": feedback["order_id"].to_numpy(object), "channel": feedback["channel"].to_numpy(object),
        "rating": [_band(x) for x in stars],
    })  # fmt: skip
    told["product"] = _looked_up(feedback["product_id"], products, "product_id", "name")
    told["category"] = _looked_up(feedback["product_id"], products, "product_id", "category")
    told["customer"] = _looked_up(feedback["customer_id"], customers, "customer_id", "name")
    told["region"] = _looked_up(feedback["customer_id"], customers, "customer_id", "region")
    told["segment"] = _looked_up(feedback["customer_id"], facts, "customer_id", "rfm_segment")
    mood = frame(reader, "feedback_text").drop_duplicates("feedback_id").set_index("feedback_id")["mood"]
    told["mood"] = mood.reindex(told["feedback_id"]).to_numpy(np.float64)
    return told


def _band(stars: float) -> str | None:
    """Where -1 (lowest) to +1 (highest) lies; None without a rating."""
    return None if np.isnan(stars) else "low" if stars <= -0.25 else "middle" if stars < 0.5 else "high"


def _looked_up(ids: pd.Series, table: pd.DataFrame, key: str, column: str) -> Any:
    if table.empty or column not in table or key not in table:
        return None
    known = table.drop_duplicates(key).set_index(key)[column].astype("object")
    return known.reindex(ids.to_numpy(object)).where(lambda v: v.notna(), None).to_numpy(object)


def _verdicts(reader: Reader) -> pd.DataFrame:
    claims = frame(reader, "claims")
    if claims.empty:
        return pd.DataFrame(
            {"feedback_id": pd.Series(dtype=object), "clause": pd.Series(dtype="int64"), "verdict": pd.Series(dtype=object)}
        )
    order = {str(Verdict.CONTRADICTED): 0, str(Verdict.CORROBORATED): 1}
    ranked = claims.assign(rank=claims["verdict"].map(order).fillna(2)).sort_values(["feedback_id", "segment", "rank"])
    first = ranked.drop_duplicates(["feedback_id", "segment"])[["feedback_id", "segment", "verdict"]]
    return first.rename(columns={"segment": "clause"})


def _worth(reader: Reader) -> dict[str, float]:
    today = reader.snapshot.as_of.date()
    try:
        found = run(MetricQuery("revenue", ("customer",), period=Period(today - YEAR, today)), reader)
    except RapportError:
        return {}
    return {f.group["customer"]: float(f.value) for f in found.figures if isinstance(f.value, int | float)}


def _months(comments: pd.DataFrame) -> list[str]:
    """The last months up to the newest comment, none left out."""
    if comments.empty:
        return []
    last = pd.Period(comments["month"].max(), "M")
    first = max(pd.Period(comments["month"].min(), "M"), last - (MONTHS - 1))
    return [str(m) for m in pd.period_range(first, last, freq="M")]


def _course(own: pd.DataFrame, months: Sequence[str]) -> list[int]:
    counts = own.drop_duplicates(["feedback_id"])["month"].value_counts()
    return [int(counts.get(m, 0)) for m in months]


def _narrowed(wanted: Wanted) -> bool:
    return wanted != Wanted()


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)


def board_of(reader: Reader, copies: Copies = "once") -> Board | None:
    """The board; None where there are no comments."""
    try:
        return prepare(reader, copies)
    except NoData:
        return None
