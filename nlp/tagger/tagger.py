"""What each word of a question does, what is asked as a whole, and vectors that lie near those of the records that are meant."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from knowledge.errors import Unavailable
from nlp.tagger import known
from nlp.tagger.graph import WIDTH, Floats
from nlp.tagger.network import LABELS, Network, base_weights, unpacked
from nlp.tagger.words import Word, words_of
from nlp.weights import default_files

DATA = Path(__file__).parent / "data"
WINDOW = 126  # pieces that are read together
OUTSIDE = "o"


@dataclass(frozen=True)
class Span:
    """Neighbouring words that do one thing; `sure`: how probable it is that all of them do."""

    role: str
    start: int
    end: int
    text: str
    sure: float


@dataclass(frozen=True)
class Tagged:
    """A question as read: `roles` and `sure` are by word, `op` is every operation with its probability, best first.

    Roles: m measure, g group, n named member, c condition, p period, q period to compare with, k rank or how many, t limit on groups,
    x left out, o nothing."""

    text: str
    words: tuple[Word, ...]
    roles: tuple[str, ...]
    sure: tuple[float, ...]
    spans: tuple[Span, ...]
    op: tuple[tuple[str, float], ...]
    _states: Floats = field(repr=False, compare=False)


class Tagger:
    """Reads questions; holds nothing of them, so that threads may share it. The same text always gives the same answer."""

    def __init__(self, network: Network, pieces: Pieces, ops: Sequence[str], weights: str = "") -> None:
        self._network, self._pieces, self.ops, self.weights = network, pieces, tuple(ops), weights

    def read(self, text: str) -> Tagged:
        """Any text; a very long one is read in stretches."""
        words = words_of(text)
        labels, log_ops, states = self._read(words)
        found = np.exp(log_ops)
        order = sorted(range(len(self.ops)), key=lambda i: (-round(float(found[i]), 4), i))
        path = best_path(labels)
        chances = _by_role(labels)
        roles = tuple(LABELS[i][-1] for i in path)
        sure = tuple(round(float(chances[i][r]), 4) for i, r in enumerate(roles))
        return Tagged(
            text, words, roles, sure, tuple(_spans(text, words, path, sure)),
            tuple((self.ops[i], round(float(found[i]), 4)) for i in order), states,
        )  # fmt: skip

    def vectors(self, tagged: Tagged) -> Floats:
        """(spans, d), rows of length 1: compare with `texts` of the span's kind by the dot product. A measure said in two pieces is the
        sum of both."""
        return self.span_vectors(tagged, tagged.spans)

    def span_vectors(self, tagged: Tagged, spans: Sequence[Span]) -> Floats:
        """As `vectors`, of any spans of the text."""
        rows = [self._span_vector(tagged, s) for s in spans]
        return np.round(np.array(rows, dtype=np.float32).reshape(len(rows), WIDTH), 5)

    def log_chances(self, text: str) -> tuple[Floats, Floats]:
        """Log-probabilities of each word's labels (words, LABELS) and of the operations, as `ops` names them."""
        labels, ops, _ = self._read(words_of(text))
        return labels, ops

    def texts(self, texts: Sequence[str], kind: str) -> Floats:
        """(n, d), rows of length 1, of what records say of themselves. `kind`: "m", "g" or "c". Those that ship with their vectors are
        not made again."""
        shipped = known.vectors(self.weights) if self.weights else {}
        found = [shipped.get(known.key(t, kind)) for t in texts]
        if all(row is not None for row in found):
            return np.round(np.array(found, dtype=np.float32).reshape(len(found), WIDTH), 5)
        rows = [self.made([t], kind)[0] if row is None else row for t, row in zip(texts, found, strict=True)]
        return np.round(np.array(rows, dtype=np.float32).reshape(len(rows), WIDTH), 5)

    def made(self, texts: Sequence[str], kind: str) -> Floats:
        """As `texts`, made anew."""
        rows = [self._network.text_vector(self._pieces.of_text(t), kind) for t in texts]
        return np.round(np.array(rows, dtype=np.float32).reshape(len(rows), WIDTH), 5)

    def _read(self, words: Sequence[Word]) -> tuple[Floats, Floats, Floats]:
        read = [self._network.read(stretch) for stretch in _stretches(self._pieces.of([w.text for w in words]))]
        ops = np.mean([r.ops for r in read], axis=0)
        return np.concatenate([r.labels for r in read]), ops, np.concatenate([r.words for r in read])

    def _span_vector(self, tagged: Tagged, span: Span) -> Floats:
        inside = [i for i, w in enumerate(tagged.words) if span.start <= w.start < span.end]
        return self._network.span_vector(tagged._states[inside], span.role if span.role in ("m", "g") else "c")


class Pieces:
    """Word pieces by the encoder's own tokeniser."""

    def __init__(self, tokenizer: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def of(self, words: Sequence[str]) -> list[list[int]]:
        """The pieces of each word; some characters have none."""
        made: list[list[int]] = [[] for _ in words]
        if words:
            read = self._tokenizer.encode(list(words), is_pretokenized=True, add_special_tokens=False)
            for piece, word in zip(read.ids, read.word_ids, strict=True):
                if word is not None and len(made[word]) < WINDOW:
                    made[word].append(piece)
        return made

    def of_text(self, text: str) -> list[list[int]]:
        """Of the text's words, as many as are read together."""
        return _stretches(self.of([w.text for w in words_of(text)]))[0]


def _stretches(pieces: Sequence[list[int]]) -> list[list[list[int]]]:
    """Runs of words with at most WINDOW pieces; at least one run."""
    made: list[list[list[int]]] = [[]]
    size = 0
    for of_word in pieces:
        if size + len(of_word) > WINDOW:
            made.append([])
            size = 0
        made[-1].append(of_word)
        size += len(of_word)
    return made


_MAY_FOLLOW = np.array([[b[0] != "I" or (a != "o" and a[1] == b[1]) for b in LABELS] for a in LABELS])
_MAY_BEGIN = np.array([label[0] != "I" for label in LABELS])
_ROLES = sorted({label[-1] for label in LABELS})


def best_path(labels: Floats) -> list[int]:
    """The likeliest labels in which a mark goes on only where it began (Viterbi)."""
    if not len(labels):
        return []
    score = np.where(_MAY_BEGIN, labels[0].astype(np.float64), -np.inf)
    back = []
    for row in labels[1:]:
        reach = np.where(_MAY_FOLLOW, score[:, None], -np.inf)
        came = reach.argmax(axis=0)
        back.append(came)
        score = reach[came, np.arange(len(LABELS))] + row
    path = [int(score.argmax())]
    for came in reversed(back):
        path.append(int(came[path[-1]]))
    return path[::-1]


def _by_role(labels: Floats) -> list[dict[str, float]]:
    chances = np.exp(labels.astype(np.float64))
    columns = {role: [i for i, label in enumerate(LABELS) if label[-1] == role] for role in _ROLES}
    return [{role: float(row[at].sum()) for role, at in columns.items()} for row in chances]


def _spans(text: str, words: Sequence[Word], path: Sequence[int], sure: Sequence[float]) -> Iterator[Span]:
    at = 0
    while at < len(path):
        role, first = LABELS[path[at]][-1], at
        at += 1
        while at < len(path) and LABELS[path[at]] == f"I{role}":
            at += 1
        if role != OUTSIDE:
            start, end = words[first].start, words[at - 1].end
            yield Span(role, start, end, text[start:end], round(float(np.prod(sure[first:at])) ** (1 / (at - first)), 4))


def load_tagger() -> Tagger:
    """The tagger that ships. Fails: Unavailable (`encoder`) where the encoder's weights are missing or ours are not the ones that shipped."""
    return _load()


@lru_cache(maxsize=1)
def _load() -> Tagger:
    path = DATA / "tagger.npz"
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest():
        raise Unavailable("The question reader's weights are not the ones that ship.", "Install Rapport again.", code="encoder")
    return tagger_from(path, digest())


def digest() -> str:
    return (DATA / "tagger.sha256").read_text(encoding="ascii").strip()


def tagger_from(path: Path, weights_of: str = "") -> Tagger:
    files = default_files()
    with np.load(path) as shipped:
        ops = [str(o) for o in shipped["ops"]]
        weights = unpacked(
            base := base_weights(files["model.safetensors"]), {n: shipped[n] for n in shipped.files if n != "ops"}
        )
    del base
    return Tagger(Network(weights), Pieces(files["tokenizer.json"]), ops, weights_of)
