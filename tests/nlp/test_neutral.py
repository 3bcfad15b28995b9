"""What the encoder reads holds no names, codes or dates."""

from __future__ import annotations

import pytest

from nlp.neutral import Names, neutral

KNOWN = Names.of({"the product": ["Ball bearing 51110", "Seal"], "our company": ["Acme Industrial"]})


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("Ball bearing 51110 is noisy", "the product is noisy"),
        ("Acme Industrial's order PO 90799 is late", "our company order PO is late"),
        ("You said Tuesday and it is Thursday", "You said and it is"),
        ("FAS-129 came short, 12 of 20 pieces", "came short, 12 of 20 pieces"),
        ("We wait 48 hours", "We wait 48 hours"),
        ("90799", "90799"),
    ],
)
def test_neutral(text: str, want: str) -> None:
    assert neutral(text, KNOWN) == want
