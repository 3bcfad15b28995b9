"""Questions of a survey by what they ask and what was answered, not by their exact words: a score to recommend, satisfaction,
effort, comments. Each column that a mapping `asks` for is added, its answers as numbers or texts; what is not read is said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import yaml

from knowledge.dates import dates_of
from knowledge.lookups import alike, matched
from knowledge.mapping import Accept
from knowledge.nearest import Meaning
from knowledge.readers import ROW

WORDS = Path(__file__).parent / "survey.yaml"
NUMBER = re.compile(
    r"^\D{0,60}?(?<![\d.,/-])(\d{1,2})(?:[.,]0+)?(?:\s*(?:/|out of|von|sur|de|di|van|av)\s*\d{1,2})?(?![\d.,/:-]*\d)\D{0,80}$"
)
LEGEND = re.compile(r"(?<!\d)(\d{1,2})\s*[=:–-]\s*([^\W\d_][^,;()\d=]*)")
"""A point of a scale with its word, as a question explains it."""
RANGE = re.compile(
    r"(?<![\d.])([01])(?!\d)\s*(?:=[^,;)\d]{1,40}[,;]?|to|bis|à|au|al|a|tot|til|till|do|-|–|\.\.|/)\s*(\d{1,2})(?!\d)",
    re.IGNORECASE,
)
STARS = re.compile(r"^\s*([★⭐]+)[☆\s]*$")
MACHINE = re.compile(r"^(?:\S+@\S+|[\d.:/\-\sT+Z]+|\d+(?:\.\d+){3}|https?://\S+|\{.*)$", re.DOTALL)
GROUPED = re.compile(r"(?:_|\b)NPS_GROUP$", re.IGNORECASE)
NEAR, CLEARLY = 0.45, 0.05
MOST_WORDS = 9
LOOKED_AT = 5000
"""Rows, evenly spread, that show what a column holds."""
AS_THEY_ARE = ("comment", "time")


@dataclass(frozen=True)
class Question:
    """A column: its name, all that stands above its answers, and its answers (without empty ones)."""

    name: str
    label: str
    answers: tuple[str, ...]

    @property
    def points(self) -> list[int]:
        return [p for a in self.answers if (p := point(a)) is not None]

    @property
    def numbers(self) -> bool:
        """Whether its answers are points of a scale."""
        return bool(self.answers) and len(self.points) >= 0.8 * len(self.answers) and all(0 <= p <= 10 for p in self.points)

    @property
    def words(self) -> bool:
        """Whether its answers are the few words of a scale of satisfaction."""
        known = sum(degree(a) is not None for a in self.answers)
        return bool(self.answers) and len(set(self.answers)) <= MOST_WORDS and known >= 0.6 * len(self.answers)

    @property
    def graded(self) -> bool:
        """Whether its answers are grades by themselves (`Good`, `Poor`), whatever was asked; more than one of them."""
        known = [a for a in self.answers if _grade(_plain(a)) is not None]
        return len(known) >= 0.8 * len(self.answers) and len(set(known)) > 1

    @property
    def texts(self) -> bool:
        """Whether people wrote the answers themselves."""
        free = [a for a in self.answers if not MACHINE.match(a)]
        return bool(free) and len(free) >= 0.5 * len(self.answers)

    @property
    def times(self) -> bool:
        """Whether its answers are days or moments."""
        return bool(self.answers) and not self.numbers and dates_of(self.answers).share >= 0.9

    @property
    def free(self) -> bool:
        long = [a for a in self.answers if len(a.split()) >= 3]
        return self.texts and len(long) >= 0.5 * len(self.answers) and len(set(self.answers)) >= 0.7 * len(self.answers)


@cache
def _words() -> dict[str, Any]:
    return dict(yaml.safe_load(WORDS.read_text(encoding="utf-8")))


def with_answers(table: pa.Table, accept: Mapping[str, Accept], meaning: Meaning | None = None) -> tuple[pa.Table, list[str]]:
    """The table with a column for each question that is asked for (and `<name>_scale` of a rating, as its label says it), and what
    is to be said: scores that were not found, and questions that were not read."""
    wanted = {name: a for name, a in accept.items() if a.asks}
    if not wanted:
        return table, []
    questions, heads = _questions(table, accept)
    found, taken = _found(table, questions, wanted, meaning)
    for name, a in wanted.items():
        if not found[name] and any(c.casefold() == name.casefold() for c in table.column_names):
            continue
        scaled = next((s for s in [f"{name}_scale"] if a.asks not in ("nps", *AS_THEY_ARE) and not _has(table, accept, s)), "")
        table = _added(table, name, str(a.asks), found[name], heads, scaled)
    uncounted = [
        (q, ends) for n, a in wanted.items() if a.asks == "satisfaction" for q in found[n][:1] if (ends := _best_is_low(q))
    ]
    said = [
        f"`{q.name}`: {low} is the best of its grades; they are turned round, to {low}-{high} with {high} as the best. The share of the satisfied (CSAT) is told of scales of 1-5, 0-10 and 0-1 only, not of these."
        for q, (low, high) in uncounted
        if (low, high) != (1, 5)
    ]
    return table, [*said, *_said(questions, taken, wanted, found)]


def recognised(table: pa.Table, wanted: Mapping[str, Accept], meaning: Meaning | None = None) -> dict[str, list[Question]]:
    """The questions of a table that ask for what is `wanted`, by its name there."""
    return _found(table, _questions(table, wanted)[0], wanted, meaning)[0]


def _found(
    table: pa.Table, questions: Sequence[Question], wanted: Mapping[str, Accept], meaning: Meaning | None
) -> tuple[dict[str, list[Question]], set[str]]:
    """Which questions ask for what: by their names, their words, their meaning; and all columns that are taken so."""
    found = _named(questions, wanted)
    taken = {q.name for qs in found.values() for q in qs} | {c for c in table.column_names if c.casefold() in wanted}
    rest = [q for q in questions if q.name not in taken and not GROUPED.search(q.name)]
    near = [""] * len(rest)
    for how in ("words", "meaning"):
        if how == "meaning":
            open_ = [n for n, a in wanted.items() if not found.get(n) and a.asks != "time"]
            if meaning is None or not open_ or not any(q.name not in taken and len(q.label.split()) >= 3 for q in rest):
                break
            near = _near([q.label for q in rest], meaning)
        for name, a in wanted.items():
            if not found.get(name):
                fits = [q for q, n in zip(rest, near, strict=True) if q.name not in taken and _fits(str(a.asks), q, n)]
                found[name] = fits if a.asks == "comment" else fits[:1]
                taken |= {q.name for q in found[name]}
    for name, a in wanted.items():
        if a.asks == "comment" and not found[name]:
            found[name] = [q for q in rest if q.name not in taken and q.free]
            taken |= {q.name for q in found[name]}
    return found, taken


def _has(table: pa.Table, accept: Mapping[str, Accept], name: str) -> bool:
    names = {name, *(n.casefold() for n in accept[name].names)} if name in accept else {name}
    return any(c.casefold() in names for c in table.column_names)


def _questions(table: pa.Table, accept: Mapping[str, Accept]) -> tuple[list[Question], int]:
    """The columns that no plain name of the mapping takes, and how many rows of labels are above the answers."""
    others = {n: a for n, a in accept.items() if not a.asks}
    plain = {n.casefold() for a in others.values() for n in a.names}
    plain |= {c.casefold() for c in matched(others, [n for n in table.column_names if n != ROW]).values()}
    names = [n for n in table.column_names if n != ROW and n.casefold() not in plain]
    heads = _heads(table)
    top = table.slice(0, heads).to_pylist()
    columns = table.slice(heads)
    if columns.num_rows > LOOKED_AT:
        columns = columns.take(pa.array(np.linspace(0, columns.num_rows - 1, LOOKED_AT).astype(np.int64)))
    out = []
    for name in names:
        labels = [name, *(str(r[name]) for r in top if r[name] and not str(r[name]).startswith("{"))]
        told = " ".join(dict.fromkeys(" ".join(x.split()) for x in labels))
        out.append(Question(name, told, tuple(v.strip() for v in columns[name].to_pylist() if v is not None and v.strip())))
    return out, heads


def _heads(table: pa.Table) -> int:
    """Rows below the header that are labels too: Qualtrics' down to the ids of import, SurveyMonkey's without a respondent."""
    names = [n for n in table.column_names if n != ROW]
    top = table.select(names).slice(0, 3).to_pylist()
    for place in range(len(top), 0, -1):
        row = top[place - 1]
        if any(str(v).startswith('{"ImportId"') for v in row.values() if v):
            return place
    return 1 if top and not (top[0][names[0]] or "").strip() and any(top[0].values()) else 0


def _named(questions: Sequence[Question], wanted: Mapping[str, Accept]) -> dict[str, list[Question]]:
    by_name = {q.name.strip().casefold(): q for q in questions}
    groups = [by_name.get(GROUPED.sub("", q.name).casefold()) for q in questions if GROUPED.search(q.name)]
    found: dict[str, list[Question]] = {}
    for name, a in wanted.items():
        q = next((by_name[n.casefold()] for n in a.names if n.casefold() in by_name), None)
        if q is None and a.like:
            name_alike = alike(a.like, [x.name for x in questions if a.asks == "comment" or x.numbers or x.words or x.times])
            q = by_name.get((name_alike or "").strip().casefold())
        q = q or (next((g for g in groups if g is not None), None) if a.asks == "nps" else None)
        if q is not None and (a.asks != "comment" or q.texts or not q.answers):
            found[name] = [q]
    return found


def _fits(asks: str, q: Question, near: str) -> bool:
    """Whether a column is an answer to that: by its values alone where days are asked for, else also by its words or `near`, what
    its label means."""
    if asks == "time":
        return q.times
    said = _asks(q.label, asks) or near == asks
    if asks == "nps":
        return said and q.numbers
    if asks == "comment":
        return said and q.texts and not q.words and not q.numbers and len(set(q.answers)) >= 0.5 * len(q.answers)
    return (said or (q.graded and asks == "satisfaction")) and (q.numbers or q.words) and not _asks(q.label, "nps")


def _asks(label: str, asks: str) -> bool:
    """Whether a word of the label begins as one of the question's words does."""
    text = _plain(label)
    return bool(_pattern("asks", asks).search(text)) or (asks == "nps" and re.search(r"\bnps\b", text) is not None)


@cache
def _pattern(part: str, name: str) -> re.Pattern[str]:
    said = sorted((_plain(w) for w in _words()[part][name]), key=len, reverse=True)
    return re.compile(
        "|".join(
            (r"(?<![^\W\d_])" if w[0].isascii() or (w[0].isalpha() and ord(w[0]) < 0x2000) else "") + re.escape(w) for w in said
        )
    )


def _plain(text: str) -> str:
    """Small letters without accents."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFKC", "".join(c for c in split if unicodedata.category(c) != "Mn" or ord(c) > 0x2000))


def _near(labels: Sequence[str], meaning: Meaning) -> list[str]:
    """What each label asks by its meaning; "" where that is not clear."""
    kinds = [(kind, text) for kind, texts in _words()["meaning"].items() for text in texts]
    vectors, known = meaning(list(labels)), meaning([t for _, t in kinds])
    close = np.round(np.asarray(vectors, np.float64) @ np.asarray(known, np.float64).T, 2)
    out = []
    for row in close:
        best = {k: max(s for (kind, _), s in zip(kinds, row, strict=True) if kind == k) for k, _ in kinds}
        first, second = sorted(best, key=lambda k: (-best[k], k))[:2]
        out.append(first if best[first] >= NEAR and best[first] - best[second] >= CLEARLY and first != "other" else "")
    return out


def _added(table: pa.Table, name: str, asks: str, questions: Sequence[Question], heads: int, scaled: str) -> pa.Table:
    columns = [table[q.name].to_pylist() for q in questions]
    values: list[str | None] = [None] * table.num_rows
    if asks == "time" and columns:
        values = list(columns[0])
    elif asks == "comment":
        texts = [[v.strip() for v in row if v and v.strip()] for row in zip(*columns, strict=True)]
        values = ["\n".join(dict.fromkeys(t)) or None for t in texts] if columns else values
    elif columns:
        words = not questions[0].numbers
        values = [_score(v, words) for v in columns[0]]
        if best := _best_is_low(questions[0]):
            values = [v and (str(sum(best) - int(v)) if v.isdigit() else v) for v in values]
    values[:heads] = [None] * heads
    there = [c.casefold() for c in table.column_names]
    if name.casefold() in there:
        place = there.index(name.casefold())
        table = table.set_column(place, table.column_names[place], pa.array(values, pa.string()))
    else:
        table = table.append_column(name, pa.array(values, pa.string()))
    if scaled:
        ends = _best_is_low(questions[0]) if questions else None
        scale = f"{ends[0]}-{ends[1]}" if ends else _scale(questions[0]) if questions else None
        table = table.append_column(scaled, pa.array([scale] * table.num_rows, pa.string()))
    return table


def _score(answer: str | None, words: bool) -> str | None:
    """An answer as its point; as it stands where it is none, so that the reason can be told."""
    if answer is None or not answer.strip():
        return None
    found = degree(answer) if words else point(answer)
    if found is None:
        found = point(answer) if words else degree(answer)
    return answer if found is None else str(found)


def _scale(q: Question) -> str | None:
    said = [(int(a), int(b)) for a, b in RANGE.findall(q.label)]
    if said and not q.words:
        low, high = said[-1]
        return f"{low}-{high}" if high in (4, 5, 6, 7, 10) else None
    if q.words or any(STARS.match(a) for a in q.answers):
        return "1-5"
    points = sorted(float(a) for a in q.answers if re.fullmatch(r"\d{1,3}(?:\.\d+)?", a)) or [float(p) for p in q.points]
    if not points or points[-1] > 100:
        return None
    if points[-1] > 10:
        return "0-100"
    low = int(points[0] >= 1)
    return f"{low}-{next(top for top in ((5, 7, 10) if low else (1, 2, 10)) if points[-1] <= top)}"


def _best_is_low(q: Question) -> tuple[int, int] | None:
    """The ends of a scale of which the question says that the low end is the best (`1 = sehr gut, 6 = ungenügend`): school grades."""
    ends = [(int(n), grade) for n, word in LEGEND.findall(q.label) if (grade := _grade(_plain(word))) is not None]
    low, high = min(ends, default=(0, 0)), max(ends, default=(0, 0))
    return (low[0], high[0]) if low[0] < high[0] and low[1] > high[1] else None


def point(answer: str) -> int | None:
    """The point of a scale that an answer names: `9`, `10 - Extremely likely`, `Helemaal niet waarschijnlijk - 0`, `7/10`, `★★★☆☆`."""
    stars = STARS.match(answer)
    if stars:
        return len(stars[1])
    found = NUMBER.match(answer.strip())
    return int(found[1]) if found else None


def degree(answer: str) -> int | None:
    """How satisfied an answer in words is, 1 to 5: by the word for satisfied, what denies it and what makes it strong."""
    text = _plain(answer)
    if len(text.split()) > 8:
        return None
    if (grade := _grade(text)) is not None:
        return grade
    if _whole("neither", text):
        return 3
    stems = "|".join(re.escape(_plain(w)) for w in _words()["asks"]["satisfaction"])
    word = re.search(rf"(\w*?)(?:{stems})\w*", text)
    if word is None:
        return None
    strong, nots = _whole("very", text), [_plain(n) for n in _words()["answers"]["not"]]
    inside = bool(word[1]) and any(n.startswith(word[1]) or word[1].startswith(n) for n in nots if len(n) > 1)
    denied = inside or _whole("not", text[: word.start()]) or any(len(n) > 6 and word[0].startswith(n) for n in nots)
    return {(False, True): 5, (False, False): 4, (True, False): 2, (True, True): 1}[denied, strong]


@cache
def _grades() -> dict[str, int]:
    return {_plain(w): 5 - place for place, words in enumerate(_words()["grades"]) for w in words}


def _grade(text: str) -> int | None:
    """A grade that stands alone, or with its number or its strength's remark: `Very good`, `Good (4)`."""
    return _grades().get(re.sub(r"[^\w\s]|\d", " ", text).strip().replace("  ", " "))


def _whole(name: str, text: str) -> bool:
    words = [_plain(w) for w in _words()["answers"][name]]
    return any(w in text if ord(w[0]) >= 0x2000 else re.search(rf"(?<!\w){re.escape(w)}(?!\w)", text) for w in words)


def _said(
    questions: Sequence[Question], taken: Iterable[str], wanted: Mapping[str, Accept], found: Mapping[str, Sequence[Question]]
) -> list[str]:
    used = set(taken)
    said = [
        f"`{q.name}` is read as {a.asks}."
        for n, a in wanted.items()
        for q in found[n]
        if q.name.casefold() not in {x.casefold() for x in a.names}
    ]
    scores = [n for n, a in wanted.items() if a.asks not in AS_THEY_ARE]
    maybe = [q for q in questions if q.name not in used and q.numbers and len(q.answers) > 1 and not GROUPED.search(q.name)]
    if scores and not any(found[n] for n in scores):
        numbers = "; columns of small numbers: " + ", ".join(f"`{q.label[:80]}`" for q in maybe[:5]) if maybe else ""
        said.append(
            f"NO SCORE QUESTION WAS RECOGNISED{numbers}. Name it: `rapport mapping show` the mapping into a file of yours, put the column's name "
            f"under `{scores[0]}` (a score to recommend) or `{scores[-1]}`, and import with that."
        )
    anything = any(a.like for a in wanted.values())  # any file at all, not a survey whose other columns are known
    other = [q for q in questions if q.name not in used and q.answers and not GROUPED.search(q.name)]
    other = [q for q in other if anything or "?" in q.label or len(q.label.split()) >= 4 or q.free]
    if other:
        said.append("columns that are not read: " + ", ".join(f"`{q.label[:60]}`" for q in other[:8]) + ".")
    return said
