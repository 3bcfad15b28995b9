"""What says why: with a cue in the clause, or in the clause behind a complaint."""

from __future__ import annotations

import pytest

from nlp.cues import cause, explained


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("The lamp flickers, as the cable is loose.", "the cable is loose"),
        ("It is hard to reach as the shelf hangs too high and has no step.", None),  # no cue that is sure
        ("The soup was cold (somebody forgot the lid).", "somebody forgot the lid"),
        ("The tiles broke: your lads throw them about.", "your lads throw them about"),
        ("A compliment: the fitter swept the floor.", None),  # what stands before the colon complains of nothing
        ("Reason: the buyer was on leave.", "the buyer was on leave"),
        ("The bread was stale, I think the oven had failed.", "the oven had failed"),
    ],
)
def test_causes_within_a_clause(text: str, want: str | None) -> None:
    found = cause(text, 0, len(text))
    assert (text[found[0] : found[1]] if found else None) == want


def test_a_clause_that_explains_the_one_before_it() -> None:
    texts = ["The bread was stale.", "Apparently the oven failed.", "The bread was stale.", "Your baker had left the oven off.",
             "The bread was good.", "Your baker had made an effort.", "Your baker had left."]  # fmt: skip
    comments = ["a", "a", "b", "b", "c", "c", "d"]
    assert explained(texts, comments, [-1, 0, -1, 0, 1, 0, 0]).tolist() == [-1, 0, -1, 2, -1, -1, -1]
