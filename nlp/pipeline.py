"""The voice of the customer, comment by comment: mask -> language -> clauses -> encode once -> sentiment, aspects -> duplicates
-> themes -> reasons. Everything is in batches; nothing depends on the order of the rows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from nlp.aspects import AspectTagger
from nlp.dedupe import duplicates
from nlp.encoder import Encoder, Vectors
from nlp.language import languages
from nlp.neutral import NOBODY, Names, neutral
from nlp.reasons import Reasons, find_reasons
from nlp.redact import redact
from nlp.sentiment import polarity, score, shipped_head
from nlp.taxonomy import Taxonomy
from nlp.text import clauses, readable
from nlp.themes import MIXED, Themes, find_themes, theme_table

READ = ("en", "und")
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Voice:
    """What the pipeline makes of the comments. Frames: `texts` (one row a comment), `segments` (one row a clause), `themes`,
    `reasons`, `reason_mentions`; `vectors` are those of the segments, `comment_vectors` those of `texts`. `set_aside` counts comments by the reason why they were
    not analysed."""

    texts: pd.DataFrame
    segments: pd.DataFrame
    themes: pd.DataFrame
    reasons: pd.DataFrame
    reason_mentions: pd.DataFrame
    vectors: Vectors
    comment_vectors: Vectors
    set_aside: dict[str, int]

    @property
    def unassigned(self) -> float:
        """Share of the analysed comments that are in no theme."""
        said = self.segments.groupby("feedback_id")["theme_id"].count()
        return round(float((said == 0).mean()), 6) if len(said) else 0.0


def analyse(
    feedback: pd.DataFrame,
    encoder: Encoder,
    taxonomy: Taxonomy,
    *,
    zone: str = "UTC",  # noqa: ARG001
    outliers: float = 0.02,
    names: Names = NOBODY,
    pipeline: str = "",
    progress: Progress = lambda _: None,
) -> Voice:
    """Analyses comments. Needs feedback_id, text; uses at and language where given. `names` are known products, customers and the
    like, which must not make themes."""
    texts = _texts(feedback)
    known = texts["text"] != ""
    read = known & texts["language"].isin(READ)
    set_aside = {
        f"language {code}": int(n) for code, n in texts.loc[known & ~read, "language"].value_counts().sort_index().items()
    }
    if (~known).any():
        set_aside["no text"] = int((~known).sum())
    segments = _segments(texts[read], pipeline)
    progress(f"encoding {len(segments):,} clauses of {int(read.sum()):,} comments")
    plain = [neutral(readable(t), names) for t in segments["text"]]
    vectors = encoder.encode(plain)
    progress("sentiment and aspects")
    segments = _tagged(segments, vectors, encoder, taxonomy)
    texts, whole = _commented(texts, segments, vectors)
    texts["duplicate_of"] = pd.Series([None] * len(texts), dtype="object")
    texts.loc[read, "duplicate_of"] = duplicates(
        texts.loc[read, "feedback_id"].tolist(), texts.loc[read, "text"].tolist(), whole[read.to_numpy()]
    )
    copies = set(texts.loc[texts["duplicate_of"].notna(), "feedback_id"])
    segments["counts"] = ~segments["feedback_id"].isin(copies)
    progress("finding themes")
    themes = find_themes(plain, vectors, segments["feedback_id"].tolist(), encoder.encode, outliers=outliers)
    identities = np.array([*themes.ids, None], dtype=object)
    segments["theme_id"] = identities[themes.of]
    segments["theme_margin"] = themes.margin.round(4)
    segments["theme_likeness"] = themes.likeness(vectors)
    progress("finding reasons")
    reasons, mentions = _reasons(segments, texts, themes, vectors, encoder, names)
    segments["reason_id"] = pd.Series(mentions.set_index("row")["reason_id"], dtype="object").reindex(segments.index)
    at = (
        pd.to_datetime(feedback.set_index("feedback_id")["at"], utc=True)
        if "at" in feedback
        else pd.Series(dtype="datetime64[ns, UTC]")
    )
    table = theme_table(segments, themes, at)
    mentions = mentions.assign(feedback_id=segments["feedback_id"].reindex(mentions["row"]).to_numpy())
    columns = ["reason_id", "theme_id", "feedback_id", "start", "end", "text", "cue", "rank"]
    return Voice(texts, segments.drop(columns=["counts"]), table, reasons, mentions[columns], vectors, whole, set_aside)


def _texts(feedback: pd.DataFrame) -> pd.DataFrame:
    """feedback_id, text (masked), masks, language; in the order of feedback_id."""
    given = feedback.sort_values("feedback_id", ignore_index=True)
    masked = [redact(t) if isinstance(t, str) else redact("") for t in given["text"]]
    texts = pd.DataFrame({"feedback_id": given["feedback_id"].astype("object"), "text": [m.text for m in masked]})
    texts["text"] = [t if t.strip() else "" for t in texts["text"]]
    texts["masks"] = [json.dumps(m.masks) if m.masks else None for m in masked]
    found = languages(texts["text"].tolist())
    if "language" in given:
        found = [str(g).lower()[:2] if isinstance(g, str) and g else f for g, f in zip(given["language"], found, strict=True)]
    return texts.assign(language=found)


def _segments(texts: pd.DataFrame, pipeline: str) -> pd.DataFrame:
    rows = [
        (identity, number, start, end, text[start:end])
        for identity, text, spans in zip(
            texts["feedback_id"], texts["text"], clauses(texts["text"].tolist(), pipeline), strict=True
        )
        for number, (start, end) in enumerate(spans)
    ]
    return pd.DataFrame(rows, columns=["feedback_id", "segment", "start", "end", "text"])


def _tagged(segments: pd.DataFrame, vectors: Vectors, encoder: Encoder, taxonomy: Taxonomy) -> pd.DataFrame:
    if not len(segments):
        return segments.assign(aspect=None, aspect_confidence=0.0, runner_up=None, sentiment=0, sentiment_score=0.0)
    feeling = shipped_head(encoder).probabilities(segments["text"].tolist(), vectors)
    tagged = AspectTagger(taxonomy, encoder).tag(vectors)
    return segments.assign(
        aspect=pd.Series(tagged.aspect, dtype="object", index=segments.index),
        aspect_confidence=tagged.confidence,
        runner_up=pd.Series(tagged.runner_up, dtype="object", index=segments.index),
        sentiment=polarity(feeling),
        sentiment_score=score(feeling),
    )


def _commented(texts: pd.DataFrame, segments: pd.DataFrame, vectors: Vectors) -> tuple[pd.DataFrame, Vectors]:
    """Adds each comment's sentiment (clauses weigh by length and by how sure they are) and gives its vector (n, d)."""
    from scipy.sparse import csr_matrix

    place = pd.Series(np.arange(len(texts)), index=texts["feedback_id"])
    rows = place.reindex(segments["feedback_id"]).to_numpy().astype(np.int64) if len(segments) else np.zeros(0, dtype=np.int64)
    size = (segments["end"] - segments["start"]).to_numpy(np.float64) if len(segments) else np.zeros(0)
    member = csr_matrix((size.astype(np.float32), (rows, np.arange(len(rows)))), shape=(len(texts), len(rows)))
    whole = np.asarray(member @ vectors) if len(rows) else np.zeros((len(texts), 1), dtype=np.float32)
    whole /= np.maximum(np.linalg.norm(whole, axis=1, keepdims=True), 1e-9)
    values = segments["sentiment_score"].to_numpy(np.float64) if len(segments) else np.zeros(0)
    weight = np.sqrt(size) * (0.25 + np.abs(values))
    total = np.bincount(rows, weights=weight * values, minlength=len(texts))
    mass = np.bincount(rows, weights=weight, minlength=len(texts))
    mean = np.where(mass > 0, total / np.maximum(mass, 1e-9), np.nan).round(4)
    sign: npt.NDArray[np.float64] = np.where(np.isnan(mean), np.nan, np.where(mean > 0.15, 1, np.where(mean < -0.15, -1, 0)))
    return texts.assign(sentiment=sign, sentiment_score=mean), whole.astype(np.float32)


def _reasons(
    segments: pd.DataFrame, texts: pd.DataFrame, themes: Themes, vectors: Vectors, encoder: Encoder, known: Names
) -> tuple[pd.DataFrame, pd.DataFrame]:
    comment = texts.set_index("feedback_id")["text"]
    with_comment = segments.assign(comment=comment.reindex(segments["feedback_id"]).to_numpy())
    names = {identity: name.name for identity, name in zip(themes.ids, themes.names, strict=True) if name is not MIXED}
    found: Reasons = find_reasons(with_comment, vectors, names, encoder, known)
    return found.reasons, found.mentions
