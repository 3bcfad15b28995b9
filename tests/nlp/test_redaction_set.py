"""Personal data on labelled texts of our own: how much of it is masked, and how much that is masked is personal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nlp.redact import redact

MARK = re.compile(r"\{([a-z-]+):([^}]*)\}")
TITLES = {"", "Mr", "Mrs", "Ms"}
Span = tuple[int, int]


def labelled(name: str) -> list[tuple[str, list[Span]]]:
    """Texts and the characters of what must be masked in them."""
    rows = []
    for line in (Path(__file__).parent / "data" / name).read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        marked, text, spans, at = line.replace("\\n", "\n"), "", [], 0
        for mark in MARK.finditer(marked):
            text += marked[at : mark.start()]
            spans.append((len(text), len(text) + len(mark[2])))
            text, at = text + mark[2], mark.end()
        rows.append((text + marked[at:], spans))
    return rows


def scores(rows: list[tuple[str, list[Span]]]) -> tuple[float, float]:
    """Recall: labelled spans of which no letter or digit is left (but a title); precision: masks that touch a labelled span."""
    hidden, labels, right, made = 0, 0, 0, 0
    for text, spans in rows:
        masks = [(start, end) for _, _, start, end in redact(text).masks]
        for a, b in spans:
            left = "".join(text[i] for i in range(a, b) if text[i].isalnum() and not any(s <= i < e for s, e in masks))
            hidden, labels = hidden + (left in TITLES), labels + 1
        right += sum(any(s < b and a < e for a, b in spans) for s, e in masks)
        made += len(masks)
    return hidden / labels, right / made


@pytest.mark.parametrize(
    ("name", "least", "recall", "precision"), [("redaction.txt", 150, 0.98, 0.98), ("redaction_held_out.txt", 60, 0.90, 0.97)]
)
def test_what_is_personal_is_masked_and_little_else(name: str, least: int, recall: float, precision: float) -> None:
    rows = labelled(name)
    assert len(rows) >= least
    found = scores(rows)
    assert found[0] >= recall
    assert found[1] >= precision
