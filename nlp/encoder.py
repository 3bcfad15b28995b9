"""The sentence encoder: MiniLM's pinned weights (`nlp.weights`), made once into an int8 ONNX graph, run by onnxruntime."""

from __future__ import annotations

import fcntl
import logging
import os
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from knowledge.errors import needs
from nlp.encoder_export import LAYERS, LONGEST, export
from nlp.weights import DIGESTS, cache, default_files

log = logging.getLogger("rapport.progress")
Vectors = npt.NDArray[np.float32]
States = npt.NDArray[np.float16]
Tokens = npt.NDArray[np.int32]
LOWER = 4  # layers below those that learning changes
BUDGET = 512
TOKENISED = 1024
DIMENSIONS = 384


class Encoder(Protocol):
    """Texts to vectors: float32 (n, d), rows of length 1; the same text always gives the same row."""

    @property
    def name(self) -> str: ...

    def encode(self, texts: Sequence[str]) -> Vectors: ...


def load_encoder(model: str | None = None) -> Encoder:
    """The default encoder, or any sentence-transformers model by path or name; with RAPPORT_ENCODER_NOISE set, a `Noisy` one.

    Fails: Unavailable (`encoder`) when the weights are missing or are not the ones that were pinned."""
    chosen = _Other(model) if model else _default(str(cache()))
    noise = float(os.environ.get("RAPPORT_ENCODER_NOISE") or 0)
    return Noisy(chosen, noise) if noise else chosen


@dataclass(frozen=True)
class Noisy:
    """An encoder whose vectors are each moved by Gaussian noise of `size` a component, the same for the same text: what another
    processor's arithmetic, or other weights, would do. It shows which decisions hang by a hair (docs/decisions/0040)."""

    encoder: Encoder
    size: float
    seed: int = 0

    @property
    def name(self) -> str:
        return f"{self.encoder.name} with noise {self.size:g}"

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = self.encoder.encode(texts)
        for row, text in enumerate(texts):
            draw = np.random.default_rng([self.seed, zlib.crc32(text.encode())])
            vectors[row] += self.size * draw.standard_normal(vectors.shape[1])
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def token_states(texts: Sequence[str], longest: int) -> list[States]:
    """Of each text, its first `longest` tokens as the default encoder's LOWER layers know them: (tokens, d).

    Fails: as `load_encoder`."""
    return _lower(str(cache())).states(texts, longest)


@lru_cache(maxsize=2)
def _default(cache: str) -> Encoder:
    return _Onnx(_exported(Path(cache), LAYERS), default_files()["tokenizer.json"])


@lru_cache(maxsize=2)
def _lower(cache: str) -> _Onnx:
    return _Onnx(_exported(Path(cache), LOWER), default_files()["tokenizer.json"])


class _Onnx:
    """int8 MiniLM under onnxruntime: batches sorted by length, at most about 512 tokens each, one a core (twice as fast here as
    every core on one batch); mean pooling in the graph. A text's vector depends on nothing but the text."""

    name = "all-MiniLM-L6-v2 int8"

    def __init__(self, graph: Path, tokenizer: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC  # more would fuse what is exact
        self._session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str]) -> Vectors:
        out = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for places, _, vectors in self._read(texts, LONGEST):
            for at, vector in zip(places, vectors, strict=True):
                out[at] = vector
        return out

    def states(self, texts: Sequence[str], longest: int) -> list[States]:
        out = [np.zeros((0, DIMENSIONS), dtype=np.float16)] * len(texts)
        for places, lengths, hidden in self._read(texts, longest):
            for at, length, tokens in zip(places, lengths, hidden, strict=True):
                kept = tokens[:length].astype(np.float16)
                for i in at:
                    out[i] = kept
        return out

    def _read(self, texts: Sequence[str], longest: int) -> Iterator[tuple[list[list[int]], list[int], Vectors]]:
        """Of each batch: where its texts stand among `texts`, their numbers of tokens, and what the graph gives."""
        distinct: dict[str, list[int]] = {}
        for i, text in enumerate(texts):
            distinct.setdefault(text, []).append(i)
        unique = sorted(distinct)
        ids: list[Tokens] = []
        for start in range(0, len(unique), TOKENISED):
            part = self._tokenizer.encode_batch(unique[start : start + TOKENISED])
            ids += [np.array(e.ids[:longest], dtype=np.int32) for e in part]
        batches = _batches(sorted(range(len(unique)), key=lambda i: (len(ids[i]), unique[i])), [len(i) for i in ids])
        with ThreadPoolExecutor(os.cpu_count() or 1) as cores:
            for batch, found in zip(batches, cores.map(lambda batch: self._run([ids[i] for i in batch]), batches), strict=True):
                yield [distinct[unique[i]] for i in batch], [len(ids[i]) for i in batch], found

    def _run(self, ids: list[Tokens]) -> Vectors:
        width = max(map(len, ids))
        tokens = np.zeros((len(ids), width), dtype=np.int64)
        mask = np.zeros((len(ids), width), dtype=np.int64)
        for row, of_row in enumerate(ids):
            tokens[row, : len(of_row)] = of_row
            mask[row, : len(of_row)] = 1
        vectors: Vectors = self._session.run(None, {"input_ids": tokens, "attention_mask": mask})[0]
        return vectors


def _batches(order: list[int], lengths: list[int]) -> list[list[int]]:
    """Parts of `order` (by rising length) that hold at most BUDGET tokens with their padding, or one text."""
    made: list[list[int]] = []
    for i in order:
        if made and lengths[i] * (len(made[-1]) + 1) <= BUDGET:
            made[-1].append(i)
        else:
            made.append([i])
    return made


class _Other:
    """Any sentence-transformers model that the user named."""

    def __init__(self, model: str) -> None:
        with needs("models", "An encoder of one's own choice"):
            from sentence_transformers import SentenceTransformer

        self.name = model
        self._model = SentenceTransformer(model, device="cpu")

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.asarray(self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False), dtype=np.float32)


def _exported(cache: Path, layers: int) -> Path:
    """The int8 graph, made on first use (seconds); two processes do not make it at once, and a cut leaves nothing half."""
    kind = "" if layers == LAYERS else f"-lower{layers}"
    target = cache / f"minilm-{DIGESTS['model.safetensors'][:12]}{kind}-int8-v2.onnx"
    if target.is_file():
        return target
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.is_file():
            log.info("preparing the encoder (once, some seconds) …")
            export(default_files()["model.safetensors"], target, layers)
    return target
