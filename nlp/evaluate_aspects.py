"""How good aspects are, on data with known answers: several a text, each with its polarity."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from knowledge.errors import BadInput
from nlp.aspects import AspectTagger
from nlp.classify import fit
from nlp.encoder import Encoder, load_encoder
from nlp.evaluate import SEED, column, cost, polarities, read_csv
from nlp.multilabel import fit_tags, micro_f1
from nlp.sentiment import CLASSES, polarity, shipped_head
from nlp.taxonomy import Aspect, Taxonomy
from nlp.text import readable


def eval_aspects(
    data: Path,
    text: str,
    label: str,
    sentiment: str | None = None,
    *,
    train: Path | None = None,
    encoder: Encoder | None = None,
) -> dict[str, Any]:
    """Micro-F1 of the labels (separated by `|`; a text may have none) and accuracy of the polarity of each true label (column
    `sentiment`: one a label, in their order, or one for all). Without `train` labels are known by their own words only.

    Fails: BadInput (a file or column that is not there, polarities that do not go with the labels)."""
    started = time.perf_counter()
    encoder = encoder or load_encoder()
    held = _rows(data, text, label, sentiment)
    vectors = encoder.encode(held["text"].tolist())
    names = sorted({x for of in held["labels"] for x in of})
    if not names:
        raise BadInput(f"{data.name}: no row has a label in `{label}`.", "Check the column.", code="empty")
    learned = 0
    if train is None:
        words = [" ".join(n.replace("#", " ").replace("_", " ").replace(".", " ").split()).lower() for n in names]
        aspects = tuple(Aspect(n, n, "", w, (w,)) for n, w in zip(names, words, strict=True))
        found = [[a] if a else [] for a in AspectTagger(Taxonomy("labels", aspects), encoder).tag(vectors).aspect]
        odds = shipped_head(encoder).probabilities(held["text"].tolist(), vectors)
        moods = np.array(CLASSES)[polarity(odds) + 1].tolist()
        how = "Labels known by their own words only, polarity by the head as shipped"
        said = [[m] * len(of) for m, of in zip(moods, held["labels"], strict=True)]
    else:
        learn = _rows(train, text, label, sentiment)
        known = encoder.encode(learn["text"].tolist())
        learned = len(learn)
        found = fit_tags(learn["text"].tolist(), known, learn["labels"].tolist()).tags(held["text"].tolist(), vectors)
        said = _moods(learn, known, held, vectors) if sentiment else []
        how = f"Fitted to {learned} rows of {train.name}"
    every = sorted({*names, *(x for of in found for x in of)})
    result: dict[str, Any] = {"micro_f1": micro_f1(_flags(held["labels"].tolist(), every), _flags(found, every))}
    if sentiment:
        truth = [m for of in held["moods"] for m in of]
        result["sentiment_accuracy"] = float(
            np.mean([a == b for a, b in zip(truth, [m for of in said for m in of], strict=True)])
        )
    protocol = (
        f"{how}; scored on {len(held)} rows with {sum(map(len, held['labels']))} labels ({len(names)} kinds); micro-F1 over labels of rows; "
        "polarity of each true label; nothing was chosen on these rows."
    )
    return {**result, "labels": len(names), **cost(started, len(held), learned), "protocol": protocol}


def _moods(learn: pd.DataFrame, known: Any, held: pd.DataFrame, vectors: Any) -> list[list[str]]:
    """The polarity of each true label of `held`: one model over text and label together."""

    def pairs(rows: pd.DataFrame) -> tuple[list[str], list[int]]:
        told = [
            (f"{x.lower()} : {t}", i) for i, (t, of) in enumerate(zip(rows["text"], rows["labels"], strict=True)) for x in of
        ]
        return [t for t, _ in told], [i for _, i in told]

    texts, at = pairs(learn)
    model = fit(texts, known[at], [m for of in learn["moods"] for m in of], seed=SEED)
    asked, rows = pairs(held)
    said = iter(model.predict(asked, vectors[rows]))
    return [[str(next(said)) for _ in of] for of in held["labels"]]


def _rows(path: Path, text: str, label: str, sentiment: str | None) -> pd.DataFrame:
    """text (readable), labels, moods; rows without a label stay."""
    frame = read_csv(path)
    told = pd.DataFrame(
        {"text": [readable(t) for t in column(frame, path, text)], "labels": [_split(x) for x in column(frame, path, label)]}
    )
    told["moods"] = [[] for _ in range(len(told))]
    if sentiment:
        moods = [_split(x) for x in column(frame, path, sentiment)]
        wrong = next(
            (i for i, (of, m) in enumerate(zip(told["labels"], moods, strict=True)) if of and len(m) not in {1, len(of)}), None
        )
        if wrong is not None:
            raise BadInput(
                f"{path.name}, row {wrong + 2}: {len(moods[wrong])} polarities for {len(told['labels'][wrong])} labels.",
                "Give one a label, separated by `|`, or one for all.", code="bad_label",
            )  # fmt: skip
        flat = polarities(np.array([m for of in moods for m in of], dtype=np.str_), path, sentiment).tolist()
        each = iter(flat)
        clean = [[next(each) for _ in of] for of in moods]
        told["moods"] = [(m * len(of) if len(m) == 1 else m) if of else [] for of, m in zip(told["labels"], clean, strict=True)]
    return told[told["text"] != ""].reset_index(drop=True)


def _split(cell: str) -> list[str]:
    return [x.strip() for x in cell.split("|") if x.strip()]


def _flags(labels: list[list[str]], names: list[str]) -> Any:
    place = {n: i for i, n in enumerate(names)}
    has = np.zeros((len(labels), len(names)), dtype=bool)
    for row, of in enumerate(labels):
        has[row, [place[x] for x in of]] = True
    return has
