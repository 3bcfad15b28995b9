"""`rapport train`: labels from a file and from people's corrections become the workspace's own classifier of aspects."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from integrations.theme_evidence import frame
from integrations.wiring import Workspace
from knowledge.access import Scope
from knowledge.errors import NoData
from knowledge.state import Label
from nlp.aspects import AspectTagger
from nlp.classify import Classifier
from nlp.encoder import Encoder, load_encoder
from nlp.evaluate import labelled
from nlp.taxonomy import load_taxonomy
from nlp.text import readable
from nlp.train import next_to_label, train

MODEL = Path("models") / "aspects.npz"
POOL = 5000


def learn(home: Workspace, file: Path | None, text: str, label: str, progress: Callable[[str], None]) -> dict[str, Any]:
    """Fits, scores and keeps the classifier; gives what `rapport train --json` prints.

    Fails: NoData (`no_labels`) without any label; BadInput as `nlp.train.train`."""
    texts: list[str] = []
    labels: list[str] = []
    if file is not None:
        given, known = labelled(file, text, label)
        texts, labels = list(given), known.tolist()
    corrected = _corrected(home)
    texts += [t for t, _ in corrected]
    labels += [x for _, x in corrected]
    if not texts:
        raise NoData(
            "There is no label to learn from.", "Give some with --labels FILE.csv --text … --label …, or correct aspects in the review.", code="no_labels",
        )  # fmt: skip
    encoder = load_encoder(home.settings.encoder or None)
    progress(f"learning {len(texts):,} labels")
    made = train(texts, labels, encoder, load_taxonomy(home.settings.taxonomy))
    path = home.folder / MODEL
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    made.model.save(part)
    part.replace(path)
    before = _right_before(texts, labels, home, encoder)
    progress("choosing what to label next")
    return {
        "examples": made.examples, "scored": made.scored, "accuracy": made.accuracy, "before": before, "coverage": made.coverage, "selective_accuracy": made.selective_accuracy,
        "gain": made.gain, "per_label": made.per_label.to_dict("records"), "next": _next(home, made.model, set(texts)),
        "protocol": f"{'five' if made.scored == made.examples else 'two of five'} stratified folds; the taxonomy's own sentences are learned where its labels are used, never scored",
    }  # fmt: skip


def _right_before(texts: Sequence[str], labels: Sequence[str], home: Workspace, encoder: Encoder) -> float:
    """The share of the labels that the shipped taxonomy gives by itself: it has learned none of them."""
    found = AspectTagger(load_taxonomy(home.settings.taxonomy), encoder).tag(encoder.encode(texts)).aspect
    return sum(f == label for f, label in zip(found, labels, strict=True)) / len(labels)


def own_classifier(workspace: Path) -> Classifier | None:
    """The workspace's classifier; None before the first `rapport train`."""
    path = workspace / MODEL
    return Classifier.load(path) if path.is_file() else None


def version(workspace: Path) -> str:
    """What tells whether the classifier has changed; empty where there is none."""
    path = workspace / MODEL
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.is_file() else ""


def _corrected(home: Workspace) -> list[tuple[str, str]]:
    """The latest correction of each place: its text as it is now, and the aspect."""
    latest = latest_labels(home.state().labels())
    if not latest:
        return []
    texts = home.reader(Scope.of_role("admin")).frame("feedback_text").set_index("feedback_id")["text"]
    return [(readable(texts[f][a:b]), str(x.aspect)) for (f, a, b), x in sorted(latest.items()) if f in texts.index]


def latest_labels(labels: Sequence[Label]) -> dict[tuple[str, int, int], Label]:
    """The last aspect that was given to each place; one with neither aspect nor sentiment takes the place's back."""
    latest: dict[tuple[str, int, int], Label] = {}
    for one in labels:
        place = (one.feedback_id, one.start, one.end)
        if one.aspect:
            latest[place] = one
        elif one.sentiment is None:
            latest.pop(place, None)
    return latest


def _next(home: Workspace, model: Classifier, known: set[str]) -> list[dict[str, Any]]:
    try:
        segments = frame(home.reader(Scope.of_role("admin")), "feedback_segments")
    except NoData:
        return []
    if segments.empty:
        return []
    pool = segments.sort_values(["feedback_id", "segment"]).drop_duplicates("feedback_id")
    pool = pool.sample(min(POOL, len(pool)), random_state=7)
    texts = [readable(t) for t in pool["text"]]
    vectors = load_encoder(home.settings.encoder or None).encode(texts)
    rows = next_to_label(model, pool["feedback_id"].tolist(), texts, vectors)
    return [{str(k): v for k, v in r.items()} for r in rows[~rows["text"].isin(known)].to_dict("records")]
