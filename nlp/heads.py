"""Classifiers that ship already fitted: what claims and dangers are read by. Fitting them takes every process ten seconds and more, and
the linear algebra of two machines differs in the last bits.

`python -m nlp.heads` writes the files; what was fitted on other sentences, or by another encoder, is fitted anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from nlp.classify import Classifier, fit
from nlp.encoder import Encoder

FOLDER = Path(__file__).parent / "data" / "heads"
MADE_OF = FOLDER / "made_of.json"


def head(name: str, texts: Sequence[str], labels: Sequence[str], encoder: Encoder, *, folder: Path = FOLDER) -> Classifier:
    """The classifier of that name as it ships, or fitted on the sentences where it was made of others."""
    made_of = json.loads((folder / MADE_OF.name).read_text(encoding="utf-8")) if (folder / MADE_OF.name).is_file() else {}
    if made_of.get(name) == digest(texts, labels, encoder.name):
        return Classifier.load(folder / f"{name}.npz")
    return fit(texts, encoder.encode(texts), labels, deep=False)


def digest(texts: Sequence[str], labels: Sequence[str], encoder: str) -> str:
    """Of the sentences, their labels and the encoder that a classifier was made with."""
    return hashlib.sha256(json.dumps([encoder, list(texts), list(labels)]).encode()).hexdigest()


def write(heads: dict[str, tuple[Sequence[str], Sequence[str]]], encoder: Encoder, folder: Path = FOLDER) -> None:
    """Fits each (texts, labels) and writes it with what it was made of."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (texts, labels) in heads.items():
        fit(texts, encoder.encode(texts), labels, deep=False).save(folder / f"{name}.npz")
    made_of = {name: digest(*given, encoder.name) for name, given in sorted(heads.items())}
    (folder / MADE_OF.name).write_text(json.dumps(made_of, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    from nlp import claims, safety
    from nlp.encoder import load_encoder

    write({"claims": claims.examples(), "safety": safety.labelled()}, load_encoder())


if __name__ == "__main__":
    main()
