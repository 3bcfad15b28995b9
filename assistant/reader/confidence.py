"""How likely a reading is about what was asked: a logistic model over what the two readings, the tagger and the sentence that says the
reading back have to say. Its weights (`confidence.json`) are fitted by `python bench/reader.py --fit` on questions whose answers
were judged by readers; of those the shares of right and wrong answers that a threshold keeps are in `docs/first-asked.md`."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path

from assistant.questions import Question
from assistant.reader.links import metrics_in
from assistant.reader.spans import ReadQuestion
from assistant.understand.phrases import FILLERS

FILE = Path(__file__).with_name("confidence.json")
NAMED = (("", 1.0), ("", 0.7))
"""The likeness of a record that is called by its own name, and of what could stand beside it."""
Alike = Callable[[str, str], float]
"""How near two texts are in meaning, -1..1."""


@dataclass(frozen=True)
class Signs:
    """What speaks for a reading, each 0..1 or near it."""

    alike: float
    """How near the question is to the sentence that says it back."""
    agree: float
    """Both readings have the same figures."""
    agree_wholly: float
    """… and the same conditions, groups, times and kind."""
    kind: float
    """How sure the tagger is of the kind of question."""
    least: float
    """How sure it is of the span of which it is least sure."""
    mean: float
    """… of its spans on average."""
    near: float
    """How near the record of a figure is to the words for it, at worst."""
    ahead: float
    """How far it is ahead of the next record."""
    words: float
    """Logarithm of the number of words."""
    follows: float
    """The question goes on with the one before it."""
    plain: float
    """The words' own reading stands, and no word but those of grammar was passed over."""


def signs(
    text: str, question: Question, said: str, alike: Alike,
    *, tagged: ReadQuestion, by_words: Question | None, learned: Question | None,
) -> Signs:  # fmt: skip
    """The signs of a reading of `text` that `said` says back; `by_words` and `learned` are the two readings it was settled from."""
    measured = [s.text for s in tagged.spans if s.role == "m"]
    found = [NAMED if any(m.by_words and not m.left for m in metrics_in(t)) else tagged.nearest(t, "metric") for t in measured]
    sure = [s.sure for s in tagged.spans]
    passed = [o for o in tagged.outside if any(c.isalnum() for c in o.text) and o.text.lower() not in FILLERS]
    both = by_words is not None and learned is not None and bool(by_words.metrics) and by_words.metrics == learned.metrics
    return Signs(
        alike=alike(text, said),
        agree=float(both),
        agree_wholly=float(both and _core(by_words) == _core(learned)),
        kind=tagged.op[0][1] if tagged.op else 0.0,
        least=min(sure, default=0.5),
        mean=sum(sure) / len(sure) if sure else 0.5,
        near=min((f[0][1] for f in found if f), default=0.6),
        ahead=min((f[0][1] - f[1][1] for f in found if len(f) > 1), default=0.1),
        words=math.log(max(1, len(text.split()))),
        follows=float(question.follow_up or by_words is None),
        plain=float(by_words is not None and not passed and _core(by_words) == _core(question)),
    )


def _core(q: Question | None) -> tuple[object, ...]:
    """What a reading measures, of what, when and how; empty without one."""
    return () if q is None else (q.metrics, q.things, q.only, q.by, q.grain, q.period, q.operation)


def likelihood(given: Signs) -> float:
    """How likely an answer to that reading is not about something else than was asked, 0..1."""
    weights, bias = _model()
    return 1 / (1 + math.exp(-(bias + sum(w * v for w, v in zip(weights, astuple(given), strict=True)))))


@cache
def _model() -> tuple[tuple[float, ...], float]:
    told = json.loads(FILE.read_text(encoding="utf-8"))
    return tuple(told["weights"][name] for name in Signs.__dataclass_fields__), float(told["bias"])


@cache
def enough() -> float:
    """The likelihood below which the reading is asked back instead of answered."""
    return float(json.loads(FILE.read_text(encoding="utf-8"))["enough"])
