"""Hybrid retrieval over comments and documents: nearest vectors and BM25, fused by reciprocal rank, cut to the reader.

Source: Cormack, Clarke and Buettcher 2009 (fusion); Robertson and Zaragoza 2009 (BM25)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from knowledge.access import Reader, Scope
from knowledge.errors import NoData, Unavailable
from knowledge.index import VectorIndex, Vectors
from knowledge.passages import split

if TYPE_CHECKING:
    import pandas as pd

Encode = Callable[[Sequence[str]], Vectors]
Mask = npt.NDArray[np.bool_]
RANK_0, VECTORS_WEIGH = 5, 2.0
"""Of the fusion: tuned on `bench/search.py`'s dev half and on Banking77's training split."""
DEPTH = 50
EVERYBODY = frozenset({"", "all", "everyone", "everybody"})


@dataclass(frozen=True)
class Hit:
    """One passage: exact words of the stored text; `locator` says where in it (a heading, a paragraph; "" for all of it).
    Ranks begin at 1; None where that way of searching did not find it."""

    id: str
    kind: str
    customer_id: str | None
    title: str
    text: str
    locator: str
    score: float
    dense_rank: int | None
    lexical_rank: int | None


def build_index(passages: pd.DataFrame, encode: Encode, folder: Path) -> None:
    """Writes the index of texts into `folder`; long ones are split into passages first.

    Needs `id`, `kind` (feedback, document …), `customer_id`, `title`, `text`; `encode` gives unit vectors."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: dict[str, list[str | None]] = {n: [] for n in ("id", "kind", "customer_id", "title", "text", "locator")}
    searched = []
    given = passages[["id", "kind", "customer_id", "title", "text"]].sort_values(["kind", "id"], kind="stable").astype(object)
    for identity, kind, customer, title, text in given.where(given.notna(), None).itertuples(index=False, name=None):
        for locator, part in split(text or ""):
            for name, value in zip(rows, (identity, kind, customer, title or "", part, locator), strict=True):
                rows[name].append(value)
            searched.append(". ".join(w for w in (title, locator, part) if w))
    folder.mkdir(parents=True, exist_ok=True)
    if searched:
        bm25s = _bm25s()
        VectorIndex.of(encode(searched)).save(folder / "vectors.faiss")
        lexical = bm25s.BM25()
        lexical.index(_words(searched), show_progress=False)
        lexical.save(str(folder / "bm25"), show_progress=False)
    pq.write_table(pa.table(rows, pa.schema([(n, pa.string()) for n in rows])), folder / "passages.parquet")


def search(
    query: str,
    reader: Reader,
    encode: Encode,
    *,
    kind: str | None = None,
    customer: str | None = None,
    since: date | None = None,
    k: int = 8,
) -> list[Hit]:
    """The k passages that fit the query best, best first, among those the reader may see.

    `since` keeps comments made and documents changed on that day or later. Fails: NoData (`no_index`) without an index."""
    index = _open(reader.snapshot.folder / "index")
    seen = index.visible(reader)
    if kind is not None:
        seen = seen & (index.kinds == kind)
    if customer is not None:
        seen = seen & (index.customers == customer)
    if since is not None:
        seen = seen & index.recent(reader, since)
    depth = max(DEPTH, 4 * k)
    dense, lexical = index.dense(query, encode, seen, depth), index.lexical(query, seen, depth)
    scores = dict.fromkeys((*dense, *lexical), 0.0)
    for found, weight in ((dense, VECTORS_WEIGH), (lexical, 1.0)):
        for row, rank in found.items():
            scores[row] += weight / (RANK_0 + rank)
    best = sorted(scores, key=lambda row: (-scores[row], row))[:k]
    return [Hit(**index.row(r), score=scores[r], dense_rank=dense.get(r), lexical_rank=lexical.get(r)) for r in best]


def by_words(texts: Sequence[str]) -> Callable[[str], npt.NDArray[np.float32]]:
    """Scores a query against each of a few texts by BM25."""
    lexical = _bm25s().BM25()
    lexical.index(_words(texts), show_progress=False)

    def scores(query: str) -> npt.NDArray[np.float32]:
        ids = lexical.get_tokens_ids(_words([query])[0])
        return np.asarray(lexical.get_scores(ids) if ids else np.zeros(len(texts)), np.float32)

    return scores


class _Index:
    """An index that is open: what search needs of it in memory, read once."""

    def __init__(self, folder: Path) -> None:
        import pyarrow.parquet as pq

        try:
            self._rows = pq.read_table(folder / "passages.parquet")
            self._lexical = _bm25s().BM25.load(str(folder / "bm25"), show_progress=False)
            self._vectors = VectorIndex.load(folder / "vectors.faiss")
        except (
            OSError,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            EOFError,
            RuntimeError,
        ) as err:  # whatever noise is read as
            raise Unavailable("The search index cannot be opened.", "Run `rapport build --full`.") from err
        self.kinds = self._column("kind")
        self.customers = self._column("customer_id")
        self._ids = self._column("id")
        self._visible: dict[tuple[str, frozenset[str] | None], Mask] = {}

    def visible(self, reader: Reader) -> Mask:
        """Which passages the reader may see: own accounts, and documents meant for the role (general ones too)."""
        scope = reader.scope
        key = (scope.role, scope.accounts)
        if key not in self._visible:
            documents = self.kinds == "document"
            hidden = np.zeros(len(documents), dtype=np.bool_)
            if scope.accounts is not None:
                general = documents & _among(self.customers, {None})
                hidden |= ~_among(self.customers, scope.accounts) & ~general
            if scope.kind != "admin" and documents.any():
                meant = {d for d, roles in self._audiences(reader).items() if roles & (EVERYBODY | scope.audiences)}
                hidden |= documents & ~_among(self._ids, meant)
            if len(self._visible) > 256:
                self._visible.clear()
            self._visible[key] = ~hidden
        return self._visible[key]

    def recent(self, reader: Reader, since: date) -> Mask:
        seen = np.zeros(len(self.kinds), dtype=np.bool_)
        for kind, table, key, at in (
            ("feedback", "feedback", "feedback_id", "at"),
            ("document", "documents", "document_id", "updated_at"),
        ):
            if reader.rows(table):
                rows = _all_seen(reader).table(table)
                late = rows.filter(rows[at].date() >= since).select(key)
                ids = reader.engine.backend.to_pyarrow(late)[key].to_pylist()
                seen |= (self.kinds == kind) & _among(self._ids, set(ids))
        return seen

    def dense(self, query: str, encode: Encode, seen: Mask, depth: int) -> dict[int, int]:
        """Rank by row of the nearest passages."""
        among = None if seen.all() else np.flatnonzero(seen).astype(np.int64)
        found = self._vectors.search(encode([query])[0], depth, among)
        ordered = sorted(found, key=lambda pair: (-round(pair[1], 6), pair[0]))
        return {row: rank for rank, (row, _) in enumerate(ordered, 1)}

    def lexical(self, query: str, seen: Mask, depth: int) -> dict[int, int]:
        """Rank by row of the passages that share words with the query, by BM25."""
        ids = self._lexical.get_tokens_ids(_words([query])[0])
        if not ids:
            return {}
        scores = np.where(seen, np.round(self._lexical.get_scores(ids), 6), 0.0)
        rows = np.flatnonzero(scores > 0)
        if len(rows) > depth:  # ties at the edge are kept until they are ordered by row
            rows = rows[scores[rows] >= np.partition(scores[rows], -depth)[-depth]]
        ordered = rows[np.argsort(-scores[rows], kind="stable")][:depth]
        return {int(row): rank for rank, row in enumerate(ordered, 1)}

    def row(self, row: int) -> dict[str, Any]:
        found: dict[str, Any] = self._rows.slice(row, 1).to_pylist()[0]
        return found

    def _column(self, name: str) -> npt.NDArray[Any]:
        return np.asarray(self._rows[name].to_numpy(), dtype=object)

    def _audiences(self, reader: Reader) -> dict[str, frozenset[str]]:
        """The roles each document is meant for; one that is in no table is meant for nobody."""
        if not reader.rows("documents"):
            return {}
        rows = reader.engine.backend.to_pyarrow(_all_seen(reader).table("documents").select("document_id", "audience"))
        return {
            row["document_id"]: frozenset(word.strip().lower() for word in (row["audience"] or "").split(","))
            for row in rows.to_pylist()
        }


def _all_seen(reader: Reader) -> Reader:
    """To look up dates and audiences of passages, general documents too; what is shown is cut by `visible`."""
    return Reader(reader.workspace, reader.snapshot, Scope.of_role("admin"), reader.engine)


def _open(folder: Path) -> _Index:
    file = folder / "passages.parquet"
    if not file.is_file() or not (folder / "bm25").is_dir():
        raise NoData(
            "There are no comments or documents to search.",
            "Import feedback or documents, then run `rapport build`.",
            code="no_index",
        )
    return _load(folder, file.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _load(folder: Path, written: int) -> _Index:  # noqa: ARG001
    return _Index(folder)


def _among(values: npt.NDArray[Any], wanted: Set[str | None] | Set[str]) -> Mask:
    return np.fromiter((v in wanted for v in values), np.bool_, len(values))


def _words(texts: Sequence[str]) -> list[list[str]]:
    found: list[list[str]] = _bm25s().tokenize(list(texts), return_ids=False, show_progress=False)
    return found


def _bm25s() -> Any:
    """The library, which sets its own logger to debug on import: quiet again."""
    import bm25s

    logging.getLogger("bm25s").setLevel(logging.NOTSET)
    return bm25s
