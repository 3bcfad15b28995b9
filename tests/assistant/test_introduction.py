"""Somebody who does not know what to ask is told what can be asked here; whoever asks something is answered that."""

from __future__ import annotations

import pytest

from assistant import introduction
from tests.assistant.conftest import Ask

ASKS_WHAT = [
    "what can you do",
    "What can you do?",
    "help",
    "Hello!",
    "hi, what can I ask?",
    "what kinds of questions can you answer",
    "how does this work?",
    "who are you",
]
ASKS_MORE = [
    "help me understand why returns rise",
    "what can you do about late deliveries",
    "what can you tell me about Acme Industrial",
    "hello, revenue this year",
    "what do you know about Halvorsen Marine",
    "",
    "!",
]


@pytest.mark.parametrize("text", ASKS_WHAT)
def test_who_asks_what_can_be_asked_is_recognised(text: str) -> None:
    assert introduction.wanted(text)


@pytest.mark.parametrize("text", ASKS_MORE)
def test_who_asks_something_is_not_introduced_to_anything(text: str) -> None:
    assert not introduction.wanted(text)


def test_what_is_offered_can_be_answered(ask: Ask) -> None:
    told = ask("what can you do")
    assert told.status == "answered"
    assert "reasons" in told.text
    assert len(told.followups) >= 3
    assert {ask(q).status for q in told.followups} == {"answered"}
