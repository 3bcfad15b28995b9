"""Wordings read from the parse: whole, with their denial, and without who, how many and how long."""

from __future__ import annotations

import pytest

from nlp.candidates import plainly
from nlp.neutral import HOLE, Names, neutral
from nlp.text import parsed, trained
from nlp.wording import as_said, stands, wordings

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
        ("Refund paid within hours, happy with that.", "refund paid within hours"),
        ("The bus came later than announced.", "bus came later than announced"),
        ("Nobody made us repeat the exercise.", "nobody made us repeat the exercise"),
        ("It could not have been simpler.", "could not have been simpler"),
        ("The room had to be cleaned.", "room had to be cleaned"),
        ("The renovation takes weeks.", "renovation takes weeks"),
        ("The tickets were never sent.", "tickets never sent"),
        ("The waiting times are terrible.", "terrible waiting times"),
        ("We will answer later.", "will answer later"),
        ("This hotel is more expensive than the others.", "hotel more expensive than the others"),
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


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Ticket booked in no time, love it.", "ticket love it"),  # leaves out what matters between its words
        ("Nobody made us repeat the exercise.", "repeat the exercise"),  # the opposite of what is said
        ("It could not have been simpler.", "not simpler"),
        ("The host was short with me.", "short host"),
        ("It means X in your diary.", "means in your diary"),  # X: something was taken out
        ("Our guests ask for X by name.", "guests ask by name"),
        ("A two hour delay.", "hour delay"),
        ("Half of X was cold.", "half"),
        ("A nurse that nobody likes.", "that nobody likes"),
    ],
)
def test_what_lacks_a_part_is_no_wording(text: str, cut: str) -> None:
    assert cut not in read(text)


def test_a_phrase_counts_where_it_hangs_together_and_lacks_nothing() -> None:
    parses = parsed(["the menu was served from noon to midnight", "our cook swears by this oven"])
    assert parses
    assert as_said(["menu", "was", "served"], parses[0]) is None
    assert as_said(["cook", "swears"], parses[1]) is None
    told = as_said(["the", "menu"], parses[0])
    assert told is not None
    assert told.topic
    assert not told.alone


def test_what_opens_a_clause_is_not_read_and_capitals_are_no_names() -> None:
    assert plainly("By the way, the POOL is closed") == "the POOL is closed"
    assert plainly("THE POOL IS CLOSED") == "the pool is closed"
    assert plainly("Comfortable beds") == "comfortable beds"


def test_what_was_taken_out_leaves_a_mark_where_one_is_asked_for() -> None:
    names = Names.of({"the product": ["deep fryer"]}).and_found(["Dover"])
    assert neutral("the deep fryer X12-9 from Dover", names, HOLE) == "the the product X from X"


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
