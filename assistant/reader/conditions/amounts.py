"""How many and how much, as people say it: "more than 3", "three or more", "twice", "above 100"."""

from __future__ import annotations

from assistant.reader.conditions.words import Words
from assistant.reader.nouns import longest, stems
from assistant.understand.numbers import number_at
from knowledge.entities.predicates import Op

MORE = {
    "more than": ">", "over": ">", "above": ">", "greater than": ">", "higher than": ">", "bigger than": ">", "larger than": ">",
    "exceeding": ">", "beyond": ">", "longer than": ">", "north of": ">", "upward of": ">", "after": ">", "worth over": ">",
    "at least": ">=", "minimum": ">=", "no less than": ">=", "from": ">=", "since": ">=",
    "less than": "<", "fewer than": "<", "under": "<", "below": "<", "lower than": "<", "smaller than": "<", "before": "<",
    "shorter than": "<", "not even": "<", "at most": "<=", "no more than": "<=", "maximum": "<=", "up to": "<=",
    "exactly": "=", "equal to": "=", "just": "=", "only": "=", "precisely": "=",
}  # fmt: skip
COMPARING: dict[tuple[str, ...], Op] = {tuple(stems(words)): sign for words, sign in MORE.items()}  # type: ignore[misc]
AFTERWARDS: dict[tuple[str, ...], Op] = {
    stems("or more"): ">=", stems("or higher"): ">=", stems("or above"): ">=", stems("plus"): ">=", stems("or less"): "<=",
    stems("or fewer"): "<=", stems("or below"): "<=", stems("or lower"): "<=", stems("and up"): ">=", stems("upwards"): ">=",
    stems("or longer"): ">=", stems("or better"): ">=", stems("or worse"): "<=",
}  # fmt: skip
TIMES: dict[str, tuple[int, int | None]] = {"once": (1, 1), "twice": (2, 2), "several": (2, None), "multiple": (2, None), "repeatedly": (2, None), "many": (3, None), "often": (3, None)}  # fmt: skip
UNITS = frozenset("day hour week month euro dollar pound eur usd gbp percent % time piece star point buck k".split())


def times(words: Words) -> tuple[int, int | None]:
    """How many are meant: at least one, where nothing is said."""
    for i, token in enumerate(words.tokens):
        if token.text in TIMES and words.free(i):
            words.take(i)
            least, most = TIMES[token.text]
            return least, most
    told = comparison(words, ">=")
    if told is None:
        return 1, None
    sign, number = told
    n = int(number)
    return {">": (n + 1, None), ">=": (n, None), "<": (0, n - 1), "<=": (0, n), "=": (n, n)}.get(sign, (n, None))


def comparison(words: Words, bare: Op) -> tuple[Op, float] | None:
    """ "More than 3", "three or more", "above 100": a sign and a number; `bare` is the sign of a number without one."""
    said = [t.text for t in words.tokens]
    for i in range(len(said)):
        if i in words.used:
            continue
        number = number_at(said, i)
        if number is None or (said[i] in ("a", "an", "one") and number.last == i and not _before(words, i)):
            continue
        before = _before(words, i)
        size = longest(AFTERWARDS, words.stems, number.last + 1, 2)
        if before:
            first, sign = before
            words.take(first, i - first)
        elif size:
            sign = AFTERWARDS[tuple(words.stems[number.last + 1 : number.last + 1 + size])]
            words.take(number.last + 1, size)
        else:
            sign = bare
        words.take(i, number.last - i + 1)
        if number.last + 1 < len(said) and words.stems[number.last + 1] in UNITS:
            words.take(number.last + 1)
        return sign, number.value
    return None


def _before(words: Words, at: int) -> tuple[int, Op] | None:
    """The comparing words that end just before a number."""
    for size in (3, 2, 1):
        first = at - size
        if first >= 0 and tuple(words.stems[first:at]) in COMPARING:
            return first, COMPARING[tuple(words.stems[first:at])]
    return None
