"""Vectors and their nearest neighbours. The only door to faiss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.errors import Unavailable

Vectors = npt.NDArray[np.float32]
EXACT_UP_TO = 20_000
STEP = 2.0**-11
SPARE = 8


def on_grid(vectors: npt.NDArray[np.floating]) -> Vectors:
    """Unit rows in steps on which their inner products are exact in float32, so that no processor's or thread's order of a sum
    can matter; what is lost is a cosine of about 0.000004."""
    return np.asarray(np.round(vectors / STEP) * STEP, dtype=np.float32)


def centred(vectors: Vectors, origin: Vectors) -> Vectors:
    """Rows without what they share (`origin`), of length 1 again and on the grid."""
    rows = np.subtract(vectors, origin, dtype=np.float32)
    length = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64)).astype(np.float32)
    rows /= np.maximum(length, np.float32(1e-9))[:, None]
    return on_grid(rows)


def neighbours(vectors: Vectors, k: int) -> tuple[npt.NDArray[np.int64], Vectors]:
    """The k nearest other rows of each row by inner product: indices (n, k) and likeness (n, k); -1 where there are fewer; those
    equally like in order of rows (up to SPARE beyond the k-th).

    Exact up to 20,000 rows; beyond, inverted lists with a fixed seed, so that cost grows with n."""
    import faiss

    n, d = vectors.shape
    data = np.ascontiguousarray(on_grid(vectors))
    index: Any = faiss.IndexFlatIP(d)
    if n > EXACT_UP_TO:
        lists = min(int(4 * np.sqrt(n)), n // 40)
        index = faiss.IndexIVFFlat(faiss.IndexFlatIP(d), d, lists, faiss.METRIC_INNER_PRODUCT)
        index.cp.seed, index.cp.niter, index.cp.max_points_per_centroid = 11, 8, 40
        index.train(data)
        index.nprobe = 24
    index.add(data)
    likeness, near = index.search(data, min(k + 1 + SPARE, n))
    order = np.lexsort((near, -likeness))
    near, likeness = (np.take_along_axis(a, order, axis=1)[:, : k + 1] for a in (near, likeness))
    own = near == np.arange(n)[:, None]
    own[~own.any(axis=1), -1] = True  # a row that equals others may not find itself first
    first = own.argmax(axis=1)
    keep = np.ones_like(near, dtype=bool)
    keep[np.arange(n), first] = False
    return near[keep].reshape(n, -1), likeness[keep].reshape(n, -1)


class VectorIndex:
    """Unit vectors that can be searched by inner product; saved as one faiss file."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def of(cls, vectors: Vectors) -> VectorIndex:
        import faiss

        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(on_grid(vectors)))
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> VectorIndex:
        """Fails: Unavailable when the file is missing or is no index."""
        import faiss

        try:
            return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP))
        except RuntimeError as err:
            raise Unavailable("The search index cannot be opened.", "Run `rapport build --full`.") from err

    def save(self, path: Path) -> None:
        import faiss

        faiss.write_index(self._index, str(path))

    def search(self, vector: Vectors, k: int, among: npt.NDArray[np.int64] | None = None) -> list[tuple[int, float]]:
        """(row, likeness) of the k nearest rows to one vector, best first; only rows in `among` where given."""
        import faiss

        k = min(k, self._index.ntotal if among is None else len(among))
        if k == 0:
            return []
        options: Any = None
        if among is not None:
            options = faiss.SearchParameters()
            options.sel = faiss.IDSelectorBatch(among)
        likeness, rows = self._index.search(np.ascontiguousarray(on_grid(vector.reshape(1, -1))), k, params=options)
        found = [(int(r), float(s)) for r, s in zip(rows[0], likeness[0], strict=True) if r >= 0]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))
