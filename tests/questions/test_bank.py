"""The question bank: every line says a plan that exists, with marks that fit it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from nlp.tagger.bank import Mark, read_bank, unmark
from nlp.tagger.score import split
from nlp.tagger.words import words_of

BANK = Path(__file__).parent / "bank"


def test_every_line_says_a_plan_and_its_marks_are_whole_words() -> None:
    bank = read_bank(BANK)
    assert len(bank.wordings) >= 2_600
    for w in bank.wordings:
        words = words_of(w.text)
        for mark in w.marks:
            inside = [x for x in words if x.start < mark.end and x.end > mark.start]
            assert inside, (w.text, mark)
        assert all(a.end <= b.start for a, b in zip(w.marks, w.marks[1:], strict=False)), w.text


def test_a_mark_says_a_field_that_the_plan_has() -> None:
    astray = [(w.text, m.role) for w in read_bank(BANK).wordings for m in w.marks if m.role not in w.plan]
    assert len(astray) <= 0.02 * len(read_bank(BANK).wordings), astray[:20]


def test_each_kind_of_name_in_the_companies_has_others_to_stand_for_it() -> None:
    names = yaml.safe_load((BANK / "names.yaml").read_text(encoding="utf-8"))
    kinds = {k for facts in read_bank(BANK).companies.values() for k, v in facts.items() if isinstance(v, list) and v}
    assert kinds - {"order"} <= set(names)


def test_writers_and_metrics_are_held_out_whole() -> None:
    parts = split(read_bank(BANK))
    assert not {w.persona for w in parts.learning} & {w.persona for w in parts.writers}
    planned = [w for w in parts.learning if w.plan.get("m")]
    assert not {w.plan["m"] for w in planned} & {w.plan["m"] for w in parts.metrics if w.plan.get("m")}
    assert min(Counter(w.persona for w in parts.learning).values()) >= 10
    assert min(len(parts.writers), len(parts.metrics)) >= 100


def test_marks_are_taken_out_and_told_by_their_places() -> None:
    text, marks = unmark("which [g|carrier] was [k|worst]?")
    assert text == "which carrier was worst?"
    assert marks == (Mark("g", 6, 13), Mark("k", 18, 23))


@pytest.mark.parametrize("marked", ["which [g|carrier", "a [z|b]", "a [m|] b", "a ] b", "[m|a [g|b]]"])
def test_a_line_with_a_broken_mark_is_refused(marked: str) -> None:
    with pytest.raises(ValueError, match="mark"):
        unmark(marked)
