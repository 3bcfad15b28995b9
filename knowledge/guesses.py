"""How well one column of a file fits one canonical column: by its name, and by its values."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from knowledge.profile import Profile
from knowledge.schema import TABLES
from knowledge.synonyms import COLUMNS


@dataclass(frozen=True)
class Guess:
    """What a column is taken for (`target`: table.column, several parted by commas, or None), how sure (0..1) and why."""

    column: str
    target: str | None
    confidence: float
    why: str

    @property
    def field(self) -> str:
        return (self.target or "").split(".")[-1]


@lru_cache(maxsize=4096)
def plain_words(name: str) -> str:
    """Lower case words without accents: `CustomerID`, `customer_id` and `Customer Id` are the same."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    bare = "".join(c for c in unicodedata.normalize("NFKD", split) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", bare.lower().replace("#", " no ").replace("ß", "ss")))


def named(file: str, table: str) -> bool:
    """Whether the file's name says that it holds the table."""
    words = plain_words(file.split(".", maxsplit=1)[0])
    singular = table.replace("_", " ").removesuffix("s")
    alone = {"customers": "account|client|kunden|companies", "interactions": "ticket|call|case|activit", "order_lines": "order item|line",
             "feedback": "review|survey|comment|nps", "inventory": "stock|bestand", "opportunities": "deal|quote|pipeline",
             "returns": "rma|retour", "products": "article|artikel|item master|material", "contacts": "people|person"}  # fmt: skip
    said = any(w in words for w in (singular, *alone.get(table, singular).split("|")))
    return said and not (table == "orders" and ("item" in words or "line" in words))


def score(table: str, field: str, name: str, values: Profile) -> Guess:
    """The guess that this column is that field; confidence 0 where its values forbid it."""
    by_name, why = _by_name(table, field, name)
    fit, said = _fit(table, field, values)
    if fit < 0.3:
        return Guess(name, f"{table}.{field}", 0.0, said)
    by_value = _by_value_alone(table, field, values)
    if by_value > by_name * (0.6 + 0.4 * fit):
        return Guess(name, f"{table}.{field}", round(by_value, 3), said)
    confidence = by_name * (0.6 + 0.4 * fit)
    return Guess(name, f"{table}.{field}", round(min(confidence, 1.0), 3), f"{why}; {said}" if said else why)


@lru_cache(maxsize=200_000)
def _by_name(table: str, field: str, name: str) -> tuple[float, str]:
    from rapidfuzz import fuzz

    words = plain_words(name)
    if not words:
        return 0.0, ""
    best, word = 0.0, ""
    for place, synonym in enumerate(COLUMNS[table][field].split("|")):
        if words == synonym or words.replace(" ", "") == synonym.replace(" ", ""):
            found = max(1.0 - 0.01 * place, 0.8)
        else:
            close = fuzz.token_sort_ratio(words, synonym) / 100
            found = 0.85 * close if close >= 0.84 and len(words) > 3 else 0.0
            if words.endswith(f" {synonym}") and len(synonym) > 3:  # `billing state` is a state; the more of it, the surer
                found = max(found, 0.5 + 0.35 * len(synonym) / len(words))
        if found > best:
            best, word = found, synonym
    if best == 0.0:
        return 0.0, ""
    return best, f"named `{name}`" if best > 0.79 else f"its name is like `{word}`"


def _fit(table: str, field: str, values: Profile) -> tuple[float, str]:
    """How well the values can be what the schema asks for, and what was seen."""
    if values.filled == 0:
        return 0.5, "it is empty"
    if field == "_total":
        return values.numbers, "numbers"
    column = TABLES[table].column(field)
    if column.kind in ("ts", "date"):
        both = " that may be day/month or month/day" if len(values.formats) > 1 else ""
        return values.dates * (0.8 if both else 1.0), f"{values.dates:.0%} are dates{both}"
    if column.kind in ("money", "qty", "number", "int"):
        negative = column.minimum is not None and values.numbers > 0.5 and values.lowest < column.minimum
        too_high = column.maximum is not None and values.highest > column.maximum
        whole = column.kind != "int" or values.whole
        fit = values.numbers * (0.1 if too_high else 0.75 if negative or not whole else 1.0)
        return fit, f"{values.numbers:.0%} are numbers" + (", some below zero" if negative else "")
    if column.kind == "bool":
        return values.bools, f"{values.bools:.0%} are yes or no"
    if field == "email":
        return values.emails, f"{values.emails:.0%} are e-mail addresses"
    if values.emails > 0.5 and field != "contact_id":
        return 0.2, "they are e-mail addresses"
    if values.dates > 0.9 and not (values.formats and "%Y%m%d" in values.formats):
        return 0.1, "they are dates"
    if TABLES[table].key == (field,):
        return (1.0 if values.unique > 0.995 else 0.7 if values.unique > 0.5 else 0.4), f"{values.unique:.0%} are different"
    if column.allowed:
        return (1.0 if len(values.distinct) <= 25 else 0.2), f"{len(values.distinct)} different values"
    if field in ("text", "subject") and values.length < 8:
        return 0.2, "they are too short to be text"
    if field == "name" and values.numbers > 0.9:
        return 0.35, "they are numbers"
    if field in ("name", "region", "country", "carrier") and values.length > 80:
        return 0.1, "they are long texts"
    return 1.0, ""


def _by_value_alone(table: str, field: str, values: Profile) -> float:
    """What the values say where the name says nothing; never more than a hint, but for e-mail addresses."""
    if field == "email":
        return 0.85 * values.emails
    if (table, field) in (("feedback", "text"), ("interactions", "text")):
        return 0.55 if values.length > 40 and values.unique > 0.8 and values.emails < 0.1 else 0.0
    if (table, field) in (("feedback", "at"), ("interactions", "at"), ("orders", "ordered_at")):
        return 0.5 * values.dates if values.filled > 0.95 else 0.0
    if (table, field) == ("feedback", "rating") and values.whole and values.numbers > 0.95:
        return 0.46 if values.lowest >= 1 and values.highest == 5 and len(values.distinct) <= 5 else 0.0
    if (table, field) == ("order_lines", "unit_price") and values.sign:
        return 0.5 * values.numbers
    return 0.0
