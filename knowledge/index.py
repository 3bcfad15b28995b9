"""Vectors and their nearest neighbours. The only door to faiss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.errors import Unavailable

Vectors = npt.NDArray[np.float32]
EXACT_UP_TO = 20_000


def neighbours(vectors: Vectors, k: int) -> tuple[npt.NDArray[np.int64], Vectors]:
    """The k nearest other rows of each row by inner product: indices (n, k) and likeness (n, k); -1 where there are fewer.

    Exact up to 20,000 rows; beyond, inverted lists with a fixed seed, so that cost grows with n."""
    import faiss

    n, d = vectors.shape
    data = np.ascontiguousarray(vectors, dtype=np.float32)
    index: Any = faiss.IndexFlatIP(d)
    if n > EXACT_UP_TO:
        lists = min(int(4 * np.sqrt(n)), n // 40)
        index = faiss.IndexIVFFlat(faiss.IndexFlatIP(d), d, lists, faiss.METRIC_INNER_PRODUCT)
        index.cp.seed, index.cp.niter, index.cp.max_points_per_centroid = 11, 8, 40
        index.train(data)
        index.nprobe = 24
    index.add(data)
    likeness, near = index.search(data, min(k + 1, n))
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
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
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
        likeness, rows = self._index.search(np.ascontiguousarray(vector.reshape(1, -1), dtype=np.float32), k, params=options)
        return [(int(r), float(s)) for r, s in zip(rows[0], likeness[0], strict=True) if r >= 0]
