"""Clauses, masks, languages and duplicates, as a reviewer of comments expects them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.dedupe import duplicates, with_new
from nlp.language import language
from nlp.redact import redact
from nlp.text import clauses, readable, words


def pieces(text: str) -> list[str]:
    return [text[a:b] for a, b in clauses([text])[0]]


def test_clauses_part_at_sentences_and_contrasts() -> None:
    assert pieces("The pump is great. It came late, but the driver was very friendly!") == [
        "The pump is great.",
        "It came late,",
        "but the driver was very friendly!",
    ]


def test_a_cause_stays_with_what_it_explains() -> None:
    assert pieces("We lost a day because the driver left it at the wrong dock.") == [
        "We lost a day because the driver left it at the wrong dock."
    ]


def test_quoted_mail_and_signature_are_not_the_writer() -> None:
    mail = "The seals leak after one week.\n\nBest regards,\nAnna Svensson\nOn Mon, 3 Nov 2025 wrote:\n> Dear Anna"
    assert pieces(mail) == ["The seals leak after one week."]


@given(st.text(max_size=400))
def test_clauses_lie_in_order_inside_any_text(text: str) -> None:
    end = 0
    for start, stop in clauses([text])[0]:
        assert end <= start < stop <= len(text)
        assert text[start:stop].strip() == text[start:stop]
        end = stop


def test_readable_drops_what_is_not_language() -> None:
    assert readable("@united &amp; <b>why</b>  http://t.co/x #late soooooo") == "& why late soo"
    assert words("It's the driver's fault") == ["it's", "the", "driver's", "fault"]


PERSONAL = [
    ("write to anna.b@acme-foods.com please", "write to [e-mail] please"),
    ("call me on +46 70 123 45 67", "call me on [phone]"),
    ("my card is 4111 1111 1111 1111, ok?", "my card is [card], ok?"),
    ("pay to DE89 3704 0044 0532 0130 00 today", "pay to [iban] today"),
    ("Send it to 12 Baker Street, London.", "Send it to [address]."),
    ("My name is Jane Miller and I wait", "My name is [name] and I wait"),
    ("Still no credit note.\nRegards,\nTom Baker", "Still no credit note.\nRegards,\n[name]"),
]


@pytest.mark.parametrize(("text", "want"), PERSONAL)
def test_personal_data_is_masked(text: str, want: str) -> None:
    assert redact(text).text == want


@pytest.mark.parametrize(
    "text",
    [
        "order 48213 came on 2026-11-04",
        "we ordered 1,200 pieces at $4.50",
        "part 22-4471-B is wrong",
        "dear team, thanks",
        "60 000 units short",
    ],
)
def test_what_is_not_personal_stays(text: str) -> None:
    assert redact(text).text == text


@given(st.text(max_size=60), st.text(max_size=60))
def test_masks_map_back_to_the_original(before: str, after: str) -> None:
    original = f"{before} a.b@c.de {after}"
    masked = redact(original)
    for start, end, a, b in masked.masks:
        assert masked.text[start] == "["
        assert masked.text[end - 1] == "]"
        assert masked.original(start, end) == (a, b)
    kept = masked.text.rfind(after) if after else len(masked.text)
    if after and not redact(after).masks and kept > max((e for _, e, _, _ in masked.masks), default=0):
        assert original[masked.original(kept, len(masked.text))[0] :] == after


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The delivery was three days late and nobody called", "en"),
        ("Die Lieferung kam drei Tage zu spät und niemand hat angerufen", "de"),
        ("La livraison est arrivée en retard et personne ne nous a prévenus", "fr"),
        ("Leveransen kom tre dagar för sent och ingen ringde oss", "sv"),
        ("great", "en"),
        ("12345 !!!", "und"),
    ],
)
def test_language(text: str, code: str) -> None:
    assert language(text) == code


def test_copies_are_grouped_whatever_their_order() -> None:
    ids = ["c", "a", "b", "d"]
    texts = ["The boxes were crushed on arrival!", "the boxes were crushed on arrival", "thanks", "thanks"]
    assert duplicates(ids, texts, np.eye(4, dtype=np.float32)) == ["a", None, None, None]
    turned = [3, 2, 1, 0]
    assert duplicates([ids[i] for i in turned], [texts[i] for i in turned]) == [None, None, None, "a"]


def test_new_copies_are_found_without_comparing_all_again() -> None:
    draw = np.random.default_rng(5)
    texts = [f"pump {i} came late and the carrier {i * 7} left it at dock {i * 3}" for i in range(60)]
    vectors = draw.normal(size=(60, 16)).astype(np.float32)
    texts[50], vectors[50] = texts[7], vectors[7]  # copied before
    texts[59], vectors[59] = texts[7], vectors[7]  # copied now
    texts[58], vectors[58] = texts[20] + " again", vectors[20]  # nearly copied now
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = [f"c{i:02d}" for i in range(60)]
    known = duplicates(ids[:58], texts[:58], vectors[:58])
    new = np.arange(60) >= 58
    found = with_new(ids, texts, vectors, [*known, None, None], new)
    assert found == duplicates(ids, texts, vectors)
    assert {i: f for i, f in zip(ids, found, strict=True) if f} == {"c50": "c07", "c58": "c20", "c59": "c07"}
    gone = with_new(ids[8:], texts[8:], vectors[8:], found[8:], np.zeros(52, dtype=bool))
    assert {i: f for i, f in zip(ids[8:], gone, strict=True) if f} == {"c58": "c20", "c59": "c50"}  # the first has left
