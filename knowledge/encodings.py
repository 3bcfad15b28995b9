"""Bytes of a text file as text: UTF-8, UTF-16 with or without a mark, else the Western or other page in which its words make sense."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import lru_cache

from knowledge.errors import BadInput

MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
PAGES = ("cp1252", "cp1250", "cp850", "mac_roman", "cp1251", "cp1253", "cp1254")
BY_WORDS = ("cp932", "gb18030", "big5", "cp949", "euc_jp", "cp874", "cp1255", "cp1256", "cp1257", "cp1258")
"""Pages in which almost any bytes are signs: only known words tell them."""
LOOKED_AT = 400_000
# what no text holds: controls, lines of boxes, mathematics; a sign inside a word; two scripts in one
ODD = re.compile(
    "[\x80-\x9f\u2200-\u22ff\u2500-\u25ff]"
    r"|[¹²³ªº](?=[^\W\d_])"
    r"|(?<=[^\W\d_])[^\w\s'’´`&./,;:()\-–—*+|\"!?…%@#\\<>=\[\]{}^~$€\x00-\x1f](?=[^\W\d_])"
    "|[ƒ†‡ˆ‰˜™](?=[a-zA-Z])"
    "|[a-zA-Z][\u0370-\u04ff]|[\u0370-\u04ff][a-zA-Z]"
)
ACCENTED = re.compile(r"[^\W\d_a-zA-Z]")
LETTER = re.compile(r"[^\W\d_]")
HEAD, CELLS, WORDS = 20, re.compile(r"[,;\t|\"\n]"), re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True)
class Text:
    """A file's text, the encoding that it was read in, and whether that was found by looking at its words."""

    text: str
    encoding: str
    guessed: bool = False


def decoded(raw: bytes, name: str, encoding: str = "") -> Text:
    """The text of a file called `name`; with `encoding` it is read so and not otherwise. Fails: BadInput naming line and remedy."""
    if encoding and encoding.lower().replace("_", "-") not in ("utf-8", "utf8"):
        return Text(_strictly(raw, name, encoding), encoding)
    for mark, page in MARKS:
        if raw.startswith(mark):
            return Text(_strictly(raw, name, page), page.removesuffix("-sig"))
    wide = _unmarked_utf16(raw)
    if wide:
        return Text(_strictly(raw, name, wide), wide, guessed=True)
    try:
        return Text(raw.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as err:
        found = page_of(raw)
        if found is None:
            raise _wrong(raw, name, "UTF-8", err.start) from err
        return Text(raw.decode(found), found, guessed=True)


def page_of(raw: bytes) -> str | None:
    """The page of signs in which most of the columns' names are words that we know, else the first in which every word can be one;
    None where none can be told."""
    some = raw if len(raw) <= LOOKED_AT else b"\n".join(x for x in raw.splitlines() if not x.isascii())[:LOOKED_AT]
    fits = [page for page in PAGES if (text := _read(raw, some, page)) is not None and _makes_sense(text, page)]
    known = {p: _known_words(_read(raw, raw[:LOOKED_AT], p)) - (p in BY_WORDS) for p in (*fits, *BY_WORDS)}
    best = max(known, key=lambda p: known[p])
    if known[best] > 0:
        return best
    return fits[0] if fits else None


def _read(raw: bytes, some: bytes, page: str) -> str | None:
    """Some of it as text, where all of it is text in that page."""
    try:
        raw.decode(page)
        return some.decode(page, errors="ignore")
    except UnicodeDecodeError:
        return None


def _makes_sense(text: str, page: str) -> bool:
    accents, letters = len(ACCENTED.findall(text)), len(LETTER.findall(text))
    own_script = page in ("cp1251", "cp1253")
    return not ODD.search(text) and not _capital_inside(text) and (own_script or accents <= 0.5 * letters)


def _known_words(text: str | None) -> int:
    """How many names of columns, among the first lines' cells and words, are known and not in plain letters alone."""
    head = "\n".join((text or "").splitlines()[:HEAD]).casefold()
    cells = {c.strip() for c in CELLS.split(head)} | set(WORDS.findall(head))
    return len(cells & _accented_names())


@lru_cache(maxsize=1)
def _accented_names() -> frozenset[str]:
    from knowledge.synonyms import COLUMNS

    names = {n for fields in COLUMNS.values() for many in fields.values() for n in many.casefold().split("|")}
    return frozenset(n for n in {*names, *(w for n in names for w in WORDS.findall(n))} if not n.isascii() and len(n) > 1)


def _capital_inside(text: str) -> bool:
    """Whether a capital with an accent follows a small letter, as in `MÃ¼ller`."""
    return any(a.islower() and b.isupper() and not b.isascii() for a, b in itertools.pairwise(text))


def wide(head: bytes) -> bool:
    """Whether these are UTF-16's first bytes, with or without its mark."""
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or bool(_unmarked_utf16(head))


def _unmarked_utf16(raw: bytes) -> str:
    head = raw[:4096]
    for place, page in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = head[place::2]
        if len(half) > 4 and half.count(0) > 0.6 * len(half) and head[1 - place :: 2].count(0) == 0:
            return page
    return ""


def _strictly(raw: bytes, name: str, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as err:
        raise _wrong(raw, name, encoding, err.start) from err
    except LookupError as err:
        raise BadInput(
            f"There is no encoding `{encoding}`.", "Name another `encoding` in the mapping.", code="encoding"
        ) from err


def _wrong(raw: bytes, name: str, encoding: str, at: int) -> BadInput:
    line = raw[:at].count(b"\n") + 1
    return BadInput(
        f"{name}, line {line}: the bytes are not {encoding}, and no other encoding reads the whole file.",
        "Save it as UTF-8, or name its `encoding` in the mapping.",
        code="encoding",
    )
