"""How well one column of a file fits one canonical column: by its name, and by its values."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from knowledge.notation import CURRENCY_CODES
from knowledge.profile import Profile, number
from knowledge.schema import TABLES
from knowledge.synonyms import COLUMNS, NATIVE
from knowledge.systems import SURE, system_of

GROUPS = frozenset(
    "line lines item items order orders sales product article customer position pos material goods detail details purchase position zeile zeilen positions artikel auftrag kunde".split()
)
"""Words that stand over or before what a column is called."""


HASHED = {"contacts": "K", "returns": "R", "interactions": "I", "feedback": "F"}
"""Tables whose rows get an id from their content where a file has none, with the letter before it."""
DATED = ("_at", "_date")
OTHER_LANGUAGE = 0.9
"""How sure a name is that is one in another language."""
CJK = 0x2E80
"""From which sign on scripts set no blanks between words."""
SAYS = 0.8
"""How sure a name must be for values that could be anything."""
MAY_BE_NOTHING = frozenset(("discount", "_tax", "_shipping"))
"""Amounts that often are zero; of two columns the one that is not is meant."""
POWERS = (1, 10, 100, 1000, 10_000)
"""Numbers of pieces that a price is said to be of."""
SHORT = {
    "nr": "no", "num": "no", "number": "no", "nummer": "no", "numero": "no", "nbr": "no", "doc": "document", "cust": "customer", "reference": "ref",
    "referenz": "ref", "qty": "quantity", "amt": "amount", "addr": "address", "desc": "description", "disc": "discount", "dt": "date", "ids": "id",
}  # fmt: skip
"""Words of names that are written short."""
SIGNS = (
    ("#", " no "),
    ("№", " no "),
    ("n°", " no "),
    ("nº", " no "),
    ("ß", "ss"),
    ("ł", "l"),
    ("ø", "o"),
    ("æ", "ae"),
    ("œ", "oe"),
    ("đ", "d"),
    ("ı", "i"),
)
"""Letters and signs that stay when accents go, as they are told in plain letters."""
COMPOUND = re.compile(r"^([a-z]{4,})(nr|nummer|datum|preis|menge|name|betrag|rabatt|code)$")


TOTALS = frozenset({"_total", "_order_total"})
DEDUCTED = (
    "discount",
    "rabatt",
    "nachlass",
    "skonto",
    "remise",
    "descuento",
    "sconto",
    "korting",
    "rabat",
    "refund",
    "erstattung",
    "rembours",
    "reembolso",
    "rimborso",
    "coupon",
    "voucher",
    "gutschein",
)
"""Parts of words that say that an amount comes off."""
EXTRA = re.compile(r"\b(tax(es)?\b|vat|gst|mw ?st|ust|tva|iva|btw|moms|steuer|shipping|freight|postage|versand|fracht|porto)")
OF_ORDER = re.compile(
    r"^(order|cart|invoice|document|basket|auftrags|rechnungs|bestell)(?! ?(?:lines?|items?|positions?)\b)\w*.*(total|amount|betrag|summe|wert)$"
)
BUT = re.compile(
    r"\b(o|ohne|exkl|excl|excluding|ex|without|before|vor|avant|after|nach|apres|net|netto|sans|hors|ht|zonder|utan|uten|senza|sin|sem|incl|including|inkl|with|ttc|mit)\b"
)
ALONE = frozenset(("", "id", "name", "no", "date", "type", "key", "code"))
"""Last steps of a path that say nothing without the others."""
TAX = r"(?:tax(?:es)?|vat|gst|mw ?st|ust|steuer|tva|iva|btw|moms|mva|tasse|taxe)"
WITHOUT = (
    r"(?:o|ohne|exkl|excl|excluding|exclusive|ex|without|before|vor|avant|hors|sans|sin|senza|sem|zonder|utan|uten|eks|zzgl)"
)
WITHOUT_TAX = re.compile(rf"\b{WITHOUT} {TAX}\b")
DISCOUNTED = re.compile(r"\bdiscounted\b|\b(price|preis|prix|precio|prezzo|prijs)\b.*\b(after|nach|apres|despues|dopo|na)\b")
"""What is left after a discount, which is none itself."""
REMARKS = re.compile(
    r"\b(in|en|em|i) (thousands?|tausend|tsd|milliers|miles|milhares|migliaia|tusental|tusen)\b|"
    rf"\b({CURRENCY_CODES})\b|\b(руб|rub|р|грн|лв|kc|zl|ft|kr|tl|円|元|евро|euro?s?)$|\b(hub ?spot|sales ?force|net ?suite|zen ?desk|woo ?commerce|sap|zendesk|shopify|odoo|netsuite|crm|erp)$|\b{WITHOUT} {TAX}\b|\b(netto|net|ht)$|^(netto|net) (?=\w)|\b(je|per|pro|par|por|za|pr) (?!\d)[a-z]+$|( \d+)+$",
    re.IGNORECASE,
)
"""What a name says beside what it names: its currency, that it is without tax, of one piece (but not of a hundred), a rate."""


HAPPENED = frozenset(
    "approved_at picked_at shipped_at delivered_at received_at resolved_at paid_at closed_at first_response_at".split()
)
MEANT = frozenset("requested_date promised_date latest_promised_date promised_by due_at expected_close".split())
PLANNED = re.compile(
    r"\b(requested|desired|wanted|planned|plan|scheduled|expected|estimated|confirmed|promised|committed|due|target|eta|etd|soll|wunsch\w*|geplant\w*|plan\w*datum|"
    r"voraussichtlich\w*|bestatigt\w*|prevue?s?|souhaite\w*|confirmee?|estime\w*|previst[oa]|estimad[oa]|confirmad[oa]|richiest[oa]|gepland\w*|verwacht\w*|gewenst\w*)\b"
)
MONEY = re.compile(r"(\.(shop|presentment)Money)?\.(amount|value)$")
"""What stands below a price in nested records: it says nothing of what the price is."""
PART_OF_NAME = re.compile(r"^(first|last|given|family|sur|middle|user|domain|file|host|nick) ?name\b")
THEIR_ORDER = re.compile(r"\b(po|purchase order|order)( (no|id|ref))?$")
"""What the customer calls his order is no customer: `Customer PO`."""
ACTUAL = re.compile(
    r"\b(actual|actually|ist|tatsachlich\w*|effective|effectif|reelle?|real|effettiv[oa]|werkelijk\w*|faktisk\w*)\b"
)


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
    several = re.sub(r"\b[A-Z]{2,}s\b", lambda m: m[0].capitalize(), name)  # `IDs` is no `I Ds`
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", several)
    bare = "".join(c for c in unicodedata.normalize("NFKD", split) if not unicodedata.combining(c)).lower()
    for sign, said in SIGNS:
        bare = bare.replace(sign, said)
    words = re.findall(r"[^\W_]+", bare)
    parted = [p for w in words for p in COMPOUND.sub(r"\1 \2", w).split()]
    return " ".join(SHORT.get(p, p) for p in parted)


def named(file: str, table: str) -> bool:
    """Whether the file's name says that it holds the table."""
    words = plain_words(file.split(".", maxsplit=1)[0])
    singular = table.replace("_", " ").removesuffix("s")
    alone = {"customers": "account|client|kunden|companies", "interactions": "ticket|call|case|activit", "order_lines": "order item|line",
             "feedback": "review|survey|comment|nps|satisfaction|rating", "inventory": "stock|bestand", "opportunities": "deal|quote|pipeline",
             "returns": "rma|retour", "products": "article|artikel|item master|material", "contacts": "people|person"}  # fmt: skip
    said = any(w in words for w in (singular, *alone.get(table, singular).split("|")))
    return said and not (table == "orders" and ("item" in words or "line" in words))


AS_SAID = 2.0
"""How near a column is to the field that a person says it is."""


def score(table: str, field: str, name: str, values: Profile, near: float = 0.0) -> Guess:
    """The guess that this column is that field; confidence 0 where its values forbid it. `near`: how close its name's meaning is
    to what the field is called; below 0 it cannot be that."""
    by_name, why = _by_name(table, field, name)
    known, place = system_of(f"{table}.{field}", name)
    if known and by_name < (told := 0.95 - 0.001 * place):  # of two of one system the one that is meant rather
        by_name, why = told, f"{known} calls it `{name}`"
    if near > by_name:
        by_name, why = near, f"`{name}` means " + ("that beside the others" if near >= SURE else "about the same")
    if near < 0 or (near < AS_SAID and (_another_amount(field, name) or _said_otherwise(field, name))):
        return Guess(name, f"{table}.{field}", 0.0, "")
    if near >= AS_SAID:
        return Guess(name, f"{table}.{field}", 1.0, "as you say")
    fit, said = _fit(table, field, values, by_name)
    if field == "customer_id" and values.emails > 0.5 and by_name >= 0.8 and table != "contacts":
        fit, said = 0.95, "customers are e-mail addresses"  # what a shop has instead of customer numbers
    if fit < 0.3:
        return Guess(name, f"{table}.{field}", 0.0, said)
    by_value = _by_value_alone(table, field, values)
    if by_value > by_name * (0.6 + 0.4 * fit):
        return Guess(name, f"{table}.{field}", round(by_value, 3), said)
    confidence = by_name * (0.6 + 0.4 * fit)
    return Guess(name, f"{table}.{field}", round(min(confidence, 1.0), 3), f"{why}; {said}" if said else why)


@lru_cache(maxsize=8192)
def _another_amount(field: str, name: str) -> bool:
    """Whether the name says of an amount that it is another one: a discount, a refund, a tax or freight is no total and no price,
    however like `amount` it is called; `amount without VAT` is one."""
    words = plain_words(name)
    if field == "discount" and DISCOUNTED.search(words):
        return True
    if field in ("_tax", "_shipping") and WITHOUT_TAX.search(words):
        return True
    if BUT.search(words):
        return False
    if field in TOTALS and EXTRA.search(words):
        return True
    if field == "_total" and OF_ORDER.search(words):
        return True
    return field in TOTALS | {"_tax", "_shipping"} and any(w in words for w in DEDUCTED)


@lru_cache(maxsize=8192)
def _said_otherwise(field: str, name: str) -> bool:
    """Whether the name says of a day that it was planned, and the field is when it happened, or the other way round; or of a name
    that it is a part of one."""
    words = plain_words(name)
    if (field == "name" and PART_OF_NAME.match(words)) or (field == "customer_id" and THEIR_ORDER.search(words)):
        return True
    return bool((field in HAPPENED and PLANNED.search(words)) or (field in MEANT and ACTUAL.search(words)))


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    """Every name that some column of ours is known by: what is one of them is not a misspelt other."""
    return frozenset(plain_words(n) for fields in COLUMNS.values() for many in fields.values() for n in many.split("|"))


@lru_cache(maxsize=200_000)
def _by_name(table: str, field: str, name: str) -> tuple[float, str]:
    best = (0.0, "")
    for words, worth in _readings(name):
        found, why = _by_words(table, field, name, words)
        best = max(best, (found * worth, why), key=lambda f: f[0])
    return best


@lru_cache(maxsize=4096)
def _readings(name: str) -> tuple[tuple[str, float], ...]:
    """The words of a name, those without its remarks (`Price EUR excl. VAT`), and those of the last step of a path
    (`Order Lines/Quantity`), each with what it is worth."""
    name = MONEY.sub("", name)
    found = {plain_words(name): 1.0}
    steps = [s for s in re.split(r"/|(?<=[^\W\d])\.(?=[^\W\d]{2})", name) if plain_words(s) not in ("value", "amount")]
    if len(steps) > 1 and plain_words(steps[-1]) not in ALONE:
        found.setdefault(plain_words(steps[-1]), 0.93)
    if bare := plain_words(re.sub(r"\(.*?\)|\[.*?\]", " ", name)):
        found.setdefault(bare, 0.95)
    for words, worth in list(found.items()):
        bare = " ".join(REMARKS.sub(" ", words).split())
        if bare:
            found.setdefault(bare, worth * 0.97)
    return tuple((w, v) for w, v in found.items() if w)


def _by_words(table: str, field: str, name: str, words: str) -> tuple[float, str]:
    from rapidfuzz import fuzz

    best, word = 0.0, ""
    first, _, rest = words.partition(" ")
    for place, synonym in enumerate(map(plain_words, [*COLUMNS[table][field].split("|"), *_stem(field)])):
        if words == synonym or words.replace(" ", "") == synonym.replace(" ", ""):
            found = max(1.0 - 0.01 * place, 0.8 - 0.0001 * place)
        else:
            close = fuzz.token_sort_ratio(words, synonym) / 100
            found = 0.85 * close if close >= 0.84 and len(words) > 3 and words not in _names() else 0.0
            if words.endswith(f" {synonym}") and len(synonym) > 3:  # `billing state` is a state; the more of it, the surer
                found = max(found, 0.5 + 0.35 * len(synonym) / len(words))
            elif (
                " " in synonym and field.endswith(DATED) and set(synonym.split()) < set(words.split())
            ):  # `livraison date promise` holds `promise date`
                found = max(found, 0.45 + 0.35 * len(synonym) / len(words))
        if rest and first in GROUPS and (rest == synonym or rest.replace(" ", "") == synonym.replace(" ", "")):
            found = max(found, 0.88 - 0.01 * min(place, 12))  # `Line Qty` under a heading `Line`
        if found > best:
            best, word = found, synonym
    if best < OTHER_LANGUAGE and words in _native(table, field):
        best, word = OTHER_LANGUAGE, words
    if best < SAYS and not words.isascii():  # scripts that set no blanks: `店舗発行クーポン利用額` is a `クーポン利用額`
        best, word = max(
            [(best, word), *((SAYS, w) for w in _native(table, field) if len(w) > 2 and ord(w[0]) >= CJK and words.endswith(w))]
        )
    if best == 0.0:
        return 0.0, ""
    return best, f"named `{name}`" if best > 0.79 else f"its name is like `{word}`"


@lru_cache(maxsize=256)
def _native(table: str, field: str) -> frozenset[str]:
    return frozenset(map(plain_words, NATIVE.get((table, field), ())))


def _stem(field: str) -> list[str]:
    """What happened, of a field that says when: `promised` of `promised_date`."""
    found = re.fullmatch(r"(\w+ed)_(at|date)", field)
    return [found[1].replace("_", " ")] if found else []


def _fit(table: str, field: str, values: Profile, by_name: float) -> tuple[float, str]:
    """How well the values can be what the schema asks for, and what was seen."""
    if values.filled == 0:
        return 0.5, "it is empty"
    if field == "_credit":
        return (
            1.0 if 1 < len(values.distinct) <= 12 and values.numbers < 0.5 else 0.0
        ), f"{len(values.distinct)} different values"
    if field == "_per":
        tens = [number(v, values.written) for v in values.distinct]
        return (1.0 if all(n in POWERS for n in tens) else 0.0), "1, 10, 100 or 1000 pieces"
    if field in MAY_BE_NOTHING and values.numbers > 0.9 and values.lowest == values.highest == 0:
        return 0.6, "all zero"
    if field.startswith("_"):
        return values.numbers, "numbers"
    column = TABLES[table].column(field)
    if column.kind in ("ts", "date"):
        both = " that may be day/month or month/day" if values.dated.undecided else ""
        if values.dated.numbers and not values.formats:
            return values.dated.share, f"{values.dated.share:.0%} are dates as numbers ({values.dated.numbers})"
        return values.dates * (0.8 if both else 1.0), f"{values.dates:.0%} are dates{both}"
    if column.kind in ("money", "qty", "number", "int"):
        negative = column.minimum is not None and values.numbers > 0.5 and values.lowest < column.minimum
        too_high = column.maximum is not None and values.highest > column.maximum
        whole = column.kind != "int" or values.whole
        fit = values.numbers * (0.1 if too_high or not whole else 0.75 if negative else 1.0)
        return fit, f"{values.numbers:.0%} are numbers" + (", some below zero" if negative else "")
    if column.kind == "bool":
        return values.bools, f"{values.bools:.0%} are yes or no"
    if field == "email":
        return values.emails, f"{values.emails:.0%} are e-mail addresses"
    if values.emails > 0.5 and field != "contact_id":
        return 0.2, "they are e-mail addresses"
    if values.dates > 0.9 and not (values.formats and "%Y%m%d" in values.formats):
        return 0.1, "they are dates"
    if (field.endswith("_id") or field == "name") and values.numbers > 0.9 and not values.whole:
        return 0.1, "they are amounts"
    if by_name < SAYS and values.bools > 0.9:
        return 0.1, "they are yes or no"
    if TABLES[table].key == (field,) and values.again and table in HASHED:
        return 0.1, "one stands on rows that differ"
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
