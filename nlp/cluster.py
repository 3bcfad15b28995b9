"""Groups found without being told how many: a graph of nearest neighbours, Leiden, and a resolution chosen without labels.

Vectors are centred first (what all comments share says nothing); rows are taken in canonical order and seeds are fixed, so
that the order of the input cannot matter. Source of the method: Traag, Waltman and van Eck 2019 (Leiden)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from knowledge.index import centred, neighbours, on_grid
from nlp.encoder import Vectors

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Labels = npt.NDArray[np.int64]
RESOLUTIONS = (0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0)
AS_GOOD = 0.99
HOLD = 1.0
PARTS = 4
LARGEST, SEARCHED, BLOCK = 20_000, 5_000, 8_192


@dataclass(frozen=True)
class Groups:
    """`labels` (n,) number the groups from 0 by falling size, -1 where unassigned; `centres` (groups, d) have length 1;
    `likeness` (n,) is a row's cosine to its own centre and `margin` (n,) how much nearer that is than the next centre;
    `origin` is the mean that was taken off before (place new rows with `place`)."""

    labels: Labels
    centres: Vectors
    likeness: Vectors
    margin: Vectors
    origin: Vectors
    resolution: float

    @property
    def count(self) -> int:
        return len(self.centres)

    def place(self, vectors: Vectors) -> tuple[Labels, Vectors, Vectors]:
        """The nearest group of new rows, with likeness and margin."""
        return _nearest(vectors, self.centres, self.origin)

    def likeness_of(self, vectors: Vectors, labels: Labels) -> Vectors:
        """How like rows are to the centres of the groups given."""
        return _own(vectors, labels, self.centres, self.origin)[0]

    def joined(self, into: Labels, vectors: Vectors, *, last: int | None = None) -> Groups:
        """Groups with the same number in `into` (groups,) become one; numbered again by falling size, `last` as the last."""
        return self.regrouped(np.where(self.labels >= 0, into[self.labels], -1), vectors, last=last)

    def of_rows(self, rows: npt.NDArray[np.bool_], vectors: Vectors) -> Groups:
        """The groups of some rows, with their vectors; numbered again by falling size."""
        own = replace(self, labels=self.labels[rows], likeness=self.likeness[rows], margin=self.margin[rows])
        return own.regrouped(own.labels, vectors)

    def regrouped(self, labels: Labels, vectors: Vectors, *, last: int | None = None) -> Groups:
        """Groups by other `labels` (n,) of the rows, -1 for none; numbered again by falling size, `last` as the last."""
        names, number = np.unique(labels[labels >= 0], return_inverse=True)
        placed = np.full(len(labels), -1, dtype=np.int64)
        placed[labels >= 0] = number
        sizes = np.bincount(number, minlength=len(names))
        first = {g: int(self.labels[np.flatnonzero(placed == g)].min()) for g in range(len(names))}
        order = sorted(range(len(names)), key=lambda g: (names[g] == last, -sizes[g], first[g], g))
        rank = np.empty(len(order) + 1, dtype=np.int64)
        rank[order], rank[-1] = np.arange(len(order)), -1
        placed = rank[placed]
        total = np.zeros((len(names), vectors.shape[1]))
        for start in range(0, len(vectors), BLOCK):
            part = placed[start : start + BLOCK]
            total += _summed(centred(vectors[start : start + BLOCK], self.origin)[part >= 0], part[part >= 0], len(names))
        centres = on_grid(_unit(total.round(6)))
        likeness, margin = _own(vectors, np.maximum(placed, 0), centres, self.origin)
        return replace(self, labels=placed, centres=centres, likeness=likeness, margin=margin)


def find_groups(
    texts: Sequence[str],
    vectors: Vectors,
    *,
    smallest: int | None = None,
    outliers: float = 0.02,
    resolution: float | None = None,
    start: Labels | None = None,
) -> Groups:
    """Groups of rows (texts only give the canonical order). `outliers` is the largest share left unassigned: those that are
    least like any group and no nearer to one than to another. Fewer than eight rows are one group. Without `resolution` it is
    searched for. `start` (n,) are the groups known before (-1: a new row): they stay as they are where that is as good."""
    order = np.array(sorted(range(len(texts)), key=lambda i: texts[i]), dtype=np.int64)
    n = len(order)
    sample = order if n <= LARGEST else np.sort(_spread(texts, order))
    rows = vectors[sample]
    origin = rows.mean(axis=0, dtype=np.float64).round(6).astype(np.float32)
    rows = centred(rows, origin)
    smallest = smallest or max(4, int(0.003 * len(sample)))
    if n < 8:
        labels, resolution = np.zeros(len(sample), dtype=np.int64), resolution or 0.0
    else:
        labels, resolution = _communities(rows, smallest, resolution, None if start is None else start[sample])
    centres = _centres(rows, labels)
    found = _nearest(vectors, centres, origin)[0] if len(sample) < n else np.empty(n, dtype=np.int64)
    if start is not None:
        heir = _heirs(start, sample, labels)[start]
        found = np.where((start >= 0) & (heir >= 0), heir, found)
    found[sample] = labels
    likeness, margin = _own(vectors, found, centres, origin)
    return _numbered(found, centres, likeness, margin, origin, resolution, outliers)


def _heirs(start: Labels, sample: Labels, labels: Labels) -> Labels:
    """For each group known before the group in which most of its rows among the sample are now; -1 where there are none."""
    seen = start[sample] >= 0
    table = np.zeros((int(start.max(initial=0)) + 1, int(labels.max()) + 1), dtype=np.int64)
    np.add.at(table, (start[sample][seen], labels[seen]), 1)
    return np.where(table.any(axis=1), table.argmax(axis=1), -1)


def _communities(rows: Vectors, smallest: int, resolution: float | None, start: Labels | None) -> tuple[Labels, float]:
    """The partition at the resolution given, or at that which is most repeatable."""
    resolution = resolution or _finest_repeatable(rows, smallest)
    graph = _graph(*neighbours(rows, _k(len(rows))))
    if start is not None and (start >= 0).any():
        graph = _held(graph, start)
    return _absorb(rows, _leiden(graph, resolution)[: len(rows)], smallest), resolution


def _finest_repeatable(rows: Vectors, smallest: int) -> float:
    """Where groups of random parts of the rows agree best, on at most 5,000 rows: modularity's resolution does not depend on their
    number. The agreement is smoothed over neighbouring resolutions; the finest within one per cent of the best is taken."""
    draw = np.random.default_rng(11)
    if len(rows) > SEARCHED:
        smallest = max(4, smallest * SEARCHED // len(rows))
        rows = rows[np.sort(draw.choice(len(rows), SEARCHED, replace=False))]
    parts = [np.sort(draw.choice(len(rows), int(0.8 * len(rows)), replace=False)) for _ in range(PARTS)]
    graphs = [_graph(*neighbours(rows[part], _k(len(rows)))) for part in parts]
    tried: list[tuple[float, float]] = []

    def of_part(number: int, resolution: float) -> Labels:
        part, graph = parts[number], graphs[number]
        found = np.full(len(rows), -1, dtype=np.int64)
        found[part] = _absorb(rows[part], _leiden(graph, resolution), smallest)
        return found

    with ThreadPoolExecutor(os.cpu_count() or 1) as cores:
        for resolution in RESOLUTIONS:
            found = np.array(list(cores.map(of_part, range(PARTS), [resolution] * PARTS)))
            tried.append((resolution, repeatability(found)))
            if found.max() + 1 > len(rows) / smallest / 2:
                break
    smooth = np.convolve(np.pad([a for _, a in tried], 1, mode="edge"), np.ones(3) / 3, mode="valid")
    return max(r for (r, _), a in zip(tried, smooth, strict=True) if a >= AS_GOOD * smooth.max())


def repeatability(found: Labels) -> float:
    """Mean adjusted mutual information between every two partitions (parts, n) over the rows that both saw (-1: not seen)."""
    from sklearn.metrics import adjusted_mutual_info_score

    scores = []
    for a in range(len(found)):
        for b in range(a + 1, len(found)):
            both = (found[a] >= 0) & (found[b] >= 0)
            scores.append(adjusted_mutual_info_score(found[a][both], found[b][both]))
    return float(np.mean(scores).round(6))


def _k(n: int) -> int:
    return int(np.clip(np.sqrt(n) / 2.7, 4, 20))


def _graph(near: npt.NDArray[np.int64], likeness: Vectors) -> csr_matrix:
    """An undirected graph with edges weighted by squared cosine; two rows that name each other weigh twice."""
    from scipy.sparse import csr_matrix

    n, k = near.shape
    weight = np.round(np.clip(likeness, 0, 1).astype(np.float64) ** 2, 6)
    weight[near < 0] = 0
    one_way = csr_matrix((weight.ravel(), np.maximum(near, 0).ravel(), np.arange(0, n * k + 1, k)), shape=(n, n))
    graph = one_way + one_way.T
    graph.eliminate_zeros()
    return graph


def _leiden(graph: csr_matrix, resolution: float) -> Labels:
    """The communities of the nodes; -1 for those without an edge."""
    import graspologic_native

    indptr = graph.indptr.astype(np.int64)
    _, found = graspologic_native.leiden_csr(
        indptr, graph.indices, graph.data, graph.shape[0], resolution=resolution, seed=11, iterations=2
    )
    labels = np.fromiter((found[i] for i in range(graph.shape[0])), dtype=np.int64, count=graph.shape[0])
    return np.where(np.diff(indptr) > 0, labels, -1)


def _held(graph: csr_matrix, start: Labels) -> csr_matrix:
    """The graph and, for each group known before, a node that holds its rows together."""
    from scipy.sparse import block_array, csr_matrix

    known = np.flatnonzero(start >= 0)
    weight = np.full(len(known), HOLD * graph.sum() / len(start))
    holds = csr_matrix((weight, (known, start[known])), shape=(len(start), int(start.max(initial=-1)) + 1))
    return csr_matrix(block_array([[graph, holds], [holds.T, None]]))


def _absorb(rows: Vectors, labels: Labels, smallest: int) -> Labels:
    """Groups under `smallest` (and rows without neighbours) go row by row to the nearest group that is large enough."""
    sizes = np.bincount(labels[labels >= 0], minlength=1)
    large = np.flatnonzero(sizes >= smallest)
    if len(large) == 0:
        return np.zeros_like(labels)
    numbered = np.full(len(sizes) + 1, -1, dtype=np.int64)
    numbered[large] = np.arange(len(large))
    kept = numbered[labels]
    lost = np.flatnonzero(kept < 0)
    if len(lost):
        centres = _centres(rows[kept >= 0], kept[kept >= 0])
        kept[lost] = (rows[lost] @ centres.T).round(5).argmax(axis=1)
    return kept


def _centres(rows: Vectors, labels: Labels) -> Vectors:
    return on_grid(_unit(_summed(rows, labels, int(labels.max()) + 1).round(6)))


def _summed(rows: Vectors, labels: Labels, count: int) -> npt.NDArray[np.float64]:
    from scipy.sparse import csr_matrix

    member = csr_matrix((np.ones(len(rows)), (labels, np.arange(len(rows)))), shape=(count, len(rows)))
    return np.asarray(member @ rows, dtype=np.float64)


def _nearest(vectors: Vectors, centres: Vectors, origin: Vectors) -> tuple[Labels, Vectors, Vectors]:
    """The nearest centre, the likeness to it, and by how much that exceeds the next one."""
    found = np.empty(len(vectors), dtype=np.int64)
    likeness, margin = np.empty(len(vectors), dtype=np.float32), np.empty(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), BLOCK):
        part = (centred(vectors[start : start + BLOCK], origin) @ centres.T).round(5)
        block = slice(start, start + len(part))
        found[block] = part.argmax(axis=1)
        top = np.sort(part, axis=1)
        likeness[block] = top[:, -1]
        margin[block] = top[:, -1] - (top[:, -2] if part.shape[1] > 1 else 0)
    return found, likeness, margin


def _own(vectors: Vectors, labels: Labels, centres: Vectors, origin: Vectors) -> tuple[Vectors, Vectors]:
    """Likeness to the row's own centre, and by how much that exceeds the nearest other one (may be negative)."""
    likeness, margin = np.empty(len(vectors), dtype=np.float32), np.empty(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), BLOCK):
        part = (centred(vectors[start : start + BLOCK], origin) @ centres.T).round(5)
        at, block = np.arange(len(part)), slice(start, start + len(part))
        likeness[block] = part[at, labels[block]]
        part[at, labels[block]] = -2
        margin[block] = likeness[block] - (part.max(axis=1) if part.shape[1] > 1 else 0)
    return likeness, margin


def _numbered(
    labels: Labels, centres: Vectors, likeness: Vectors, margin: Vectors, origin: Vectors, resolution: float, outliers: float
) -> Groups:
    sizes = np.bincount(labels, minlength=len(centres))
    order = sorted(range(len(centres)), key=lambda g: (-sizes[g], centres[g].tolist()))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    numbered = rank[labels]
    strange = np.flatnonzero((likeness < 0.12) & (margin < 0.02))
    budget = int(outliers * len(labels))
    numbered[strange[np.argsort(likeness[strange], kind="stable")][:budget]] = -1
    return Groups(numbered, centres[order], likeness, margin, origin, resolution)


def _spread(texts: Sequence[str], order: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """A sample that depends on the texts alone: those with the smallest digests."""
    import zlib

    digests = np.array([zlib.crc32(texts[i].encode()) for i in order], dtype=np.int64)
    return order[np.argsort(digests, kind="stable")[:LARGEST]]


def _unit(rows: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))
