"""How the tagger does on writers and metrics that it has not learned from, and the temperatures that make it say how sure it is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nlp.tagger.bank import Bank, Wording
from nlp.tagger.links import LINKED, Record, links_of, metric_records
from nlp.tagger.network import LABELS
from nlp.tagger.tagger import Span, Tagged, Tagger, tagger_from
from nlp.tagger.words import Word, words_of

PERSONAS = 0.16  # of the personas are not learned from
METRICS = 0.16  # of the metrics are not
TEMPERATURES = np.arange(0.6, 3.01, 0.1)


@dataclass(frozen=True)
class Split:
    """`writers`: whole personas held out; `metrics`: wordings about metrics held out, by anyone."""

    learning: tuple[Wording, ...]
    writers: tuple[Wording, ...]
    metrics: tuple[Wording, ...]


def split(bank: Bank) -> Split:
    """By digest of the names, so that more wordings move none."""
    known = metric_records()

    def about_held_out(w: Wording) -> bool:
        return any(r.metric and _share(r.metric) < METRICS for _, records in links_of(w, known) for r in records)

    learning: list[Wording] = []
    writers: list[Wording] = []
    about_held: list[Wording] = []
    for w in bank.wordings:
        part = about_held if about_held_out(w) else writers if _share(w.persona) < PERSONAS else learning
        part.append(w)
    return Split(tuple(learning), tuple(writers), tuple(about_held))


def _share(name: str) -> float:
    return int(hashlib.sha256(f"tagger {name}".encode()).hexdigest()[:8], 16) / 16**8


def calibrated(bank: Bank, shipped: Mapping[str, npt.NDArray[Any]], path: Path, *, most: int | None = None) -> dict[str, Any]:
    """Writes the weights with temperatures fitted on every other wording of the held-out writers; gives the scores on the others and
    on the held-out metrics. `most`: how many wordings of either at most."""
    parts = split(bank)
    fitting, others, about = (
        list(p)[:: max(1, len(p) // (most or len(p)))] for p in (parts.writers[::2], parts.writers[1::2], parts.metrics)
    )
    _write(path, {**shipped, "role.temperature": np.float32(1), "op.temperature": np.float32(1)})
    tagger = tagger_from(path)
    fitted = {"role.temperature": 1.0, "op.temperature": 1.0}
    found = [_chances(tagger, w) for w in fitting]
    for name, at in (("role.temperature", 0), ("op.temperature", 1)):
        rows = [pair for each in found for pair in each[at]]
        fitted[name] = float(min(TEMPERATURES, key=partial(_surprise, rows)))
    _write(path, {**shipped, **{n: np.float32(t) for n, t in fitted.items()}})
    tagger = tagger_from(path)
    kinds = candidates(bank, tagger)
    return {
        "learned from": len(parts.learning),
        "temperatures": {n: round(t, 2) for n, t in fitted.items()},
        "held-out writers": scores(tagger, others, kinds),
        "held-out metrics": scores(tagger, about, kinds),
    }


def _write(path: Path, weights: Mapping[str, Any]) -> None:
    with path.open("wb") as file:
        np.savez_compressed(file, **weights)


def _chances(tagger: Tagger, wording: Wording) -> tuple[list[tuple[npt.NDArray[Any], int]], list[tuple[npt.NDArray[Any], int]]]:
    """Log-probabilities with what is right: of each word's label, and of the operation."""
    labels, ops = tagger.log_chances(wording.text)
    return list(zip(labels, right_labels(wording, words_of(wording.text)), strict=True)), [(ops, tagger.ops.index(wording.op))]


def _surprise(rows: Sequence[tuple[npt.NDArray[Any], int]], temperature: float) -> float:
    raw = np.array([r for r, _ in rows]) / temperature
    raw -= np.log(np.exp(raw).sum(axis=1, keepdims=True))
    return float(-raw[np.arange(len(rows)), [right for _, right in rows]].mean())


def right_labels(wording: Wording, words: Sequence[Word]) -> list[int]:
    """Of each word, the place of its label among LABELS."""
    labels = []
    last = None
    for word in words:
        at = next((i for i, m in enumerate(wording.marks) if word.start < m.end and word.end > m.start), None)
        labels.append(0 if at is None else LABELS.index(f"{'I' if at == last else 'B'}{wording.marks[at].role}"))
        last = at
    return labels


def scores(
    tagger: Tagger, wordings: Sequence[Wording], candidates: Mapping[str, tuple[Sequence[Record], npt.NDArray[Any]]]
) -> dict[str, Any]:
    """F1 of spans (role and all words right) and of words, share of operations right, places of the right records, calibration."""
    right = said = asked = words_right = words = 0
    ops: list[Any] = []
    certain: list[Any] = []
    of_role: dict[str, Any] = {}
    places: dict[str, list[int]] = {kind: [] for kind in LINKED}
    known = metric_records()
    for w in wordings:
        tagged = tagger.read(w.text)
        gold, mine = (
            {(m.role, *_edges(tagged, m.start, m.end)) for m in w.marks},
            {(s.role, s.start, s.end) for s in tagged.spans},
        )
        right, said, asked = right + len(gold & mine), said + len(mine), asked + len(gold)
        for role in {r for r, *_ in gold | mine}:
            a, b, c = of_role.get(role, (0, 0, 0))
            g, m = {x for x in gold if x[0] == role}, {x for x in mine if x[0] == role}
            of_role[role] = a + len(g & m), b + len(m), c + len(g)
        labels = [LABELS[i][-1] for i in right_labels(w, tagged.words)]
        words_right, words = words_right + sum(a == b for a, b in zip(labels, tagged.roles, strict=True)), words + len(labels)
        certain += [(s, a == b) for s, a, b in zip(tagged.sure, labels, tagged.roles, strict=True)]
        ops.append((tagged.op[0][0] == w.op, w.op in [o for o, _ in tagged.op[:3]], tagged.op[0][1]))
        for marks, records in links_of(w, known):
            if not records[0].texts:
                continue  # nothing is meant that could be found
            spans = tuple(Span(w.marks[i].role, *_edges(tagged, w.marks[i].start, w.marks[i].end), "", 1.0) for i in marks)
            kind = records[0].kind
            rows, texts = candidates[kind]
            near = tagger.span_vectors(tagged, spans) @ texts.T
            if len(records) == 1:
                places[kind].append(_place(near.sum(axis=0), rows, records[0]))
    return {
        "wordings": len(wordings),
        "span F1": _rounded(2 * right / max(said + asked, 1)),
        "span F1 by role": {r: _rounded(2 * a / max(b + c, 1)) for r, (a, b, c) in sorted(of_role.items())},
        "words right": _rounded(words_right / max(words, 1)),
        "operation right": _rounded(np.mean([o[0] for o in ops])),
        "operation among three": _rounded(np.mean([o[1] for o in ops])),
        "link first, among three, among five": {
            kind: [_rounded(np.mean([p < n for p in found])) for n in (1, 3, 5)] for kind, found in places.items() if found
        },
        "calibration error": {
            "words": _rounded(_calibration(certain)),
            "operation": _rounded(_calibration([(o[2], o[0]) for o in ops])),
        },
    }


def _rounded(x: Any) -> float:
    return round(float(x), 3)


def _edges(tagged: Tagged, start: int, end: int) -> tuple[int, int]:
    inside = [w for w in tagged.words if w.start < end and w.end > start]
    return inside[0].start, inside[-1].end


def _place(near: npt.NDArray[Any], rows: Sequence[Record], right: Record) -> int:
    """How many other records are nearer than the right one."""
    return int((near > near[rows.index(right)]).sum())


def candidates(bank: Bank, tagger: Tagger) -> dict[str, tuple[Sequence[Record], npt.NDArray[Any]]]:
    """Of each kind, every record that is meant somewhere, and every metric of the register, by its fullest text."""
    known = metric_records()
    meant = {r for w in bank.wordings for _, records in links_of(w, known) for r in records if r.texts} | set(known.values())
    made: dict[str, tuple[Sequence[Record], npt.NDArray[Any]]] = {}
    for kind in LINKED:
        rows = sorted((r for r in meant if r.kind == kind), key=lambda r: r.texts)
        made[kind] = rows, tagger.texts([r.texts[0] for r in rows], kind)
    return made


def _calibration(pairs: Sequence[tuple[float, bool]]) -> float:
    """The mean distance between how sure and how often right, over ten equal parts of sureness (expected calibration error)."""
    sure, right = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs], dtype=float)
    part = np.minimum((sure * 10).astype(int), 9)
    return float(
        sum(abs(sure[part == i].mean() - right[part == i].mean()) * (part == i).mean() for i in range(10) if (part == i).any())
    )
