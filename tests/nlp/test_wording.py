"""Wordings read from the parse: whole, with their denial, and without who, how many and how long."""

from __future__ import annotations

import pytest

from nlp.text import parsed, trained
from nlp.wording import stands, wordings

pytestmark = pytest.mark.skipif(not trained(), reason="the trained English pipeline is not installed (requirements-model.txt)")


def read(text: str) -> list[str]:
    parses = parsed([text])
    assert parses
    return [w.text for w in wordings(parses[0])]


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("The ferry was late because the pilot took it to the wrong pier.", "pilot took it to the wrong pier"),
        ("My booking was cancelled.", "booking cancelled"),
        ("They lost my suitcase.", "lost my suitcase"),
        ("The curtains are very thin.", "thin curtains"),
        ("The sleeves are too long.", "sleeves too long"),
        ("No one answers the phone.", "no one answers the phone"),
        ("There is no response to our letters.", "no response to our letters"),
        ("I can't get through to the helpline.", "can't get through to the helpline"),
        ("The lamp is hard to switch on.", "lamp hard to switch on"),
        ("It is not worth the price.", "price"),
        ("Runs true to size.", "runs true to size"),
    ],
)
def test_what_is_said_is_worded_as_a_whole(text: str, want: str) -> None:
    assert want in read(text)


@pytest.mark.parametrize("text", ["I waited 45 minutes.", "It took 3 hours.", "12 of the 30 cups."])
def test_a_wording_has_no_figure_and_does_not_end_in_a_span_of_time(text: str) -> None:
    assert not [w for w in read(text) if any(c.isdigit() for c in w) or w.split()[-1] in {"minutes", "hours"}]


def test_a_denial_is_never_lost() -> None:
    assert not [w for w in read("The motor does not start.") if "start" in w and "not" not in w]
    assert "motor does not start" in read("The motor does not start.")


def test_what_is_only_supposed_states_nothing() -> None:
    assert "lid broken" not in read("If the lid is broken, call me.")


def test_a_mere_topic_is_told_apart() -> None:
    parses = parsed(["The safety valve was loose."])
    assert parses
    told = {w.text: w.topic for w in wordings(parses[0])}
    assert told["safety valve"]
    assert not told["loose safety valve"]


@pytest.mark.parametrize("cut", ["waiting for", "recommend it", "who came", "two hours", "room 12", ""])
def test_what_is_cut_or_points_nowhere_does_not_stand(cut: str) -> None:
    assert not stands(cut.split())
