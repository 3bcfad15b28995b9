"""Words of a question with their places, abbreviations written out and typing errors mended against the words we know."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from assistant.understand.spelling import known_as

WORD = re.compile(
    r"\d{1,2}[/.]\d{1,2}[/.]\d{4}|(?:19|20)\d{2}/(?:19|20)?\d{2}(?![\d/])|(?<![\d/])\d{2}/\d{2}(?![\d/.])|\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2}|\d{4}-\d{2}(?!\d)|\d(?:[\d,]*\d)?(?:\.\d+)?(?:%|(?:k|m|mn|bn)\b|st\b|nd\b|rd\b|th\b)?(?![^\W_])|[^\W_]+(?:[-'’.][^\W_]+)*|(?<=\d)\.\.(?=\d)|[<>]=?|#|(?<!\d)%|(?<=[^\W\d_])/(?=(?:order|customer|account|day|week|month|quarter|year|line)\b)",
    re.UNICODE | re.IGNORECASE,
)
SHORT: dict[str, str] = {
    "qtr": "quarter", "qtrs": "quarters", "q": "quarter", "yr": "year", "yrs": "years", "mth": "month", "mths": "months", "mo": "month",
    "wk": "week", "wks": "weeks", "cust": "customer", "custs": "customers", "acct": "customer", "accts": "customers", "acc": "customer",
    "rev": "revenue", "avg": "average", "med": "median", "num": "number", "no.": "number", "nr": "number", "del": "delivery",
    "prod": "product", "prods": "products", "sku": "product", "skus": "products", "wh": "warehouse", "whse": "warehouse", "vs.": "vs",
    "pls": "please", "plz": "please", "thx": "thanks", "w/": "with", "w/o": "without", "w": "with", "b/c": "because", "b4": "before", "incl": "including", "thru": "through", "pt": "point", "opps": "opportunities", "abt": "about", "u": "you",
    "r": "are", "whats": "what is", "what's": "what is", "whos": "who is", "who's": "who is", "hows": "how is", "how's": "how is",
    "wheres": "where is", "where's": "where is", "it's": "it is", "that's": "that is", "dont": "do not", "don't": "do not", "i'm": "i am",
    "did'nt": "did not", "didn't": "did not", "isn't": "is not", "aren't": "are not", "doesn't": "does not", "y-o-y": "yoy", "perc": "percent",
    "pct": "percent", "%": "percent", "tix": "tickets", "gimme": "give me", "wanna": "want to", "lemme": "let me", "qrtr": "quarter",
    "cmp": "compare", "cmpr": "compare", "comp": "compare", "btw": "between", "fcst": "forecast", "inv": "inventory", "whr": "where", "ord": "order",
    "ords": "orders", "ret": "return", "rets": "returns", "deliv": "delivery", "amt": "amount", "cat": "category", "cats": "categories", "wks'": "weeks",
    "isnt": "is not", "didnt": "did not", "doesnt": "does not", "arent": "are not", "werent": "were not", "wasn't": "was not", "wasnt": "was not",
    "haven't": "have not", "havent": "have not", "hasn't": "has not", "hasnt": "has not", "can't": "can not", "cant": "can not", "won't": "will not",
    "we're": "we are", "they're": "they are", "there's": "there is", "theres": "there is", "i'd": "i would", "we've": "we have", "it'll": "it will",
    "hows'": "how is", "who're": "who are", "what're": "what are", "how're": "how are", "y'all": "you", "ur": "your", "cuz": "because", "bc": "because",
}  # fmt: skip
SIGNS: dict[str, str] = {
    "<": "under",
    ">": "over",
    "<=": "at most",
    ">=": "at least",
    "#": "number",
    "%": "percent",
    "/": "per",
}
LEAST, SHORT_WORD, VOWELS = 4, 7, "aeiou"
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
BESIDE: dict[str, str] = {
    letter: "".join(
        other
        for n in (row - 1, row, row + 1)
        if 0 <= n < len(ROWS)
        for other in ROWS[n][max(0, at - 1) : at + 2]
        if other != letter
    )
    for row, letters in enumerate(ROWS)
    for at, letter in enumerate(letters)
}
"""The letters beside each on the keyboard."""


@dataclass(frozen=True)
class Token:
    """One word: `text` as understood (lower case, mended), at characters start..end of the question; `raw` as typed."""

    text: str
    start: int
    end: int
    raw: str


def tokenise(question: str) -> list[Token]:
    """The words of a question. One that is short for two ("what's") gives two tokens at the same place."""
    made: list[Token] = []
    for match in WORD.finditer(question.replace("’", "'")):
        raw = match.group()
        low = raw.lower().strip("'")
        low = low.removesuffix("'s") if low not in SHORT and low.endswith("'s") else low
        if low == "no" and re.match(r"\.|\s+of\b", question[match.end() :]):
            low = "number"  # "no. of orders"
        made += [Token(word, match.start(), match.end(), raw) for word in {**SHORT, **SIGNS}.get(low, low).split()]
    return made


@dataclass(frozen=True)
class Words:
    """The words that mean something here, for mending. `core` ones (figures, dimensions, operations, periods) are what people ask
    with; `empty` ones carry no meaning; `right` ones are left as they are, and nothing is mended into them."""

    known: Collection[str]
    core: Collection[str] = ()
    empty: Collection[str] = ()
    right: Collection[str] = ()


def mend(tokens: Sequence[Token], words: Words) -> list[Token]:
    """Tokens with typing errors replaced by the known word that is nearest: one letter off up to seven letters, two beyond;
    swapped neighbours count as one. Of words as near as each other one that begins alike is meant, then a core
    one; a word of four letters is only mended into a core one.

    A word with digits, a known word, an ordinary English one ("early" is no misspelt "yearly", "furious" no "curious"), or one with two
    nearest is left as it is, and so is one that two letters would turn into an empty word: what it says would be lost ("president", "present")."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    from nlp.words import ordinary

    out = []
    for typed in tokens:
        word = known_as(typed.text, words.known)
        token = replace(typed, text=word)
        if word in words.known or word in words.right or any(c.isdigit() for c in word):
            out.append(token)
            continue
        if (full := _written_short(word, words)) is not None and word not in ordinary():
            out.append(replace(token, text=full))
            continue
        if len(word) < LEAST:
            out.append(token)
            continue
        limit = 1 if len(word) < 8 else 2
        near = process.extract(word, words.known, scorer=OSA.distance, score_cutoff=limit, limit=12)
        ranked = sorted(
            (distance, found[0] != word[0], found not in words.core, found)
            for found, distance, _ in near
            if (distance == 1 or (found[0] == word[0] and found not in words.empty))
            and _slip(word, found, found in words.empty)
            and (len(word) > LEAST or found in words.core)
        )
        best = [found for *rank, found in ranked if rank == list(ranked[0][:3])]
        clear = len(best) == 1 or (best and len({_root(b) for b in best}) == 1)
        clear = clear and word not in ordinary()
        out.append(replace(token, text=best[-1]) if clear else token)
    return out


def corrected(text: str, words: Words) -> str:
    """The text with its typing errors mended, everything else as it was written, above all words that are English ones."""
    from nlp.words import ordinary

    typed = tokenise(text)
    for token, right in reversed([*zip(typed, mend(typed, words), strict=True)]):
        if right.text != token.text and token.text == token.raw.lower() and token.text not in ordinary():
            text = text[: token.start] + right.text + text[token.end :]
    return text


def _written_short(typed: str, words: Words) -> str | None:
    """The one known word of which somebody left out vowels, or one of two equal letters ("mny", "shipd", "frm"); None where none or
    several are."""
    if len(typed) < SHORTEST or not typed.isalpha():
        return None
    fits = [w for w in words.known if len(w) > len(typed) and w[0] == typed[0] and w[-1] == typed[-1] and _leaves_out(typed, w)]
    ranked = sorted((len(w), w not in words.empty, w) for w in fits)
    first = [w for *rank, w in ranked if rank == list(ranked[0][:2])]
    return first[0] if len({_root(w) for w in first}) == 1 else None


SHORTEST = 3


def _leaves_out(typed: str, word: str) -> bool:
    """Whether all that the typed form lacks are vowels and doubled letters."""
    at = 0
    for i, letter in enumerate(word):
        if at < len(typed) and typed[at] == letter:
            at += 1
        elif letter not in VOWELS and not (i and word[i - 1] == letter):
            return False
    return at == len(typed)


def _slip(typed: str, meant: str, empty: bool) -> bool:
    """Whether a short word, or one that an empty word would take the place of, may be a slip of the finger: a wrong letter must lie
    beside the right one, or be a vowel for a vowel; else it is another word ("wage" for "wape", "stores" for "scores")."""
    if len(typed) != len(meant) or (len(typed) > SHORT_WORD and not empty) or sorted(typed) == sorted(meant):
        return True
    pairs = [(a, b) for a, b in zip(typed, meant, strict=True) if a != b]
    return all(b in BESIDE.get(a, "") or (a in VOWELS and b in VOWELS) for a, b in pairs)


def _root(word: str) -> str:
    return word.rstrip("s")
