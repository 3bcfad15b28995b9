"""How dates are written in a column, decided over all its values: ISO, day or month first, named months, serial and Unix numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

import yaml

from knowledge.notation import NULLS

ISO = re.compile(r"^\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s*(Z|UTC|[+-]\d{2}:?(\d{2})?)?)?$")
CLOCK = r"(?P<clock>,?[ T]+\d{1,2}[:.]\d{2}([:.]\d{2})?(?P<half>\s*[AaPp]\.?[Mm]\.?)?)?"
TRIPLE = re.compile(
    rf"^(?P<a>\d{{1,4}})\s?(?P<sign>[./\-])(?P<gap>\s?)(?P<b>\d{{1,2}})\s?(?P=sign)\s?(?P<c>\d{{2,4}})(?P<end>\.)?{CLOCK}$"
)
NAMED = re.compile(
    rf"^([^\W\d_]{{2,9}}\.?,?\s+)?((?P<d1>\d{{1,2}})(?P<o1>\.|st|nd|rd|th)?(?P<s1>\s*de\s+|[\s\-/.]+)(?P<m1>[^\W\d_]{{3,12}})\.?(?P<s2>\s*de\s+|,?[\s\-/]+)(?P<y1>\d{{2,4}})"
    rf"|(?P<m2>[^\W\d_]{{3,12}})\.?[\s\-]+(?P<d2>\d{{1,2}})(?P<o2>st|nd|rd|th)?,?\s+(?P<y2>\d{{4}})){CLOCK}$"
)
COMMA_YEAR = re.compile(r"^\d{1,2} \d{1,2}, \d{4}$")  # 01 5, 2026
COMPACT = re.compile(r"^(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$")
WHOLE = re.compile(r"^\d+(\.0*)?$")
SECONDS, MILLIS, SERIAL = (946_684_800, 4_102_444_800), (946_684_800_000, 4_102_444_800_000), (20_000, 80_000)
BUDDHA, BUDDHIST, AHEAD = "buddhist:", range(2443, 2700), 543
"""Before a format: its years are of the Buddhist era, which is that far ahead."""
JULIAN = (100_001, 149_366)
"""Century, year and day of the year, as JD Edwards writes days: 125007 is 7 January 2025."""
AFTERNOON = ("午後", "下午", "오후", "μμ", "μ.μ.", "م")
HALF = "(?:午前|午後|上午|下午|오전|오후|[πμ]\\.?μ\\.?|ص|م)"
HALF_DAY = re.compile(
    rf"^\s*(?P<y>\d{{4}})\s?[./\-年]\s?(?P<m>\d{{1,2}})\s?[./\-月]\s?(?P<d>\d{{1,2}})[.日]?\s*(?P<before>{HALF})?\s*(?P<h>\d{{1,2}}):(?P<min>\d\d)(:(?P<s>\d\d))?\s*"
    rf"(?P<behind>{HALF})?\s*(GMT(?P<zone>[+-]\d{{1,2}})(:?(?P<quarter>\d\d))?)?\s*$"
)
DAY_FIRST, MONTH_FIRST = "day first", "month first"


@dataclass(frozen=True)
class Dated:
    """`share` of the values are dates; `formats` read them (besides ISO); `order` of day and month, "" where all are alike or
    it is not decided; `either`: how many differ between the two orders; `against`: how many only the other order reads;
    `months`: names of months in the values with their numbers; `example` of what may be two days."""

    share: float = 0.0
    formats: tuple[str, ...] = ()
    order: str = ""
    either: int = 0
    against: int = 0
    months: tuple[tuple[str, int], ...] = ()
    numbers: str = ""
    example: str = ""

    @property
    def undecided(self) -> bool:
        return not self.order and self.either > 0

    def ordered(self, order: str) -> Dated:
        """The same with day and month in that order."""
        if self.order or not any("%d" in f and "%m" in f for f in self.formats):
            return self
        return replace(self, order=order, formats=tuple(dict.fromkeys(_in_order(f, order) for f in self.formats)))


@cache
def month_names() -> dict[str, int]:
    """Names of months in several languages, as their first letters up to the whole word, with their numbers."""
    raw = yaml.safe_load((Path(__file__).parent / "months.yaml").read_text(encoding="utf-8"))
    return {w: i for words in raw["months"].values() for i, names in enumerate(words, 1) for w in names.split("|")}


@cache
def weekday_names() -> dict[str, tuple[int, ...]]:
    """Names of the days of the week in several languages with their numbers, Monday 0; a few stand for two days."""
    raw = yaml.safe_load((Path(__file__).parent / "months.yaml").read_text(encoding="utf-8"))
    found: dict[str, set[int]] = {}
    for words in raw["weekdays"].values():
        for i, names in enumerate(words):
            for name in names.split("|"):
                found.setdefault(name, set()).add(i)
    return {name: tuple(sorted(days)) for name, days in found.items()}


def dates_of(values: Iterable[str | None] | Mapping[str, int]) -> Dated:
    """Looks at all of a column's values (or their counts)."""
    counts = values if isinstance(values, Mapping) else Counter(v for v in values if v is not None)
    total = found = first = second = either = 0
    shapes: Counter[str] = Counter()
    numbers: Counter[str] = Counter()
    months: dict[str, int] = {}
    example = ""
    for value, many in counts.items():
        text = value.strip()
        if text.lower() in NULLS:
            continue
        total += many
        if ISO.match(text):
            found += many
        elif COMPACT.match(text):
            numbers["%Y%m%d"] += many
        elif WHOLE.match(text):
            numbers[_number_of(float(text))] += many
        elif (triple := TRIPLE.match(text)) and (shape := _triple(triple)):
            found += many
            shapes[shape] += many
            a, b = int(triple["a"]), int(triple["b"])
            if shape.startswith("%Y") or shape.startswith("%y"):
                continue
            first += many * (a > 12)
            second += many * (b > 12)
            if a <= 12 and b <= 12 and a != b and triple["sign"] != ".":
                either, example = either + many, example or text
        elif named := NAMED.match(text):
            word = (named["m1"] or named["m2"]).lower()
            number = month_names().get(word)
            if number:
                found += many
                months[word] = number
                shapes[_named(named)] += many
        elif COMMA_YEAR.match(text):
            found += many
            shapes["%m %d, %Y"] += many
    if numbers and not found:
        kind, many = numbers.most_common(1)[0]
        return Dated(many / total, (kind,) if kind == "%Y%m%d" else (), numbers=kind) if kind else Dated()
    if not total or not found:
        return Dated()
    dots = any(".%" in s and "%d.%m" in s for s in shapes)
    order = DAY_FIRST if first and first >= second else MONTH_FIRST if second else DAY_FIRST if dots and not either else ""
    formats = tuple(_in_order(s, order or DAY_FIRST) for s, _ in shapes.most_common())
    against = min(first, second)
    return Dated(
        found / total, tuple(dict.fromkeys(formats)), order, either, against, tuple(sorted(months.items())), "", example
    )


def plain_clock(text: str) -> str:
    """A moment whose half of the day is said in another script (`2025/04/01 8:15:40 午後 GMT+9`) as ISO; other texts as they are."""
    m = HALF_DAY.match(text)
    half = m and (m["before"] or m["behind"])
    if not m or not half:
        return text
    hour = int(m["h"]) % 12 + (12 if half in AFTERNOON else 0)
    zone = f"{int(m['zone']):+03d}:{m['quarter'] or '00'}" if m["zone"] else ""
    return f"{m['y']}-{int(m['m']):02d}-{int(m['d']):02d}T{hour:02d}:{m['min']}:{m['s'] or '00'}{zone}"


def is_period(text: str) -> bool:
    """Whether a text names a month, a quarter or a year: `leden 2025`, `Q1 2026`, `2024-03`, `2026`."""
    words = re.findall(r"[^\W\d_]+|\d+", text.casefold())
    names = [w for w in words if w.isalpha()]
    numbers = [int(w) for w in words if w.isdigit()]
    year = any(1990 <= n <= 2100 for n in numbers)
    if len(names) == 1 and len(words) <= 2:
        return names[0] in month_names() and (year or not numbers)
    if len(names) == 1 and len(words) == 3 and year:
        return names[0] in ("q", "t", "kw", "w", "h")
    return not names and year and (len(numbers) == 1 or (len(numbers) == 2 and 1 <= min(numbers) <= 12))


def file_order(columns: Iterable[Dated]) -> str:
    """The order of day and month that the file's other date columns show; "" where they show none or both."""
    shown = {c.order for c in columns if c.order and any("/" in f or "-" in f for f in c.formats)}
    return shown.pop() if len(shown) == 1 else ""


def parsed(text: str, seen: Dated) -> datetime | None:
    """One value as a moment without a zone; None where it is none."""
    text = text.strip()
    if any(f.startswith(BUDDHA) for f in seen.formats):
        text = re.sub(r"2[4-6]\d\d", lambda m: str(int(m[0]) - AHEAD), text, count=1)
    for form in ("", *(f.removeprefix(BUDDHA) for f in seen.formats)):
        try:
            return (
                datetime.fromisoformat(text)
                if not form
                else datetime.strptime(with_numbers(text, seen), form.replace("%B", "%m"))
            )
        except ValueError:
            continue
    return None


def with_numbers(text: str, seen: Dated) -> str:
    """The text with numbers for names of months."""
    for word, number in sorted(seen.months, key=lambda m: -len(m[0])):
        text = re.sub(rf"(?i)(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])\.?", str(number), text)
    return re.sub(r"^[^\W\d_]+\.?,?\s+(?=\d)", "", text)


def moment_sql(text: str, formats: Iterable[str], months: Iterable[tuple[str, int]] = ()) -> list[str]:
    """SQL expressions that each give a moment without a zone, or NULL: one a format; `excel`, `unix`, `unix_ms` are numbers
    of days, seconds and milliseconds, `julian` of a century's years and days; `months` are names that stand for `%B` and `%b` beside the English ones."""
    found = []
    named = _numbers_sql(text, tuple(months))
    for form in formats:
        number = f"TRY_CAST({text} AS DOUBLE)"
        if form == "excel":
            inside = f"{number} BETWEEN {SERIAL[0]} AND {SERIAL[1]}"
            seconds = f"CAST(round({number} * 86400) AS BIGINT)"
            found.append(f"CASE WHEN {inside} THEN TIMESTAMP '1899-12-30' + to_seconds({seconds}) END")
        elif form in ("unix", "unix_ms"):
            low, high = SECONDS if form == "unix" else MILLIS
            seconds = f"CAST({number} / {1 if form == 'unix' else 1000} AS DOUBLE)"
            found.append(f"CASE WHEN {number} BETWEEN {low} AND {high} THEN to_timestamp({seconds}) END")
        elif form == "julian":
            inside = f"{number} BETWEEN {JULIAN[0]} AND {JULIAN[1]} AND {number} % 1000 BETWEEN 1 AND 366"
            day = f"make_date(1900 + CAST({number} AS BIGINT) // 1000, 1, 1) + CAST(CAST({number} AS BIGINT) % 1000 - 1 AS INTEGER)"
            found.append(f"CASE WHEN {inside} THEN CAST({day} AS TIMESTAMP) END")
        elif form.startswith(BUDDHA):
            year = f"regexp_extract({text}, '2[4-6][0-9]{{2}}')"
            here = f"replace({text}, {year}, CAST(TRY_CAST({year} AS INTEGER) - {AHEAD} AS VARCHAR))"
            found.append(f"try_strptime({here}, {_literal(form.removeprefix(BUDDHA))})")
        elif named and ("%B" in form or "%b" in form):
            found.append(f"try_strptime({named}, {_literal(form.replace('%B', '%m').replace('%b', '%m'))})")
        else:
            found.append(f"try_strptime({text}, {_literal(form)})")
    return found


def _numbers_sql(text: str, months: tuple[tuple[str, int], ...]) -> str:
    """SQL: the text with numbers for the names of months in it, without a day of the week before it."""
    if not months:
        return ""
    words = "|".join(re.escape(w) for w, _ in sorted(months, key=lambda m: (-len(m[0]), m[0])))
    pairs = " ".join(f"WHEN {_literal(w)} THEN '{n}'" for w, n in months)
    word = rf"regexp_extract(lower({text}), '(?:^|[^\p{{L}}])({words})(?:[^\p{{L}}]|$)', 1)"
    bare = f"replace(replace(lower({text}), {word} || '.', {word}), {word}, CASE {word} {pairs} END)"
    return rf"regexp_replace({bare}, '^\p{{L}}+[.,]*\s+', '')"


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _triple(m: re.Match[str]) -> str:
    sign, clock = m["sign"] + (" " if m["gap"] else ""), (m["end"] or "") + _clock(m)
    a, b, c = int(m["a"]), int(m["b"]), m["c"]
    if len(m["a"]) == 4:
        return f"%Y{sign}%m{sign}%d{clock}" if 1 <= b <= 12 and len(c) <= 2 and 1 <= int(c) <= 31 else ""
    if len(m["a"]) > 2 or len(c) == 3:
        return ""
    if len(c) == 2 and 31 < a <= 99:
        return f"%y{sign}%m{sign}%d{clock}"
    if not (1 <= a <= 31 and 1 <= b <= 31 and min(a, b) <= 12):
        return ""
    year = "%Y" if len(c) == 4 else "%y"
    if len(c) == 4 and int(c) in BUDDHIST:
        return f"{BUDDHA}%d{sign}%m{sign}%Y{clock}"
    if len(c) == 4 and not 1900 <= int(c) <= 2200:
        return ""
    return f"%d{sign}%m{sign}{year}{clock}"


def _named(m: re.Match[str]) -> str:
    clock = _clock(m)
    if m["m2"]:
        comma = "," if "," in m.group(0)[: m.end("y2") - m.start()] else ""
        return f"%B %d{comma} %Y{clock}"
    year = "%Y" if len(m["y1"]) == 4 else "%y"
    dot = "." if m["o1"] == "." else ""
    parted = m["s1"].strip(" ") if "de" not in m["s1"] else "de"
    middle = f" {parted} " if parted == "de" else parted or " "
    return f"%d{dot}{middle}%B{' de ' if 'de' in m['s2'] else m['s2'].strip() or ' '}{year}{clock}"


def _clock(m: re.Match[str]) -> str:
    clock = m["clock"]
    if not clock:
        return ""
    sign = ":" if ":" in clock else "."
    parts = clock.count(sign) + 1
    comma = "," if clock.startswith(",") else ""
    before = "T" if "T" in clock.upper().split("M")[0] and clock.strip().startswith("T") else " "
    hour = "%I" if m["half"] else "%H"
    tail = (" %p" if clock.rstrip("AaPpMm.").endswith(" ") else "%p") if m["half"] else ""
    return f"{comma}{before}{hour}{sign}%M{f'{sign}%S' if parts > 2 else ''}{tail}"


def _in_order(form: str, order: str) -> str:
    if form.startswith(BUDDHA):
        return BUDDHA + _in_order(form.removeprefix(BUDDHA), order)
    day_month = re.match(r"^%([dm])([./\-] ?)%([dm])\2%([yY])(.*)$", form)
    if not day_month or form.startswith(("%Y", "%y")):
        return form
    a, b = ("d", "m") if order == DAY_FIRST else ("m", "d")
    sign, year, rest = day_month[2], day_month[4], day_month[5]
    return f"%{a}{sign}%{b}{sign}%{year}{rest}"


def _number_of(value: float) -> str:
    if SECONDS[0] <= value < SECONDS[1]:
        return "unix"
    if MILLIS[0] <= value < MILLIS[1]:
        return "unix_ms"
    if JULIAN[0] <= value <= JULIAN[1] and 1 <= value % 1000 <= 366:
        return "julian"
    return "excel" if SERIAL[0] <= value < SERIAL[1] else ""
