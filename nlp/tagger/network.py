"""The tagger's network without torch: the pinned encoder's lower layers, its upper ones as they learned, and the heads."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nlp.tagger.bank import MARKS
from nlp.tagger.graph import TINY, WIDTH, Floats, Layers

LAYERS, LOWER = 6, 3  # all layers, and those below the ones that learn
START, END = 101, 102  # the pieces that BERT has before and after a text
LABELS = ("o", *(f"{begin}{mark}" for mark in MARKS for begin in "BI"))  # of a word: outside, begins or goes on with a mark
KINDS = ("m", "g", "c")


@dataclass(frozen=True)
class Read:
    """Of one stretch of words: log-probabilities of each word's labels (words, LABELS), of the operation, and the words' states."""

    labels: Floats
    ops: Floats
    words: Floats


@dataclass(frozen=True)
class Network:
    """`weights` by name: "embeddings…", "encoder.layer.0…" as BERT calls them, "tuned.layer.4…" of the layers that learned, and the
    heads "role", "op", "span" and "text"."""

    weights: Mapping[str, Floats]

    def read(self, pieces: Sequence[Sequence[int]]) -> Read:
        """Needs each word's pieces. The label of a word is told by the mean of its pieces' states."""
        states = self._states(pieces, self._tuned)
        words = _pooled(states[1:-1], [len(p) for p in pieces])
        whole = np.concatenate([states[0], states[1:-1].mean(axis=0) if len(states) > 2 else states[0]])
        return Read(self._log("role", words), self._log("op", whole), words)

    def span_vector(self, words: Floats, kind: str) -> Floats:
        """Of the states of a span's words."""
        return self._projected(words.mean(axis=0), "span", kind)

    def text_vector(self, pieces: Sequence[Sequence[int]], kind: str) -> Floats:
        return self._projected(self.plain_vector(pieces), "text", kind)

    def plain_vector(self, pieces: Sequence[Sequence[int]]) -> Floats:
        """By the encoder as it was before it learned: the mean of all its states."""
        return np.asarray(self._states(pieces, self._plain).mean(axis=0), dtype=np.float32)

    def _projected(self, state: Floats, head: str, kind: str) -> Floats:
        out = state @ self.weights[f"{head}.weight"].T + self.weights[f"{head}.kind"][KINDS.index(kind)]
        return np.asarray(out / max(float(np.linalg.norm(out)), TINY), dtype=np.float32)

    def _log(self, head: str, x: Floats) -> Floats:
        raw = (x @ self.weights[f"{head}.weight"].T + self.weights[f"{head}.bias"]) / self.weights[f"{head}.temperature"]
        raw -= raw.max(axis=-1, keepdims=True)
        return np.asarray(raw - np.log(np.exp(raw).sum(axis=-1, keepdims=True)), dtype=np.float32)

    def _states(self, pieces: Sequence[Sequence[int]], upper: Layers) -> Floats:
        ids = [START, *(i for word in pieces for i in word), END]
        w = self.weights
        x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][: len(ids)]
        x += w["embeddings.token_type_embeddings.weight"][0]
        x -= x.mean(axis=-1, keepdims=True)
        x /= np.sqrt((x * x).mean(axis=-1, keepdims=True) + TINY)
        return upper(
            self._lower(np.asarray(x * w["embeddings.LayerNorm.weight"] + w["embeddings.LayerNorm.bias"], dtype=np.float32))
        )

    @cached_property
    def _first(self) -> int:
        """The lowest layer that learned."""
        return min(int(n.split(".")[2]) for n in self.weights if n.startswith("tuned.layer."))

    @cached_property
    def _lower(self) -> Layers:
        return Layers(self.weights, [f"encoder.layer.{i}" for i in range(self._first)])

    @cached_property
    def _tuned(self) -> Layers:
        return Layers(self.weights, [f"tuned.layer.{i}" for i in range(self._first, LAYERS)])

    @cached_property
    def _plain(self) -> Layers:
        return Layers(self.weights, [f"encoder.layer.{i}" for i in range(self._first, LAYERS)])


def _pooled(states: Floats, lengths: Sequence[int]) -> Floats:
    """The mean of each run of rows; zeros for an empty one."""
    out = np.zeros((len(lengths), WIDTH), dtype=np.float32)
    at = 0
    for row, length in enumerate(lengths):
        if length:
            out[row] = states[at : at + length].mean(axis=0)
        at += length
    return out


def base_weights(path: Path) -> dict[str, Floats]:
    """The tensors of a safetensors file of float32, mapped, not read: processes share them."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
    made = {}
    for name, of in header.items():
        if name != "__metadata__" and of["dtype"] == "F32":
            start = 8 + size + of["data_offsets"][0]
            plain = name.removeprefix("0.auto_model.").removeprefix("bert.")
            made[plain] = np.memmap(path, dtype="<f4", mode="r", offset=start, shape=tuple(of["shape"])).view(np.ndarray)
    return made


def untaught(name: str) -> str:
    """What a tensor of a layer that learned was before."""
    return name.replace("tuned.", "encoder.", 1)


def packed(base: Mapping[str, Floats], learned: Mapping[str, Floats]) -> dict[str, npt.NDArray[np.generic]]:
    """What ships: a matrix that the base has as its change, in steps of 1/127 of each row's largest; the rest as float16."""
    made: dict[str, npt.NDArray[np.generic]] = {}
    for name, w in learned.items():
        if w.ndim == 2 and untaught(name) in base:
            change = w - base[untaught(name)]
            step = np.maximum(np.abs(change).max(axis=1, keepdims=True) / 127, np.float32(1e-9))
            made[f"{name}|steps"] = np.rint(change / step).astype(np.int8)
            made[f"{name}|step"] = step.astype(np.float32)
        else:
            made[name] = w.astype(np.float32 if w.ndim < 2 else np.float16)
    return made


def unpacked(base: Mapping[str, Floats], shipped: Mapping[str, npt.NDArray[np.generic]]) -> dict[str, Floats]:
    """The base's tensors with those that were learned in their places."""
    made = dict(base)
    for name, w in shipped.items():
        if name.endswith("|steps"):
            plain = name.removesuffix("|steps")
            made[plain] = base[untaught(plain)] + w.astype(np.float32) * shipped[f"{plain}|step"].astype(np.float32)
        elif not name.endswith("|step"):
            made[name] = w.astype(np.float32)
    return made
