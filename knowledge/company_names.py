"""Company names made comparable (no legal forms, accents, signs), and how alike two are, rare words counting most."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

LEGAL = frozenset(
    """
    gmbh mbh ag kg kgaa ohg ug gbr ev eg se co company cie ltd limited plc llp lp llc inc incorporated corp
    corporation pllc pty sarl sas sasu sa sl slu srl spa snc sci bv nv vof cv ab hb oy oyj as asa aps is ehf kft
    zrt doo sro zoo spzoo sp ltda eireli lda jsc ooo pjsc kk gk pte bhd sdn pvt
    the und and et y e
    """.split()
)
FREE_MAIL = frozenset(
    """
    gmail.com googlemail.com yahoo.com yahoo.co.uk yahoo.de yahoo.fr hotmail.com hotmail.co.uk outlook.com
    live.com msn.com icloud.com me.com aol.com gmx.de gmx.net gmx.com web.de t-online.de freenet.de mail.com
    mail.ru yandex.ru proton.me protonmail.com orange.fr wanadoo.fr free.fr laposte.net libero.it virgilio.it
    telia.com comcast.net qq.com 163.com 126.com uol.com.br bol.com.br
    """.split()
)


@lru_cache(maxsize=200_000)
def words(name: str) -> tuple[str, ...]:
    """Lower case words without accents and legal forms; single letters that stand together (A.B.C.) become one word."""
    plain = name.casefold().replace("ß", "ss").replace("ø", "o").replace("æ", "ae").replace("ł", "l")
    plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    plain = re.sub(r"\b(?:\w\.){2,}\w?", lambda m: m.group(0).replace(".", ""), plain)
    plain = re.sub(r"\b(\w)/(\w)\b", r"\1\2", plain)
    found = re.findall(r"[^\W_]+", plain.replace("'", "").replace("\u2019", ""))
    kept = [w for w in found if w not in LEGAL]
    return tuple(kept or found)


def rarity(names: Iterable[str]) -> dict[str, float]:
    """How much a word tells: ln(1 + names / names that have it)."""
    seen = [set(words(n)) for n in names]
    counts = Counter(w for s in seen for w in s)
    return {w: math.log1p(len(seen) / n) for w, n in counts.items()}


def likeness(a: str, b: str, weight: dict[str, float]) -> tuple[float, float]:
    """How alike two names are (0..1), and how much their words tell that have no partner in the other name (0: all have one).

    Words pair up one to one, misspelt ones too; `AB Supply` and `ABSupply` are the same written together."""
    from rapidfuzz import fuzz

    one, two = words(a), words(b)
    if not one or not two:
        return 0.0, 1.0
    if one == two or "".join(one) == "".join(two):
        return 1.0, 0.0
    usual = max(weight.values(), default=1.0)
    pairs = sorted(
        ((_alike(x, y), i, j) for i, x in enumerate(one) for j, y in enumerate(two) if _alike(x, y) >= 0.75),
        key=lambda p: (-p[0], p[1:]),
    )
    left, right = set(range(len(one))), set(range(len(two)))
    matched = 0.0
    for sim, i, j in pairs:
        if i in left and j in right:
            left.discard(i)
            right.discard(j)
            matched += sim * (_heft(one[i], weight, usual) + _heft(two[j], weight, usual))
    whole = sum(_heft(w, weight, usual) for w in (*one, *two))
    alone = max(
        (
            _heft(w, weight, usual) / usual
            for w in (*(one[i] for i in left), *(two[j] for j in right))
            if len(w) > 1 or w.isdigit()
        ),
        default=0.0,
    )
    joined = fuzz.ratio("".join(sorted(one)), "".join(sorted(two))) / 100
    return min(1.0, 0.75 * matched / whole + 0.25 * joined), alone


def domain(email: str) -> str:
    """The company's own part of an e-mail address; empty for free mail and for what is no address."""
    found = email.strip().casefold().rpartition("@")[2]
    return "" if found in FREE_MAIL or "." not in found or "@" not in email else found.removeprefix("www.")


def _heft(word: str, weight: dict[str, float], usual: float) -> float:
    """A word's rarity; long known words weigh as counted, one seen once may be a misspelling and weighs a little less."""
    return min(weight.get(word, usual), usual)


@lru_cache(maxsize=500_000)
def _alike(x: str, y: str) -> float:
    """1 for the same word, less for a misspelling; 0 for numbers that differ and for words of which one is only like it."""
    from rapidfuzz.distance import OSA

    if x == y:
        return 1.0
    if x.isdigit() or y.isdigit():
        return 0.0
    short, long = sorted((x, y), key=len)
    if len(short) >= 3 and long.startswith(short) and len(long) - len(short) >= 3:
        return 0.76  # an abbreviation: `mach` for `machines`
    distance = OSA.distance(x, y, score_cutoff=2)
    allowed = 0 if len(short) < 4 else 1 if len(short) < 7 else 2
    return 1.0 - distance / len(long) if distance <= allowed else 0.0
