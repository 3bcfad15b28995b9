from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from knowledge.access import ROLE_RIGHTS, Reader, Scope
from knowledge.errors import NoData, Unavailable
from knowledge.index import Vectors
from knowledge.passages import LONGEST, split
from knowledge.search import Hit, build_index, search
from knowledge.snapshot import current
from tests.support import reader, workspace

POLICY = """# Returns

Goods come back within 30 days. The customer pays the freight.

Opened reels are not taken back.

## Damaged goods
A photo of the carton is needed.
"""
MEANINGS = {
    "late": 0,
    "delayed": 0,
    "slow": 0,
    "carton": 1,
    "box": 1,
    "damaged": 1,
    "return": 2,
    "returns": 2,
    "back": 2,
    "photo": 3,
}


def encode(texts: Sequence[str]) -> Vectors:
    """A small real encoder: words of one meaning share a direction."""
    vectors = np.full((len(texts), 4), 0.01, dtype=np.float32)
    for row, text in enumerate(texts):
        for word in text.lower().replace(".", " ").split():
            if word in MEANINGS:
                vectors[row, MEANINGS[word]] += 1
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


FEEDBACK = pd.DataFrame(
    {
        "feedback_id": ["F1", "F2", "F3", "F4"],
        "customer_id": ["C1", "C2", "C1", None],
        "at": pd.to_datetime(["2025-01-05", "2025-01-20", "2025-01-25", "2025-01-26"], utc=True),
        "channel": "web",
        "text": [
            "The pallet came late again",
            "Order 4711 was delayed by a week",
            "The carton was wet",
            "All fine here, thanks",
        ],
    }
)
DOCUMENTS = pd.DataFrame(
    {
        "document_id": ["D1", "D2", "D3"],
        "title": ["Returns policy", "Discount ladder", "Notes on Two"],
        "text": [POLICY, "Up to 12 percent for the carton customers.", "Two wants deliveries before noon."],
        "customer_id": [None, None, "C2"],
        "audience": [None, "Manager, quality", "rep,manager"],
        "updated_at": pd.to_datetime(["2025-01-01", "2025-01-30", None], utc=True),
    }
)


def passages() -> pd.DataFrame:
    said = FEEDBACK.rename(columns={"feedback_id": "id"}).assign(kind="feedback", title="")
    written = DOCUMENTS.rename(columns={"document_id": "id"}).assign(kind="document")
    return pd.concat([said, written])[["id", "kind", "customer_id", "title", "text"]].sort_values("id", ignore_index=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    customers = pd.DataFrame({"customer_id": ["C1", "C2"], "name": ["One", "Two"]})
    workspace(tmp_path, {"customers": customers, "feedback": FEEDBACK, "documents": DOCUMENTS}, "2025-01-31")
    build_index(passages(), encode, current(tmp_path).folder / "index")
    return tmp_path


def as_(root: Path, role: str, *accounts: str) -> Reader:
    return reader(root, Scope("Ann", role, frozenset(accounts) if accounts else None, ROLE_RIGHTS[role]))


def ids(hits: list[Hit]) -> set[str]:
    return {h.id for h in hits}


def test_meaning_and_words_are_fused(root: Path) -> None:
    hits = search("late order 4711", as_(root, "admin"), encode, k=3)
    assert [h.id for h in hits[:2]] in (["F2", "F1"], ["F1", "F2"])
    first = next(h for h in hits if h.id == "F2")
    assert first.lexical_rank == 1  # "4711" is in no other text
    assert first.dense_rank in (1, 2)  # "delayed" means late
    assert first.score == pytest.approx(2 / (5 + first.dense_rank) + 1 / 6)
    assert first == Hit("F2", "feedback", "C2", "", FEEDBACK["text"][1], "", first.score, first.dense_rank, 1)


def test_filters(root: Path) -> None:
    everything = as_(root, "admin")
    assert {h.kind for h in search("carton", everything, encode, kind="document")} == {"document"}
    assert ids(search("carton", everything, encode, customer="C1")) == {"F1", "F3"}
    assert ids(search("carton", everything, encode, since=date(2025, 1, 25))) == {"F3", "F4", "D2"}
    assert search("carton", everything, encode, since=date(2026, 1, 1)) == []
    assert search("carton", everything, encode, kind="document", customer="C1") == []
    assert len(search("carton", everything, encode, k=1)) == 1


def test_rights(root: Path) -> None:
    def seen(reader: Reader) -> set[str]:
        return ids(search("carton late returns discount noon", reader, encode, k=50))

    assert seen(as_(root, "admin")) == {"F1", "F2", "F3", "F4", "D1", "D2", "D3"}
    assert seen(as_(root, "manager")) == {"F1", "F2", "F3", "F4", "D1", "D2", "D3"}
    assert seen(as_(root, "quality")) == {"F1", "F2", "F3", "F4", "D1", "D2"}
    assert seen(as_(root, "rep")) == {"F1", "F2", "F3", "F4", "D1", "D3"}
    assert seen(as_(root, "rep", "C1")) == {"F1", "F3", "D1"}
    assert seen(as_(root, "rep", "C2")) == {"F2", "D1", "D3"}
    assert seen(reader(root, Scope("Eve", "guest", frozenset(), frozenset()))) == {"D1"}
    assert search("late", as_(root, "rep", "C1"), encode, customer="C2") == []


def test_what_is_hidden_changes_nothing_that_is_shown(root: Path) -> None:
    hits = search("late carton", as_(root, "rep", "C1"), encode)
    assert [h.dense_rank for h in sorted(hits, key=lambda h: h.dense_rank or 0)] == list(range(1, len(hits) + 1))
    assert {h.lexical_rank for h in hits} - {None} == {1, 2, 3}


def test_words_that_nobody_used_and_nothing_at_all(root: Path) -> None:
    for query in ("zebra xylophone", "", "?!", "the of"):
        hits = search(query, as_(root, "admin"), encode, k=2)
        assert len(hits) == 2
        assert all(h.lexical_rank is None for h in hits)


def test_no_index(tmp_path: Path) -> None:
    workspace(tmp_path, {"feedback": FEEDBACK}, "2025-01-31")
    with pytest.raises(NoData) as none:
        search("late", as_(tmp_path, "admin"), encode)
    assert none.value.code == "no_index"
    build_index(passages().iloc[:0], encode, current(tmp_path).folder / "index")
    with pytest.raises(NoData):
        search("late", as_(tmp_path, "admin"), encode)


def test_a_broken_index(root: Path) -> None:
    (current(root).folder / "index" / "passages.parquet").write_bytes(b"broken")
    with pytest.raises(Unavailable):
        search("late", as_(root, "admin"), encode)


def test_documents_are_cited_by_heading(root: Path) -> None:
    best = search("photo of the damaged carton", as_(root, "admin"), encode, kind="document")[0]
    assert (best.id, best.locator, best.text) == ("D1", "Damaged goods", "A photo of the carton is needed.")


def test_split_keeps_exact_words() -> None:
    assert split("short") == [("", "short")]
    assert split(" \n\n") == split("") == []
    assert [where for where, _ in split(POLICY)] == ["Returns", "Damaged goods"]
    long = "\n\n".join(f"Paragraph {n} " + "has many words. " * 30 for n in range(1, 5))
    assert [where for where, _ in split(long)] == [f"paragraph {n}" for n in range(1, 5)]
    for text in (
        POLICY,
        long,
        "x" * 2000,
        "word " * 1000,
        "One sentence. " * 200,
        "# A\r\nlines\r\nof text\r\n\r\n# B\r\nmore",
    ):
        parts = split(text)
        assert all(part in text and 0 < len(part) <= LONGEST for _, part in parts)
        kept = "".join("".join(part.split()) for _, part in parts)
        assert kept == "".join("".join(line.split()) for line in text.splitlines() if not line.startswith("#"))


def test_row_order_does_not_matter_and_the_second_search_is_quick(root: Path) -> None:
    said = [f"The delivery number {i} was late by {i % 7} days" for i in range(5000)]
    many = pd.DataFrame(
        {"id": [f"F{i:05}" for i in range(5000)], "kind": "feedback", "customer_id": "C1", "title": "", "text": said}
    )
    folder = current(root).folder / "index"
    limited = as_(root, "rep", "C1")
    found = []
    for order in (many, many.sample(frac=1, random_state=3)):
        build_index(order, encode, folder)
        found.append(search("late delivery by 3 days", limited, encode))
    assert found[0] == found[1]
    start = time.perf_counter()
    assert search("late delivery by 3 days", limited, encode) == found[1]
    assert time.perf_counter() - start < 0.1  # about 5 ms on a quiet machine
