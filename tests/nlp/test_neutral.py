"""What the encoder reads holds no names, codes or dates."""

from __future__ import annotations

import pytest

from nlp.neutral import NOBODY, Names, found_names, neutral

KNOWN = Names.of({"the product": ["Ball bearing 51110", "Seal"], "our company": ["Acme Industrial"]})


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Ball bearing 51110 is noisy", "the product is noisy"),
        ("Acme Industrial's order PO 90799 is late", "our company order PO is late"),
        ("You said Tuesday and it is Thursday", "You said and it is"),
        ("FAS-129 came short, 12 of 20 pieces", "came short, 12 of 20 pieces"),
        ("We wait 48 hours", "We wait 48 hours"),
        ("They rejected the 6308-2RS for damage", "They rejected for damage"),
        ("90799", "90799"),
    ],
)
def test_neutral(text: str, want: str) -> None:
    assert neutral(text, KNOWN) == want


SPOKEN = [
    "@BlueAir my flight to Dallas was late",
    "@BlueAir stuck in Dallas again, and the EDI order failed",
    "@BlueAir we flew from Dallas to New York. Late!",
    "@BlueAir Blue lost my bag in New York and in Dallas",
    "@BlueAir our EDI is down, New York knows, Blue does not",
    "@BlueAir via EDI nothing works, I flew Blue from New York",
    "@BlueAir is Late again, that Blue plane to New York",
    "@BlueAir they were Late, EDI too",
] * 2  # fmt: skip


def test_places_and_whom_comments_are_written_to_are_found_and_other_capitals_are_not() -> None:
    assert found_names(SPOKEN) == ("blue", "blue air", "blueair", "dallas", "york")
    assert neutral("my flight to Dallas with Blue", NOBODY.and_found(found_names(SPOKEN))) == "my flight to with"
    assert neutral("The seal of Dallas", KNOWN.and_found(("dallas",))) == "The the product of"
    assert found_names(["ALL IN DALLAS", "to paris", "Rome waits"] * 5) == ()
