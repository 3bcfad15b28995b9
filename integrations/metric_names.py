"""Metrics by what people call them: found by words, or the one that a name, a label or a synonym means. Shared by the doors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from knowledge.errors import Ambiguous, UnknownName

FITS, NEAREST = 70, 3
Metrics = Sequence[dict[str, Any]]


def fitting(catalogue: Metrics, search: str) -> list[dict[str, Any]]:
    """Those whose words fit, best first."""
    from rapidfuzz import fuzz, utils

    def likeness(metric: dict[str, Any]) -> tuple[float, float]:
        """How well the words of a name fit, and of those that fit alike, how much of the name they are."""
        names = (metric["name"].replace("_", " "), metric["label"], *metric["synonyms"])
        best = max(fuzz.token_set_ratio(search, n, processor=utils.default_process) for n in names)
        said = fuzz.partial_ratio(search, metric["definition"], processor=utils.default_process)
        whole = max(fuzz.ratio(search, n, processor=utils.default_process) for n in names)
        return max(best, 0.8 * said), whole

    ranked = sorted(((likeness(m), m["name"], m) for m in catalogue), key=lambda r: (-r[0][0], -r[0][1], r[1]))
    return [m for score, _, m in ranked if score[0] >= FITS]


def named(asked: str, catalogue: Metrics) -> str:
    """The metric's own name (variants and measures as they are), by its name, its label, or a synonym of one metric only.

    Fails: UnknownName with the nearest, Ambiguous where the word is several metrics'."""
    text = asked.strip()
    if "(" in text or text.partition(".")[0] in {m["name"] for m in catalogue}:
        return text
    ways: tuple[Callable[[dict[str, Any]], Iterable[str]], ...] = (lambda m: (m["name"], m["label"]), lambda m: m["synonyms"])
    for words_of in ways:
        found = sorted({m["name"] for m in catalogue if _plain(text) in {_plain(w) for w in words_of(m)}})
        if len(found) == 1:
            return str(found[0])
        if found:
            choices = tuple(found[:NEAREST])
            raise Ambiguous(f"{len(found)} metrics are called `{asked}`.", f"Say which: {', '.join(choices)}.", choices=choices)
    nearest = tuple(str(m["name"]) for m in fitting(catalogue, text)[:NEAREST])
    hint = f"Nearest: {', '.join(nearest)}." if nearest else "Look for one in the list of metrics."
    raise UnknownName(f"There is no metric `{asked}`.", hint, nearest=nearest, code="unknown_metric")


def dimension(asked: str, known: Sequence[str]) -> str:
    """The dimension's own name where it is one of those, else as it was given."""
    plain = "_".join(asked.split()).casefold()
    return plain if asked not in known and plain in known else asked


def _plain(words: str) -> str:
    return " ".join(re.findall(r"\w+", words.replace("_", " ").casefold()))
