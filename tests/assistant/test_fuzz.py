"""Plans and questions that nobody would think of: whatever is asked, there is an answer or a refusal in words, never a fault."""

from __future__ import annotations

import os
import random
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from assistant.answer import answer_query
from assistant.engine import Engine
from assistant.guard import untraced
from assistant.questions import Turn
from knowledge.access import Reader, Scope
from knowledge.errors import RapportError
from knowledge.metrics import metrics
from knowledge.metrics.registry import GROUPS
from knowledge.query import members
from knowledge.records import Filter, MetricQuery, Period

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]
COUNT, SHOWN = int(os.environ.get("RAPPORT_FUZZ", "100")), 10
"""How many; `make soak` throws 5,000."""
QUESTIONS = Path(__file__).parents[1] / "questions"
DIMENSIONS = sorted({d for dims in GROUPS.values() for d in dims})
GRAINS = (None, None, "day", "week", "month", "quarter", "year")


def query(pick: random.Random, known: dict[str, list[str]]) -> MetricQuery:
    """Any metric by anything, over any time; mostly by what it can be cut by, so that more than the refusals is tried."""
    found = pick.choice(sorted(metrics()))
    metric = metrics()[found]
    name = pick.choice([found, found, *(v.name for v in metric.variants.values())])

    def dimension() -> str:
        return pick.choice(metric.dimensions) if metric.dimensions and pick.random() < 0.9 else pick.choice(DIMENSIONS)

    where = []
    for _ in range(pick.choice((0, 0, 0, 1, 1, 2))):
        cut = dimension()
        listed = [*known.get(cut, ()), "no such member", ""]
        where.append(Filter(cut, tuple(pick.choice(listed) for _ in range(pick.choice((1, 1, 2, 3)))), pick.random() < 0.2))
    start = date(2024, 6, 1) + timedelta(days=pick.randrange(1000))
    period = Period(start, start + timedelta(days=pick.choice((0, 1, 6, 30, 90, 364, 4000)))) if pick.random() < 0.6 else None
    by = tuple(dict.fromkeys(dimension() for _ in range(pick.choice((0, 0, 1, 1, 2, 3)))))
    grain = pick.choice(GRAINS)
    return MetricQuery(
        name, by, tuple(where), period, grain, pick.choice((None, None, "asc", "desc")), pick.choice((None, None, 1, 3, 50))
    )  # type: ignore[arg-type]


def test_no_query_breaks_the_metric_layer_or_its_words(reader: Reader) -> None:
    pick = random.Random(14)
    known = {d: [m for m, _ in members(d, reader)][:20] for d in DIMENSIONS}
    broken = []
    answered = 0
    for _ in range(COUNT):
        asked = query(pick, known)
        try:
            answer = answer_query(asked, reader)
            answered += 1
            if untraced(answer):
                broken.append(f"{asked}: untraced {untraced(answer)}")
        except RapportError as err:
            if err.exit_code != 1:
                broken.append(f"{asked}: {err!r}")
        except Exception as err:
            broken.append(f"{asked}: {err!r}")
    assert not broken, f"{len(broken)} of {COUNT}\n" + "\n".join(broken[:SHOWN])
    assert answered > COUNT / 5


def asked_before() -> list[str]:
    rows = [row for file in sorted(QUESTIONS.glob("*.yaml")) for row in yaml.safe_load(file.read_text(encoding="utf-8"))]
    return sorted({row["question"] for row in rows if row.get("workspace") in (None, "demo")})


def mangled(pick: random.Random, questions: list[str]) -> str:
    """A question with words dropped, doubled, swapped, or taken from another one."""
    words = pick.choice(questions).split()
    for _ in range(pick.choice((1, 1, 2, 3))):
        at = pick.randrange(len(words))
        match pick.choice(("drop", "double", "swap", "borrow", "cut")):
            case "drop" if len(words) > 1:
                words.pop(at)
            case "double":
                words.insert(at, words[at])
            case "swap":
                other = pick.randrange(len(words))
                words[at], words[other] = words[other], words[at]
            case "borrow":
                words.insert(at, pick.choice(pick.choice(questions).split()))
            case "cut" if len(words[at]) > 2:
                words[at] = words[at][: pick.randrange(1, len(words[at]))]
    return " ".join(words)


@pytest.mark.parametrize("role", ["manager", "rep"])
def test_no_mangled_question_breaks_the_engine(role: str, engine: Engine) -> None:
    pick, questions = random.Random(role), asked_before()
    broken = []
    for number in range(COUNT // 2):
        text = mangled(pick, questions)
        answer = engine.reply(Turn(text, Scope.of_role(role), f"{role}-{number // 4}" if number % 3 else None))
        if answer.status == "error":
            broken.append(f"{text!r}: {answer.text}")
    assert not broken, f"{len(broken)} of {COUNT // 2}\n" + "\n".join(broken[:SHOWN])
