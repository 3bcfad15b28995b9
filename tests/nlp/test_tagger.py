"""The learned part of the question reader: what it says of odd texts, that it stays the same, and how well it does."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from nlp.tagger import Tagger, load_tagger
from nlp.tagger.network import LABELS
from nlp.tagger.tagger import DATA, best_path
from nlp.tagger.words import words_of

ODD = [
    "", " ", "?", "😀 revenue 😀😀 of Müller & Söhne?", "Île-de-France's OTIF, Q3/24", "a\u0308rger\u200b mit\tlieferung\n\nnord", "収益は？",
    "what " * 600, "x" * 3000, "1,000.50€ / SO-2024/0017 / #1001-B", "don't [m|cheat]", "\x00 revenue",
]  # fmt: skip


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return load_tagger()


def test_the_weights_are_those_that_shipped_and_small() -> None:
    weights = DATA / "tagger.npz"
    assert hashlib.sha256(weights.read_bytes()).hexdigest() == (DATA / "tagger.sha256").read_text().strip()
    assert weights.stat().st_size < 6_000_000


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_words_and_spans_are_where_they_say(tagger: Tagger, text: str) -> None:
    tagged = tagger.read(text)
    assert "".join(w.text for w in tagged.words) == "".join(text.split())
    assert all(text[w.start : w.end] == w.text for w in tagged.words)
    assert len(tagged.roles) == len(tagged.sure) == len(tagged.words)
    assert all(0 <= s <= 1 for s in tagged.sure)
    assert all(text[s.start : s.end] == s.text for s in tagged.spans)
    assert all(a.end <= b.start for a, b in zip(tagged.spans, tagged.spans[1:], strict=False))
    inside = [any(s.start <= w.start < s.end for s in tagged.spans) for w in tagged.words]
    assert inside == [r != "o" for r in tagged.roles]
    assert sum(p for _, p in tagged.op) == pytest.approx(1, abs=0.01)
    vectors = tagger.vectors(tagged)
    assert vectors.shape == (len(tagged.spans), 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)


def test_codes_and_names_stay_words() -> None:
    assert [w.text for w in words_of("SO-2024/0017, #1001-B: Byrne's 1,000.50")] == [
        "SO-2024/0017", ",", "#", "1001-B", ":", "Byrne", "'s", "1,000.50",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "role", "said"),
    [
        ("revenue of Quandel & Tochter last month", "p", "last month"),
        ("revenue of Quandel & Tochter last month", "n", "Quandel & Tochter"),
        ("top 5 customers by revenue in 2025", "g", "customers"),
        ("how many orders were late in march", "p", "march"),
        ("where is order ZK-99117", "n", "ZK-99117"),
    ],
)
def test_names_never_seen_are_known_by_where_they_stand(tagger: Tagger, text: str, role: str, said: str) -> None:
    assert any(s.role == role and said in s.text for s in tagger.read(text).spans)


def test_a_span_lies_near_the_record_that_it_means(tagger: Tagger) -> None:
    tagged = tagger.read("how much did we sell to each region last month")
    records = [
        "Revenue. Value ordered and not cancelled.",
        "Return rate. Returns over orders.",
        "Days late. Days after the promise.",
    ]
    measure = next(i for i, s in enumerate(tagged.spans) if s.role == "m")
    assert int((tagger.texts(records, "m") @ tagger.vectors(tagged)[measure]).argmax()) == 0


def test_the_same_text_is_read_the_same_in_any_order_and_thread(tagger: Tagger) -> None:
    texts = ["top 5 customers by revenue", "where is order 48213?", "csat of late orders against on-time ones", *ODD[:6]]
    alone = {t: tagger.read(t) for t in texts}
    with ThreadPoolExecutor(4) as threads:
        assert all(got == alone[got.text] for got in threads.map(tagger.read, texts[::-1] * 3))


def test_a_mark_goes_on_only_where_it_began() -> None:
    draw = np.random.default_rng(1)
    for _ in range(20):
        path = [LABELS[i] for i in best_path(np.log(draw.dirichlet(np.full(len(LABELS), 0.2), 12)).astype(np.float32))]
        assert all(b[0] != "I" or a[1:] == b[1:] for a, b in zip(["o", *path], path, strict=False))


def test_reading_needs_no_torch() -> None:
    code = (
        "import sys; from nlp.tagger import load_tagger; load_tagger().read('revenue by month'); print('torch' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert told.stdout.strip() == "False"


@pytest.mark.slow
def test_torch_and_numpy_agree(tagger: Tagger) -> None:
    from nlp.tagger.train import reference

    for text in [
        "top 5 customers by revenue in 2025",
        "where is order 48213?",
        "hey, can u tell me csat of late orders vs on-time ones pls",
    ]:
        labels, ops = tagger.log_chances(text)
        of_labels, of_ops = reference(text)
        assert np.abs(labels - of_labels).max() < 1e-4
        assert np.abs(ops - of_ops).max() < 1e-4


@pytest.mark.slow
def test_it_does_as_well_as_the_model_card_says(tagger: Tagger) -> None:
    from nlp.tagger.bank import read_bank
    from nlp.tagger.score import candidates, scores, split

    bank = read_bank(Path(__file__).parents[1] / "questions" / "bank")
    card = json.loads((DATA / "scores.json").read_text())
    parts = split(bank)
    for name, part in (("held-out writers", parts.writers[1::2]), ("held-out metrics", parts.metrics)):
        got, said = scores(tagger, part[:: max(1, len(part) // 150)], candidates(bank, tagger)), card[name]
        for figure in ("span F1", "operation right"):
            assert got[figure] >= said[figure] - 0.05, (name, figure)
        kind = "link first, among three, among five"
        assert got[kind]["m"][2] >= said[kind]["m"][2] - 0.07, name


@pytest.mark.slow
def test_a_question_takes_milliseconds(tagger: Tagger) -> None:
    text = "which carrier was worst on arriving when promised in the north last quarter?"
    tagger.vectors(tagger.read(text))
    spent = []
    for _ in range(20):
        start = time.thread_time()
        tagger.vectors(tagger.read(text))
        spent.append(time.thread_time() - start)
    assert sorted(spent)[10] < 0.06
