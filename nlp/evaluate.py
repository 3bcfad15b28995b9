"""How good it is, on data with known answers: classification, groups, sentiment. Every result is one flat object.

Shares and scores lie between 0 and 1. Nothing is tuned on what is scored: settings are fixed or found in the training part."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from knowledge.errors import BadInput
from nlp.calibration import right_when_answered
from nlp.classify import LONGEST, MANY_LABELS, Classifier, fit
from nlp.encoder import Encoder, States, Vectors, load_encoder, token_states
from nlp.sentiment import CLASSES, polarity, shipped_head
from nlp.text import readable

Truth = npt.NDArray[np.str_]
SURE = 0.9
SEED = 7
POLARITIES = {
    **{c: c for c in CLASSES}, "neg": "negative", "neu": "neutral", "pos": "positive",
    "-1": "negative", "0": "neutral", "1": "positive", "+1": "positive",
    "-1.0": "negative", "0.0": "neutral", "1.0": "positive",
}  # fmt: skip


def eval_classify(
    train: Path,
    test: Path,
    text: str,
    label: str,
    *,
    shots: int | None = None,
    draws: int = 1,
    encoder: Encoder | None = None,
) -> dict[str, Any]:
    """Scores on the test file; with `shots` the mean over `draws` random draws of that many examples a label.

    Fails: BadInput (a file or column that is not there, nothing to learn from)."""
    started = time.perf_counter()
    learn, held = labelled(train, text, label), labelled(test, text, label)
    encoder = encoder or load_encoder()
    _several(learn, train, label)
    vectors, others = encoder.encode(learn[0]), encoder.encode(held[0])
    results = []
    for draw in range(draws if shots else 1):
        rows = _drawn(learn[1], shots, SEED + draw) if shots else np.arange(len(learn[1]))
        model = fit([learn[0][i] for i in rows], vectors[rows], learn[1][rows].tolist(), seed=SEED, encoder=encoder)
        results.append(_scores(held[1], model, model.probabilities(held[0], others)))
    given = f"{shots} examples a label, mean of {draws} draws" if shots else f"all {len(learn[1])} rows"
    protocol = (
        f"Fitted to {given} of the training file; scored on {len(held[1])} rows of the test file; mentions and links removed; "
        f"{_abstaining()}."
    )
    spread = {"accuracy_sd": float(np.std([float(r["accuracy"] or 0) for r in results]))} if len(results) > 1 else {}
    return {
        **_mean(results),
        **spread,
        "classes": len(set(learn[1])),
        **cost(started, len(held[1]), len(learn[1])),
        "protocol": protocol,
    }


def eval_crossval(data: Path, text: str, label: str, folds: int = 5, *, encoder: Encoder | None = None) -> dict[str, Any]:
    """The same by stratified folds, scored over all rows at once; rows with an equal text stay in one fold.

    Fails: BadInput (also when a label has fewer rows than there are folds)."""
    started = time.perf_counter()
    texts, truth = labelled(data, text, label)
    _several((texts, truth), data, label)
    rare = [f"{name} ({n})" for name, n in zip(*np.unique(truth, return_counts=True), strict=True) if n < folds]
    if rare:
        raise BadInput(
            f"{data.name}: fewer than {folds} rows of {_some(rare)}.",
            "Use fewer --folds, or leave these labels out.",
            code="rare_label",
        )
    encoder = encoder or load_encoder()
    odds, kept = _crossed(texts, encoder.encode(texts), truth, folds, encoder)
    names = np.unique(truth)
    found = names[odds.argmax(axis=1)]
    result = {**_agreement(truth, found), **answered(odds.max(axis=1), found == truth, kept)}
    protocol = f"{folds} stratified folds over {len(truth)} rows (rows with an equal text in one fold); mentions and links removed; {_abstaining()}."
    return {**result, "classes": len(names), **cost(started, len(truth), len(truth) * (folds - 1)), "protocol": protocol}


def eval_cluster(
    data: Path, text: str, label: str | None = None, *, shuffles: int = 0, encoder: Encoder | None = None
) -> dict[str, Any]:
    """Themes found without labels; labels only score them. `shuffle_ari` is the agreement between shuffled runs.

    Fails: BadInput."""
    from nlp.cluster import find_groups

    started = time.perf_counter()
    texts, truth = labelled(data, text, label) if label else (_texts(data, text), None)
    vectors = (encoder or load_encoder()).encode(texts)
    encoded = time.perf_counter()
    found = find_groups(texts, vectors)
    seconds = time.perf_counter() - encoded
    result: dict[str, Any] = {"themes": found.count, "unassigned": float((found.labels < 0).mean())}
    if truth is not None:
        result |= _matched(truth, found.labels)
    if shuffles:
        result["shuffle_ari"] = _shuffled(texts, vectors, found.labels, shuffles)
    protocol = (
        f"Groups of {len(texts)} texts, their number chosen without labels; mentions and links removed; unassigned rows count as a group "
        "of their own; seconds are those of grouping alone, total_seconds include reading and encoding."
    )
    spent = cost(started, len(texts), 0)
    return {**result, **spent, "seconds": round(seconds, 3), "total_seconds": spent["seconds"], "protocol": protocol}


def eval_sentiment(
    data: Path, text: str, label: str, *, train: Path | None = None, encoder: Encoder | None = None
) -> dict[str, Any]:
    """Three-way accuracy and macro-F1: the head as shipped, or a classifier fitted to `train`.

    Fails: BadInput (also a label that is no polarity)."""
    started = time.perf_counter()
    texts, truth = labelled(data, text, label)
    truth = polarities(truth, data, label)
    encoder = encoder or load_encoder()
    if train is None:
        odds = shipped_head(encoder).probabilities(texts, encoder.encode(texts))
        found = np.array(CLASSES)[polarity(odds) + 1]
        how, learned = "The head as shipped, fitted to no row of this file", 0
    else:
        learn, labels = labelled(train, text, label)
        labels = polarities(labels, train, label)
        _several((learn, labels), train, label)
        model = fit(learn, encoder.encode(learn), labels.tolist(), seed=SEED)
        odds = model.probabilities(texts, encoder.encode(texts))
        found = np.array(model.classes)[odds.argmax(axis=1)]
        how, learned = f"Fitted to {len(labels)} rows of {train.name}", len(labels)
    protocol = f"{how}; scored on {len(truth)} rows as negative, neutral or positive; mentions and links removed."
    return {**_agreement(truth, found), **cost(started, len(truth), learned), "protocol": protocol}


def _crossed(
    texts: list[str], vectors: Vectors, truth: Truth, folds: int, encoder: Encoder
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Held-out probabilities of every row, and whether it was sure enough."""
    from sklearn.model_selection import StratifiedGroupKFold

    names, y = np.unique(truth, return_inverse=True)
    odds, kept = np.zeros((len(y), len(names))), np.zeros(len(y), dtype=bool)
    groups = np.unique(np.array([t.lower() for t in texts]), return_inverse=True)[1]
    states = token_states(texts, LONGEST) if len(y) >= MANY_LABELS else None
    for inside, outside in StratifiedGroupKFold(folds, shuffle=True, random_state=SEED).split(vectors, y, groups):
        model = fit(
            [texts[i] for i in inside], vectors[inside], truth[inside].tolist(), seed=SEED, encoder=encoder, states=_of(states, inside),
        )  # fmt: skip
        at = np.searchsorted(names, np.array(model.classes))
        held = [texts[i] for i in outside]
        odds[np.ix_(outside, at)] = model.probabilities(held, vectors[outside], _of(states, outside))
        kept[outside] = odds[outside].max(axis=1) >= model.threshold(SURE)
    return odds, kept


def _of(states: list[States] | None, rows: npt.NDArray[np.int64]) -> list[States] | None:
    return None if states is None else [states[i] for i in rows.tolist()]


def _drawn(truth: Truth, shots: int, seed: int) -> npt.NDArray[np.int64]:
    """Rows of a random draw of `shots` examples of each label (all of a label that has fewer)."""
    draw = np.random.default_rng(seed)
    shuffled = draw.permutation(len(truth))
    return np.sort(np.concatenate([shuffled[truth[shuffled] == name][:shots] for name in np.unique(truth)]))


def _scores(truth: Truth, model: Classifier, odds: npt.NDArray[np.float64]) -> dict[str, float | None]:
    found, confidence = np.array(model.classes)[odds.argmax(axis=1)], odds.max(axis=1)
    return {**_agreement(truth, found), **answered(confidence, found == truth, confidence >= model.threshold(SURE))}


def answered(
    confidence: npt.NDArray[np.float64], right: npt.NDArray[np.bool_], kept: npt.NDArray[np.bool_]
) -> dict[str, float | None]:
    """Where it is sure enough: coverage and accuracy; and accuracy of the surest fifth, two fifths, …"""
    surest = {f"accuracy_of_surest_{share:.0%}": r for share, r in right_when_answered(confidence, right).items() if share < 1}
    return {"coverage": float(kept.mean()), "selective_accuracy": _share(right, kept), **surest}


def _agreement(truth: Truth, found: Truth) -> dict[str, float]:
    from sklearn.metrics import f1_score

    return {
        "accuracy": float((truth == found).mean()),
        "macro_f1": float(f1_score(truth, found, labels=np.unique(truth), average="macro", zero_division=0)),
    }


def _matched(truth: Truth, found: npt.NDArray[np.int64]) -> dict[str, float]:
    """Agreement of groups with labels; accuracy under the best one-to-one match of groups to labels."""
    from scipy.optimize import linear_sum_assignment
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    y = np.unique(truth, return_inverse=True)[1]
    table = np.zeros((int(found.max()) + 2, int(y.max()) + 1), dtype=np.int64)
    np.add.at(table, (found + 1, y), 1)
    rows, columns = linear_sum_assignment(-table[1:])
    return {
        "nmi": float(normalized_mutual_info_score(y, found)),
        "ari": float(adjusted_rand_score(y, found)),
        "cluster_accuracy": float(table[1:][rows, columns].sum() / len(y)),
    }


def _shuffled(texts: list[str], vectors: Vectors, labels: npt.NDArray[np.int64], shuffles: int) -> float:
    """Mean agreement between the groups found and those found after the rows were shuffled."""
    from sklearn.metrics import adjusted_rand_score

    from nlp.cluster import find_groups

    scores = []
    for number in range(shuffles):
        order = np.random.default_rng(SEED + number).permutation(len(texts))
        again = find_groups([texts[i] for i in order], vectors[order]).labels
        scores.append(adjusted_rand_score(labels[order], again))
    return float(np.mean(scores))


def read_csv(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise BadInput(f"There is no file {path}.", "Check the path.", code="no_file")
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding_errors="strict")
    except pd.errors.EmptyDataError as err:
        raise BadInput(f"{path.name} is empty.", "Give a CSV file with a header.", code="empty") from err
    except UnicodeDecodeError:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="latin-1")
    except (pd.errors.ParserError, OSError) as err:
        raise BadInput(
            f"{path.name} cannot be read as CSV.", "Give a comma-separated file with a header.", code="not_csv"
        ) from err
    if frame.empty:
        raise BadInput(f"{path.name} has no rows.", "Give a CSV file with a header and rows.", code="empty")
    return frame


def column(frame: pd.DataFrame, path: Path, name: str) -> pd.Series[str]:
    if name not in frame.columns:
        raise BadInput(
            f"{path.name} has no column `{name}`.", f"Its columns: {', '.join(map(str, frame.columns))}.", code="no_column"
        )
    return frame[name].str.strip()


def labelled(path: Path, text: str, label: str) -> tuple[list[str], Truth]:
    """Readable texts and labels of the rows that have both."""
    frame = read_csv(path)
    raw, truth = column(frame, path, text), column(frame, path, label)
    rows = np.flatnonzero((raw != "") & (truth != ""))
    if not len(rows):
        raise BadInput(f"{path.name} has no row with both `{text}` and `{label}`.", "Check the two columns.", code="empty")
    return [readable(raw.iloc[i]) for i in rows], truth.to_numpy(dtype=np.str_)[rows]


def _texts(path: Path, text: str) -> list[str]:
    raw = column(read_csv(path), path, text)
    found = [readable(t) for t in raw if t]
    if not found:
        raise BadInput(f"{path.name} has no text in `{text}`.", "Check the column.", code="empty")
    return found


def polarities(truth: Truth, path: Path, label: str) -> Truth:
    strange = sorted({t for t in truth.tolist() if t.lower() not in POLARITIES})
    if strange:
        raise BadInput(
            f"{path.name}: `{label}` holds {_some([f'`{s}`' for s in strange])}.",
            "Sentiment is negative, neutral or positive, or -1, 0 or 1.",
            code="bad_label",
        )
    return np.array([POLARITIES[t.lower()] for t in truth.tolist()])


def _several(rows: tuple[list[str], Truth], path: Path, label: str) -> None:
    if len(set(rows[1].tolist())) < 2:
        raise BadInput(
            f"{path.name}: `{label}` has only one value, `{rows[1][0]}`.", "Give rows of at least two labels.", code="one_label"
        )


def _some(items: Sequence[str]) -> str:
    return ", ".join(items[:5]) + (f" and {len(items) - 5} more" if len(items) > 5 else "")


def _share(right: npt.NDArray[np.bool_], kept: npt.NDArray[np.bool_]) -> float | None:
    return float(right[kept].mean()) if kept.any() else None


def _mean(results: list[dict[str, Any]]) -> dict[str, Any]:
    known = {k: [r[k] for r in results if r[k] is not None] for k in results[0]}
    return {k: float(np.mean(v)) if v else None for k, v in known.items()}


def _abstaining() -> str:
    return f"it may abstain where its own cross-validation expects under {SURE:.0%} right"


def cost(started: float, scored: int, learned: int) -> dict[str, Any]:
    """Wall-clock seconds with reading and encoding, texts (read and scored) a second, and this process's peak memory."""
    import resource
    import sys

    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    return {
        "n": scored,
        "seconds": round(seconds, 3),
        "texts_per_second": round((scored + learned) / seconds, 1),
        "peak_mb": round(peak, 1),
    }
