"""The encoder's top layers after they have learned a set of labels, read with numpy alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nlp.encoder import States, Vectors

HEADS, TINY = 12, 1e-12
TOKENS = 4_096
Weights = dict[str, npt.NDArray[np.float16]]


@dataclass(frozen=True)
class Layers:
    """`weights` by name: those of layer 0, 1, … ("0.attention.self.query.weight") and of the linear `head` over the tokens' mean."""

    weights: Weights

    def log_odds(self, states: Sequence[States]) -> npt.NDArray[np.float64]:
        """(n, classes): the logarithm of each class's probability; `states` as `nlp.encoder.token_states` gives them."""
        weights = {name: w.astype(np.float32) for name, w in self.weights.items()}
        out = np.zeros((len(states), len(weights["head.bias"])))
        for rows in _batches([len(s) for s in states]):
            raw = (_means([states[i] for i in rows], weights) @ weights["head.weight"].T + weights["head.bias"]).astype(
                np.float64
            )
            raw -= raw.max(axis=1, keepdims=True)
            out[rows] = raw - np.log(np.exp(raw).sum(axis=1, keepdims=True))
        return out


def padded(states: Sequence[States]) -> tuple[Vectors, Vectors]:
    """(n, tokens, d) with zeros at the end of short texts, and (n, tokens): 1 where there is a token."""
    width = max(map(len, states))
    x = np.zeros((len(states), width, states[0].shape[1]), dtype=np.float32)
    there = np.zeros((len(states), width), dtype=np.float32)
    for row, of_row in enumerate(states):
        x[row, : len(of_row)] = of_row
        there[row, : len(of_row)] = 1
    return x, there


def _batches(lengths: list[int]) -> list[list[int]]:
    """Rows of like length, about TOKENS a batch."""
    made: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if made and lengths[i] * (len(made[-1]) + 1) <= TOKENS:
            made[-1].append(i)
        else:
            made.append([i])
    return made


def _means(states: Sequence[States], weights: dict[str, Vectors]) -> Vectors:
    x, there = padded(states)
    layer = 0
    while f"{layer}.output.dense.bias" in weights:
        of_layer = {n.removeprefix(f"{layer}."): w for n, w in weights.items() if n.startswith(f"{layer}.")}
        x = _layer(x, there, of_layer)
        layer += 1
    shares = there / there.sum(axis=1, keepdims=True)
    return np.asarray((x * shares[:, :, None]).sum(axis=1), dtype=np.float32)


def _layer(x: Vectors, there: Vectors, weights: dict[str, Vectors]) -> Vectors:
    """One BERT layer (Devlin et al. 2019): attention, then a dense part, each added to what came in and normalised."""
    from scipy.special import erf

    n, tokens, d = x.shape
    flat = x.reshape(-1, d)

    def dense(given: Vectors, name: str) -> Vectors:
        return np.asarray(given @ weights[f"{name}.weight"].T + weights[f"{name}.bias"], dtype=np.float32)

    def heads(name: str) -> Vectors:
        return dense(flat, f"attention.self.{name}").reshape(n, tokens, HEADS, -1).transpose(0, 2, 1, 3)

    def normalised(given: Vectors, name: str) -> Vectors:
        moved = given - given.mean(axis=1, keepdims=True)
        spread = np.sqrt(moved.var(axis=1, keepdims=True) + TINY)
        return np.asarray(moved / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"], dtype=np.float32)

    scores = heads("query") @ heads("key").transpose(0, 1, 3, 2) / np.float32((d / HEADS) ** 0.5)
    scores += np.where(there, np.float32(0), np.float32(-1e9))[:, None, None, :]
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    mixed = (shares @ heads("value")).transpose(0, 2, 1, 3).reshape(-1, d)
    flat = normalised(flat + dense(mixed, "attention.output.dense"), "attention.output.LayerNorm")
    inner = dense(flat, "intermediate.dense")
    inner *= (1 + erf(inner * np.float32(0.5**0.5))) / 2
    return normalised(flat + dense(inner, "output.dense"), "output.LayerNorm").reshape(n, tokens, d)
