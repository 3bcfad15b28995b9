"""Writes the vectors of all that the shipped records say of themselves (`python -m assistant.reader.known`), after the weights or the
records changed."""

from __future__ import annotations

import sys

import numpy as np

from assistant.reader.meaning import RECORDS, ROLES
from nlp.tagger import known
from nlp.tagger.tagger import load_tagger


def shipped() -> list[tuple[str, str]]:
    """Each text with the kind of span that it is compared with, once."""
    told = [(text, ROLES[kind]) for kind, records in RECORDS.items() for _, text in records()]
    return list(dict.fromkeys(told))


def main() -> None:
    tagger = load_tagger()
    texts = shipped()
    rows = np.concatenate([tagger.made([text], kind) for text, kind in texts])
    known.write(texts, rows, tagger.weights)
    sys.stdout.write(f"{len(texts)} texts in {known.FILE.name}\n")


if __name__ == "__main__":
    main()
