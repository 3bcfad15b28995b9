"""The voice of the customer, comment by comment: mask -> language -> clauses -> encode once -> sentiment, aspects -> duplicates
-> themes (known ones keep their ids, people's decisions hold) -> reasons. In batches; nothing depends on the order of the rows.

What the build before left is used: comments that have not changed are not read again, and until a fifth of the clauses is new,
new ones are placed in the themes that are there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from knowledge.index import on_grid
from nlp.aspects import AspectTagger, learned
from nlp.claims import read_claims, vectors_of
from nlp.classify import Classifier
from nlp.decisions import Applied, Decided, apply
from nlp.dedupe import Copies, Writers, counting, duplicates, with_new
from nlp.encoder import Encoder, Vectors
from nlp.few import FEW, by_aspect
from nlp.formulas import formulas, known_formulas
from nlp.identity import identify, stick
from nlp.kept import Kept, ThemeModel, ids_or_none
from nlp.language import languages
from nlp.naming import Name
from nlp.neutral import NOBODY, Names, found_names, neutral, unnamed
from nlp.nothing import says_nothing
from nlp.placing import Placed, ids_of, place, place_reasons, reason_centres
from nlp.ratings import rated
from nlp.reasons import find_reasons
from nlp.redact import redact
from nlp.safety import read_dangers
from nlp.sentiment import polarity, score, shipped_head
from nlp.taxonomy import Taxonomy
from nlp.text import clauses as clauses_of
from nlp.text import readable
from nlp.themes import MIXED, Clauses, Label, Themes, find_themes, theme_table

READ = ("en", "und")
REFIT, AGAIN = 0.2, 2.0
MENTIONS = ["reason_id", "theme_id", "feedback_id", "segment", "start", "end", "text", "cue", "rank"]
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Voice:
    """What the pipeline makes of the comments. Frames: `texts` (one row a comment), `segments` (one row a clause), `themes`,
    `reasons`, `reason_mentions`, `lineage` (what became of the themes known before); `vectors` are those of the segments,
    `comment_vectors` those of `texts`; `model` is for the next build. `set_aside` counts comments by the reason why they were
    not analysed; `fresh` those that were read anew; `copies` says how near duplicates were counted."""

    texts: pd.DataFrame
    segments: pd.DataFrame
    themes: pd.DataFrame
    reasons: pd.DataFrame
    reason_mentions: pd.DataFrame
    vectors: Vectors
    comment_vectors: Vectors
    set_aside: dict[str, int]
    model: ThemeModel
    lineage: pd.DataFrame = field(default_factory=pd.DataFrame)
    fresh: int = 0
    copies: Copies = "once"

    @property
    def unassigned(self) -> float:
        """Share of the analysed comments that are in no theme."""
        said = self.segments[~self.segments["formula"].astype(bool)].groupby("feedback_id")["theme_id"].count()
        return round(float((said == 0).mean()), 6) if len(said) else 0.0

    def kept(self) -> Kept:
        """What the next run can go on from."""
        return Kept(self.texts, self.segments, self.reasons, self.reason_mentions, self.vectors, self.model, self.lineage)


def analyse(
    feedback: pd.DataFrame,
    encoder: Encoder,
    taxonomy: Taxonomy,
    *,
    outliers: float = 0.02,
    copies: Copies = "once",
    names: Names = NOBODY,
    pipeline: str = "",
    classifier: Classifier | None = None,
    before: Kept | None = None,
    decisions: Sequence[Decided] = (),
    revision: int = 0,
    refit: bool = False,
    progress: Progress = lambda _: None,
) -> Voice:
    """Analyses comments. Needs feedback_id, text; uses at and language where given. `names` are known products, customers and the
    like, which must not make themes (others are found in the comments); of near duplicates `copies` counts one or each; `classifier`
    is the company's own, for aspects; `decisions` are people's, up to `revision`; `refit` finds all themes anew, ids kept."""
    given = feedback.sort_values("feedback_id", ignore_index=True)
    digests = _digests(given)
    same = _unchanged(given, digests, None if refit else before)
    texts = _texts(given[~same].reset_index(drop=True), digests[~same])
    found_here = before.model.found if before is not None and not refit else found_names(texts["text"].tolist())
    names = names.and_found(found_here)
    fresh, plain = _clauses(texts, names, pipeline)
    progress(f"encoding {len(fresh):,} clauses of {len(texts):,} comments")
    vectors = encoder.encode(plain)
    progress("sentiment and aspects")
    fresh = _claimed(_tagged(fresh, plain, vectors, encoder, taxonomy, classifier), plain, vectors, encoder, pipeline, names)
    texts, whole = _commented(texts, fresh, vectors)
    if before is not None and not refit:
        texts, segments, vectors = _joined(texts, fresh, vectors, before, set(given.loc[same, "feedback_id"]))
        whole = _whole(texts, segments, vectors)
    else:
        segments = fresh.assign(found_theme=pd.Series([None] * len(fresh), dtype="object"))
    read = _read(texts)
    texts = _deduplicated(texts, read, whole, None if refit else before, set(given.loc[same, "feedback_id"]), given)
    progress("finding themes")
    anew = refit or before is None or len(segments) > (1 + REFIT) * before.model.fitted or not before.model.ids
    if anew:
        plain = plain if before is None or refit else [neutral(readable(t), names) for t in segments["text"]]
        placed = _found(segments, plain, vectors, encoder, taxonomy, before, outliers, names)
    else:
        assert before is not None
        new = ~segments["feedback_id"].isin(set(given.loc[same, "feedback_id"])).to_numpy()
        placed = place(segments, vectors, new, before.model)
    segments = placed.segments
    applied = apply(decisions, segments, vectors)
    labels = _labels(placed, applied)
    segments = segments.assign(theme_id=ids_of(_there(applied, segments, labels)))
    counted = segments.assign(counts=counting(segments, texts, copies))
    progress("finding reasons")
    if anew or before is None or before.model.decided != revision:
        comment = texts.set_index("feedback_id")["text"]
        with_comment = counted.assign(comment=comment.reindex(segments["feedback_id"]).to_numpy())
        named = {identity: x.name.name for identity, x in labels.items() if x.name.name != MIXED.name}
        found = find_reasons(with_comment, vectors, named, encoder, names, plain if len(plain) == len(segments) else None)
        at = found.mentions["row"].to_numpy(np.int64)
        mentions = found.mentions.assign(
            feedback_id=segments["feedback_id"].to_numpy()[at], segment=segments["segment"].to_numpy()[at]
        )
        reasons, mentions = found.reasons, mentions[MENTIONS]
    else:
        reasons, mentions = place_reasons(counted, texts, vectors, new, before)
    segments = segments.assign(reason_id=_of_clause(segments, mentions))
    times = (
        pd.to_datetime(feedback.set_index("feedback_id")["at"], utc=True)
        if "at" in feedback
        else pd.Series(dtype="datetime64[ns, UTC]")
    )
    ids, centres = reason_centres(segments, vectors)
    model = replace(placed.model, reason_ids=ids, reason_centres=centres, decided=revision, found=found_here)
    return Voice(
        rated(texts, feedback), segments, theme_table(counted, labels, times), reasons, mentions, vectors, whole, _set_aside(texts, read, segments), model,
        placed.lineage, int((~same).sum()), copies,
    )  # fmt: skip


def _digests(given: pd.DataFrame) -> npt.NDArray[np.object_]:
    """What tells whether a comment has changed."""
    language = given["language"] if "language" in given else [""] * len(given)
    told = [f"{t}\x00{x}" if isinstance(t, str) else "" for t, x in zip(given["text"], language, strict=True)]
    return np.array([hashlib.blake2b(t.encode(), digest_size=8).hexdigest() for t in told], dtype=object)


def _unchanged(given: pd.DataFrame, digests: npt.NDArray[np.object_], before: Kept | None) -> npt.NDArray[np.bool_]:
    if before is None:
        return np.zeros(len(given), dtype=bool)
    known = before.texts.drop_duplicates("feedback_id").set_index("feedback_id")["digest"]
    return np.asarray(given["feedback_id"].map(known).to_numpy(object) == digests, dtype=bool)


def _clauses(texts: pd.DataFrame, names: Names, pipeline: str) -> tuple[pd.DataFrame, list[str]]:
    """One row a clause of the comments that the encoder can read, and what it reads of them."""
    segments = _segments(texts[_read(texts)], pipeline)
    return segments, [neutral(readable(t), names) for t in segments["text"]]


def _joined(
    texts: pd.DataFrame, fresh: pd.DataFrame, vectors: Vectors, before: Kept, same: set[str]
) -> tuple[pd.DataFrame, pd.DataFrame, Vectors]:
    """New comments and those of before that are the same, in order; their clauses; the clauses' vectors."""
    stay = before.segments["feedback_id"].isin(same).to_numpy()
    fresh = fresh.assign(found_theme=pd.Series([None] * len(fresh), dtype="object"))
    both = pd.concat(
        [before.segments[stay].reindex(columns=[*fresh.columns, *KEPT]), fresh.reindex(columns=[*fresh.columns, *KEPT])],
        ignore_index=True,
    )
    both = both.astype(
        {c: fresh[c].dtype for c in fresh.columns}
        | {"nearest_theme": "object", "reason_id": "object", "theme_margin": "float32", "theme_likeness": "float32"}
    )
    order = np.lexsort((both["segment"].to_numpy(np.int64), pd.factorize(both["feedback_id"], sort=True)[0]))
    once = before.vectors if stay.all() else before.vectors[stay]
    every = np.concatenate([once, vectors]) if len(vectors) else once
    told = pd.concat([before.texts[before.texts["feedback_id"].isin(same)][texts.columns], texts], ignore_index=True)
    told = told.sort_values("feedback_id", ignore_index=True)
    if (order == np.arange(len(order))).all():  # new ones come last, as most do
        return told, both, every
    return told, both.iloc[order].reset_index(drop=True), every[order]


KEPT = ("theme_margin", "theme_likeness", "nearest_theme", "reason_id")


def _writers(given: pd.DataFrame, ids: Sequence[str]) -> Writers | None:
    """Who wrote the comments of these ids and when, where the source tells at all."""
    if "customer_id" not in given or given["customer_id"].isna().all():
        return None
    rows = given.drop_duplicates("feedback_id").set_index("feedback_id").reindex(ids)  # type: ignore[arg-type]
    at = pd.to_datetime(rows["at"], utc=True) if "at" in rows else pd.Series(pd.NaT, index=rows.index)
    seconds = (at - pd.Timestamp("1970-01-01", tz="UTC")).dt.total_seconds() if at.notna().any() else np.full(len(rows), np.nan)
    return Writers(ids_or_none(rows["customer_id"]).tolist(), np.asarray(seconds, dtype=np.float64))


def _deduplicated(
    texts: pd.DataFrame, read: pd.Series, whole: Vectors, before: Kept | None, same: set[str], given: pd.DataFrame
) -> pd.DataFrame:
    of = pd.Series([None] * len(texts), dtype="object", index=texts.index)
    told = texts[read]
    ids, said, vectors = told["feedback_id"].tolist(), told["text"].tolist(), whole[read.to_numpy()]
    writers = _writers(given, ids)
    if before is None:
        of[read] = duplicates(ids, said, vectors, writers)
    else:
        once = before.texts.drop_duplicates("feedback_id").set_index("feedback_id")["duplicate_of"].reindex(ids)
        known = ids_or_none(once).tolist()
        of[read] = with_new(ids, said, vectors, known, ~told["feedback_id"].isin(same).to_numpy(), writers)
    return texts.assign(duplicate_of=of)


def _found(
    segments: pd.DataFrame, plain: list[str], vectors: Vectors, encoder: Encoder, taxonomy: Taxonomy, before: Kept | None, outliers: float,
    names: Names,
) -> Placed:  # fmt: skip
    """Themes found anew over all clauses; those known before keep their ids and names, and most clauses their theme."""
    former = _former(segments, before)
    once = before.model if before else None
    fine = once.resolution if once and len(segments) < AGAIN * once.searched else None
    place_once = {t: i for i, t in enumerate(once.ids)} if once else {}
    start = np.array([place_once.get(f, -1) for f in former], dtype=np.int64) if once else None
    if 0 < len(plain) < FEW:
        themes = replace(
            by_aspect(plain, segments["claims"].fillna("").tolist(), vectors, taxonomy, encoder),
            formula=segments["formula"].to_numpy(bool),
        )
    else:
        clauses = Clauses.of(segments, plain, vectors, taxonomy, names)
        themes = find_themes(clauses, encoder.encode, outliers=outliers, resolution=fine, start=start)
    given = once.given if once else 0
    known = identify(former, themes.of, len(themes.names), given=given)
    now = np.array([*known.ids, None], dtype=object)[themes.of]
    likeness = themes.likeness(vectors)
    place_of = {t: i for i, t in enumerate(known.ids)}
    at = np.array([place_of.get(f, -1) for f in former], dtype=np.int64)
    if (at >= 0).any():
        still = np.where(at >= 0, themes.groups.likeness_of(vectors, np.maximum(at, 0)), -1.0)
        now = stick(former, now, likeness, still)
        likeness = np.where(now == former, np.where(at >= 0, still, likeness), likeness)
    now[themes.formula] = None
    labels = _named(themes, known.ids, before)
    none = np.flatnonzero(np.array([t is None for t in now], dtype=bool) & ~themes.formula)
    nearest = np.full(len(now), None, dtype=object)
    if len(none) and known.ids:
        nearest[none] = np.array(known.ids, dtype=object)[themes.groups.place(vectors[none])[0]]
    out = segments.assign(
        found_theme=ids_of(now),
        theme_margin=themes.margin.round(4),
        theme_likeness=likeness.round(4).astype(np.float32),
        nearest_theme=ids_of(nearest),
        formula=themes.formula,
    )
    numbers = [int(t[1:]) for t in known.ids if t[1:].isdecimal()]
    model = ThemeModel(
        tuple(known.ids), tuple(labels), themes.groups.centres, themes.groups.origin, (), np.zeros((0, 1), dtype=np.float32), len(segments),
        max([given, *numbers]), 0, encoder.name, (), themes.groups.resolution, once.searched if once and fine else len(segments),
    )  # fmt: skip
    return Placed(out, model, known.lineage)


def _former(segments: pd.DataFrame, before: Kept | None) -> npt.NDArray[np.object_]:
    """The theme that each clause was found in before, by its place in its comment; None for those not known."""
    if before is None or before.segments.empty:
        return np.full(len(segments), None, dtype=object)
    known = before.segments.drop_duplicates(["feedback_id", "start"]).set_index(["feedback_id", "start"])["found_theme"]
    found = known.reindex(pd.MultiIndex.from_frame(segments[["feedback_id", "start"]])).to_numpy(object)
    return ids_or_none(found)


def _named(themes: Themes, ids: Sequence[str], before: Kept | None) -> list[Label]:
    """How the themes are shown; a theme that was known keeps its name, so that an id never changes what it means in silence."""
    once = dict(zip(before.model.ids, before.model.labels, strict=True)) if before else {}
    labels, taken = [], {x.name.name.lower() for t, x in once.items() if t in ids}
    first: dict[int, str] = {}
    for parent, identity in zip(themes.parents, ids, strict=False):
        first[parent] = min(identity, first.get(parent, identity))
    place = {
        parent: n for n, parent in enumerate(sorted(first, key=lambda p: first[p]), 1)
    }  # by the ids below, not by how they came
    for number, identity in enumerate(ids):
        parent = themes.parents[number]
        name = (
            once[identity].name
            if identity in once and (once[identity].name.name == MIXED.name) == (themes.names[number] is MIXED)
            else themes.names[number]
        )
        if identity not in once and name.name.lower() in taken:
            name = Name(
                next((t[:1].upper() + t[1:] for t in name.terms if t.lower() not in taken), f"{name.name} ({identity})"),
                name.terms,
            )
        taken.add(name.name.lower())
        labels.append(Label(name, f"P{place[parent]:02d}", themes.parent_names[parent]))
    return labels


def _labels(placed: Placed, applied: Applied) -> dict[str, Label]:
    """Labels of every theme, with people's names and approvals."""
    labels = dict(zip(placed.model.ids, placed.model.labels, strict=True))
    for part, source in applied.parents.items():
        if source in labels:
            labels[part] = replace(
                labels[source], name=Name(applied.names.get(part, f"Part of {labels[source].name.name}"), ())
            )
    for part in applied.made:
        labels[part] = Label(Name(applied.names[part], ()), *_above(part, placed, applied))
    for identity, name in applied.names.items():
        if identity in labels:
            labels[identity] = replace(labels[identity], name=Name(name, labels[identity].name.terms))
    return {
        identity: replace(label, status="approved" if identity in applied.approved else label.status)
        for identity, label in labels.items()
    }


def _above(part: str, placed: Placed, applied: Applied) -> tuple[str, str]:
    """The upper theme of what a person made: that of the theme its clauses are nearest to; its own where they are near none."""
    near = placed.segments["nearest_theme"].fillna(placed.segments["found_theme"])
    labels = dict(zip(placed.model.ids, placed.model.labels, strict=True))
    for identity in near[applied.theme_ids == part].dropna():
        if identity in labels:
            return labels[identity].parent_id, labels[identity].parent_name
    return part, applied.names[part]


def _there(applied: Applied, segments: pd.DataFrame, labels: dict[str, Label]) -> npt.NDArray[np.object_]:
    """The themes of the clauses; one that is not there any more (it was merged away by a build, or what made it was undone) gives the
    clause back to where it was found."""
    found = ids_or_none(segments["found_theme"])
    known = np.array([t is None or t in labels for t in applied.theme_ids], dtype=bool)
    return np.where(known, applied.theme_ids, found)


def _of_clause(segments: pd.DataFrame, mentions: pd.DataFrame) -> pd.Series:
    """Each clause's reason or None."""
    of = mentions.drop_duplicates(["feedback_id", "segment"]).set_index(["feedback_id", "segment"])["reason_id"]
    keys = pd.MultiIndex.from_frame(segments[["feedback_id", "segment"]])
    found = of.reindex(keys).to_numpy(object) if len(of) else np.full(len(segments), None, dtype=object)
    return pd.Series(ids_or_none(found), dtype="object", index=segments.index)


def _read(texts: pd.DataFrame) -> pd.Series[bool]:
    """Which comments are analysed: those with text that says something, in a language that the encoder reads."""
    return (texts["text"] != "") & texts["language"].isin(READ) & ~texts["says_nothing"]


def _set_aside(texts: pd.DataFrame, read: pd.Series, segments: pd.DataFrame) -> dict[str, int]:
    known = texts["text"] != ""
    nothing = texts["says_nothing"]
    counts = texts.loc[known & ~read & ~nothing, "language"].value_counts().sort_index()
    aside = {f"language {code}": int(n) for code, n in counts.items()}
    aside |= {"that say nothing": int(nothing.sum())} if nothing.any() else {}
    general = int(segments["formula"].astype(bool).groupby(segments["feedback_id"]).all().sum())
    aside |= {"of praise, blame or thanks in general": general} if general else {}
    return aside | ({"no text": int((~known).sum())} if (~known).any() else {})


def _texts(given: pd.DataFrame, digests: npt.NDArray[np.object_]) -> pd.DataFrame:
    """feedback_id, text (masked), masks, language, digest; in the order of feedback_id."""
    masked = [redact(t) if isinstance(t, str) else redact("") for t in given["text"]]
    texts = pd.DataFrame(
        {"feedback_id": given["feedback_id"].astype("object"), "text": [m.text for m in masked], "digest": digests}
    )
    texts["text"] = [t if t.strip() else "" for t in texts["text"]]
    texts["masks"] = [json.dumps(m.masks) if m.masks else None for m in masked]
    found = languages(texts["text"].tolist())
    if "language" in given:
        found = [str(g).lower()[:2] if isinstance(g, str) and g else f for g, f in zip(given["language"], found, strict=True)]
    return texts.assign(language=found, says_nothing=[bool(t) and says_nothing(t) for t in texts["text"]])


def _segments(texts: pd.DataFrame, pipeline: str) -> pd.DataFrame:
    rows = [
        (identity, number, start, end, text[start:end])
        for identity, text, spans in zip(
            texts["feedback_id"], texts["text"], clauses_of(texts["text"].tolist(), pipeline), strict=True
        )
        for number, (start, end) in enumerate(spans)
    ]
    made = pd.DataFrame(rows, columns=["feedback_id", "segment", "start", "end", "text"])
    return made.astype({"feedback_id": "object", "text": "object", "segment": "int64", "start": "int64", "end": "int64"})


def _tagged(
    segments: pd.DataFrame,
    plain: list[str],
    vectors: Vectors,
    encoder: Encoder,
    taxonomy: Taxonomy,
    classifier: Classifier | None,
) -> pd.DataFrame:
    if not len(segments):
        return segments.assign(
            aspect=None, aspect_confidence=0.0, runner_up=None, sentiment=0, sentiment_score=0.0, formula=False
        )
    said = segments["text"].tolist()
    feeling = shipped_head(encoder).probabilities(said, vectors)
    tagged = AspectTagger(taxonomy, encoder).tag(vectors)
    if classifier is not None:
        tagged = learned(classifier, said, vectors, tagged)
    return segments.assign(
        aspect=pd.Series(tagged.aspect, dtype="object", index=segments.index),
        aspect_confidence=tagged.confidence,
        runner_up=pd.Series(tagged.runner_up, dtype="object", index=segments.index),
        sentiment=polarity(feeling),
        sentiment_score=score(feeling),
        formula=formulas(plain, vectors, encoder.encode(known_formulas())),
    )


def _claimed(
    segments: pd.DataFrame, plain: list[str], vectors: Vectors, encoder: Encoder, pipeline: str, names: Names
) -> pd.DataFrame:
    """Adds what each clause may claim that a record can settle (days and numbers are part of that), and the danger that it speaks of."""
    texts = [unnamed(readable(t), names) for t in segments["text"]]
    told = vectors_of(texts, plain, vectors, encoder)
    made = read_claims(texts, told, segments["sentiment_score"].to_numpy(np.float64), encoder, pipeline)
    said = {
        "claims": made.claims,
        "claim_about": made.about,
        "claim_asserts": made.asserts,
        "danger": read_dangers(plain, vectors, encoder),
    }
    return segments.assign(
        **{n: pd.Series(v, dtype=bool if n == "claim_asserts" else "object", index=segments.index) for n, v in said.items()}
    )


def _commented(texts: pd.DataFrame, segments: pd.DataFrame, vectors: Vectors) -> tuple[pd.DataFrame, Vectors]:
    """Adds each comment's sentiment (clauses weigh by length and by how sure they are) and gives its vector (n, d)."""
    rows = _rows_of(texts, segments)
    size = (segments["end"] - segments["start"]).to_numpy(np.float64)
    values = segments["sentiment_score"].to_numpy(np.float64)
    weight = np.sqrt(size) * (0.25 + np.abs(values))
    formula = segments["formula"].to_numpy(bool)
    beside = np.bincount(rows, weights=~formula, minlength=len(texts)) > 0
    weight[formula & beside[rows]] = 0.0  # "thanks in advance" is no praise beside a complaint
    total = np.bincount(rows, weights=weight * values, minlength=len(texts))
    mass = np.bincount(rows, weights=weight, minlength=len(texts))
    mean = np.where(mass > 0, total / np.maximum(mass, 1e-9), np.nan).round(4)
    sign: npt.NDArray[np.float64] = np.where(np.isnan(mean), np.nan, np.where(mean > 0.15, 1, np.where(mean < -0.15, -1, 0)))
    return texts.assign(sentiment=sign, sentiment_score=mean), _whole(texts, segments, vectors)


def _whole(texts: pd.DataFrame, segments: pd.DataFrame, vectors: Vectors) -> Vectors:
    """Each comment's vector: the mean of its clauses' by length."""
    from scipy.sparse import csr_matrix

    size = (segments["end"] - segments["start"]).to_numpy(np.float32)
    member = csr_matrix((size, (_rows_of(texts, segments), np.arange(len(segments)))), shape=(len(texts), len(segments)))
    whole = np.asarray(member @ vectors) if len(segments) else np.zeros((len(texts), 1), dtype=np.float32)
    return on_grid(whole / np.maximum(np.linalg.norm(whole, axis=1, keepdims=True), 1e-9))


def _rows_of(texts: pd.DataFrame, segments: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Each clause's row in `texts`."""
    place = pd.Series(np.arange(len(texts)), index=texts["feedback_id"])
    return np.asarray(place.reindex(segments["feedback_id"]), dtype=np.int64)
