"""Kinds of one thing that the handbook tells in one entry are told apart, not called two names for it."""

from __future__ import annotations

import pytest

from tests.assistant.conftest import Ask


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("what is the difference between erratic and lumpy demand", "uneven sizes"),
        ("difference between champions and loyal customers", "often"),
        ("what does hibernating mean in our segments?", "quiet"),
    ],
)
def test_kinds_are_told_apart(question: str, told: str, ask: Ask) -> None:
    answer = ask(question)
    assert answer.status == "answered"
    assert told in answer.text
    assert "two names" not in answer.text
