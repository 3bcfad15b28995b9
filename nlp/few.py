"""Few comments: too few to find groups in, so they are told by the aspect of the taxonomy that each clause is nearest to, or by that
of what it claims: "arrived after closing time" is about lateness, whatever else its words are near to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from nlp.aspects import AspectTagger
from nlp.claims import SURE, examples, surest
from nlp.cluster import Groups
from nlp.encoder import Encoder, Vectors
from nlp.naming import Name
from nlp.taxonomy import Taxonomy
from nlp.themes import Themes, substance

FEW = 60  # clauses
NEAR = 0.1  # likeness: aspects that near to the nearest are as good


def by_aspect(texts: Sequence[str], claims: Sequence[str], vectors: Vectors, taxonomy: Taxonomy, encoder: Encoder) -> Themes:
    """Themes of readable clauses, with what each claims (as `read_claims` tells it): one an aspect that any of them is about, the
    largest first."""
    tagger = AspectTagger(taxonomy, encoder)
    made = [surest(c) for c in claims]
    of_claim = _aspects_of(sorted({c for c, likely in made if likely >= SURE}), tagger, encoder)
    claimed = np.array([of_claim.get(c, -1) if likely >= SURE else -1 for c, likely in made], dtype=np.int64)
    speaks = np.array([substance(t) for t in texts], dtype=bool) | (claimed >= 0) | (len(texts) == 1)
    best = _shared(tagger.likeness(vectors), speaks & (claimed < 0))
    best = np.where(claimed >= 0, claimed, best)
    sizes = np.bincount(best[speaks], minlength=len(taxonomy.aspects))
    found = sorted(np.flatnonzero(sizes).tolist(), key=lambda a: (-sizes[a], a))
    place = {a: n for n, a in enumerate(found)}
    of = np.array([place.get(int(b), -1) if s else -1 for b, s in zip(best, speaks, strict=True)], dtype=np.int64)
    origin = vectors.mean(axis=0) if len(vectors) else np.zeros(vectors.shape[1], dtype=np.float32)
    rows = vectors - origin
    centres = np.array([rows[of == n].mean(axis=0) for n in range(len(found))], dtype=np.float32).reshape(-1, vectors.shape[1])
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
    none = np.zeros(len(of), dtype=np.float32)
    groups = Groups(of, centres, none, none, origin.astype(np.float32), 0.0)
    aspects = [taxonomy.aspects[a] for a in found]
    above = list(dict.fromkeys(a.parent for a in aspects))
    names = [Name(a.label, ()) for a in aspects]
    return Themes(of, none, names, [above.index(a.parent) for a in aspects], above, groups, np.zeros(len(of), dtype=bool))


def _aspects_of(claims: Sequence[str], tagger: AspectTagger, encoder: Encoder) -> dict[str, int]:
    """The aspect of each claim: the one that most of the sentences that make the claim are nearest to."""
    if not claims:
        return {}
    texts, labels = examples()
    found = {}
    for claim in claims:
        near = tagger.likeness(encoder.encode([t for t, of in zip(texts, labels, strict=True) if of == claim])).argmax(axis=1)
        found[claim] = int(np.bincount(near).argmax())
    return found


def _shared(likeness: npt.NDArray[np.float64], speaks: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """The aspect of each clause: of those that are about as near as the nearest, the one that most clauses share, so that a few
    complaints of one thing are not told under as many names; else the nearest."""
    best: npt.NDArray[np.intp] = likeness.argmax(axis=1)
    if not likeness.size:
        return best
    near = likeness >= likeness.max(axis=1, keepdims=True) - NEAR
    left = speaks.copy()
    while left.any():
        shared = near[left].sum(axis=0)
        most = max(range(len(shared)), key=lambda a: (shared[a], likeness[left, a].sum().round(4), -a))
        if shared[most] < 2:
            break
        taken = left & near[:, most]
        best[taken] = most
        left &= ~taken
    return best
