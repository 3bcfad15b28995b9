"""The voice's step of a build: comments to themes, reasons, checked claims, lifts, drivers, trends and safety statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow.compute as pc

from integrations.learning import own_classifier
from integrations.settings import Settings
from knowledge.snapshot import Snapshot
from knowledge.state import Decision, in_force
from knowledge.tables import Store
from nlp.claims import find_claims
from nlp.corroborate import Records, Rules, corroborate
from nlp.dedupe import counting
from nlp.drivers import drivers
from nlp.encoder import load_encoder
from nlp.kept import Kept, load_model
from nlp.lift import lifts
from nlp.neutral import Names
from nlp.pipeline import analyse
from nlp.safety import safety_statements
from nlp.taxonomy import load_taxonomy
from nlp.trends import trends

HEARD = ("feedback_text", "feedback_segments", "themes", "reasons", "reason_mentions", "safety", "theme_lineage")
CHECKED = ("claims", "theme_lifts", "theme_drivers", "theme_trends", "reason_trends")
RECORDS = ("orders", "order_lines", "returns", "interactions", "inventory", "customers", "service_policies", "products")
CONTACT_DAYS, FAMILY, SEEN = 14, 6, 10
MODEL, VERSION = "voice.npz", 8
SPECIAL = ("stock", "assemble", "make", "engineer")


def listen(
    store: Store, draft: Snapshot, settings: Settings, last: Snapshot | None, decisions: Sequence[Decision], *, full: bool
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The tables of HEARD by name, and the vectors of the comments by text. What the `last` build left is gone on from, so that
    themes keep their ids; with `full` every comment is read again. The model for the next build goes into the draft's folder."""
    encoder = load_encoder(settings.encoder or None)
    feedback = _frame(store, draft, "feedback")
    before = kept(store, last) if last else None
    if before and before.model.encoder != encoder.name:
        before = None  # other vectors: nothing can be compared
    voice = analyse(
        feedback,
        encoder,
        load_taxonomy(settings.taxonomy),
        outliers=settings.outlier_budget,
        copies=settings.copies,
        pipeline=settings.spacy_pipeline,
        classifier=own_classifier(store.root.parent),
        names=Names.of(known_names(store, draft)),
        before=before,
        decisions=in_force(decisions),
        revision=decisions[-1].id if decisions else 0,
        refit=full or not same_way(last, draft),
    )
    voice.model.save(draft.folder / MODEL, voice.vectors)
    lineage = voice.lineage.assign(snapshot=draft.id) if len(voice.lineage) else voice.lineage
    found = {
        "feedback_text": voice.texts,
        "feedback_segments": voice.segments,
        "themes": with_customers(voice.themes, voice.segments, feedback),
        "reasons": voice.reasons,
        "reason_mentions": voice.reason_mentions,
        "safety": safety_statements(voice.segments),
        "theme_lineage": pd.concat([f for f in (before.lineage if before else lineage, lineage) if len(f)], ignore_index=True)
        if len(lineage)
        else (before.lineage if before else lineage),
    }
    return found, dict(zip(voice.texts["text"], voice.comment_vectors, strict=True))


def kept(store: Store, last: Snapshot) -> Kept | None:
    """What the last build left: None where it left nothing that can be gone on from."""
    stored = load_model(last.folder / MODEL)
    if stored is None or not {"feedback_text", "feedback_segments"} <= set(last.tables):
        return None
    model, vectors = stored
    texts, segments, reasons, mentions, lineage = (
        _frame(store, last, n) for n in ("feedback_text", "feedback_segments", "reasons", "reason_mentions", "theme_lineage")
    )
    if len(segments) != len(vectors):
        return None
    return Kept(texts, segments, reasons, mentions, vectors, model, lineage)


def unchanged(last: Snapshot, draft: Snapshot) -> bool:
    """Whether the last build's tables hold: the same comments, decisions, settings and version."""
    same = last.tables.get("feedback") == draft.tables["feedback"] and last.decisions_revision == draft.decisions_revision
    return same and same_way(last, draft) and (last.folder / MODEL).is_file()


def same_way(last: Snapshot | None, draft: Snapshot) -> bool:
    """Whether the last build listened with the same settings, the same classifier and the same version of this step."""
    return last is not None and all(last.facts.get(n) == draft.facts.get(n) for n in ("voice", "settings", "classifier"))


@dataclass(frozen=True)
class Heard:
    """What the records are held against: comments, clauses that count and themes."""

    feedback: pd.DataFrame
    segments: pd.DataFrame
    themes: pd.DataFrame


def check(store: Store, draft: Snapshot, settings: Settings) -> dict[str, pd.DataFrame]:
    """The tables of CHECKED by name; needs those of HEARD in the draft."""
    texts = _frame(store, draft, "feedback_text", ("feedback_id", "duplicate_of"))
    segments = _frame(store, draft, "feedback_segments")
    if segments.empty:
        return {}
    once = segments[counting(segments, texts, settings.copies)]
    heard = Heard(_frame(store, draft, "feedback"), once, _themes(store, draft))
    records = {name: _frame(store, draft, name) for name in RECORDS}
    claims = checked_claims(segments, heard.feedback, records, settings.zone)
    said_to = pd.Timestamp(draft.as_of_tables(("feedback",)))
    return {
        "claims": claims,
        "theme_lifts": theme_lifts(heard, claims, records),
        "theme_drivers": theme_drivers(heard),
        "theme_trends": trends(_mentions(once, heard.themes, claims), heard.feedback, said_to),
        "reason_trends": reason_trends(once, heard.feedback, said_to),
    }


def _mentions(said: pd.DataFrame, themes: pd.DataFrame, claims: pd.DataFrame) -> pd.DataFrame:
    """feedback_id and theme_id of what is counted by month: themes, upper themes by their id, claims by their name."""
    own = said[["feedback_id", "theme_id"]].dropna()
    above = own.assign(theme_id=own["theme_id"].map(themes.drop_duplicates("theme_id").set_index("theme_id")["parent_id"]))
    claimed = claims.loc[claims["feedback_id"].isin(set(said["feedback_id"])), ["feedback_id", "claim"]]
    every: pd.DataFrame = pd.concat([own, above, claimed.rename(columns={"claim": "theme_id"})], ignore_index=True)
    return every.dropna()


def reason_trends(said: pd.DataFrame, feedback: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Of each reason what `trends` tells of a theme: `reason_id` in place of `theme_id`."""
    given = said[["feedback_id", "reason_id"]].rename(columns={"reason_id": "theme_id"})
    return trends(given, feedback, as_of).rename(columns={"theme_id": "reason_id"})


def checked_claims(segments: pd.DataFrame, feedback: pd.DataFrame, records: dict[str, pd.DataFrame], zone: str) -> pd.DataFrame:
    """Every checkable claim with its verdict, the record and the sentence that shows it (METRICS C10)."""
    known = Records(
        records["orders"], records["order_lines"], records["returns"], records["interactions"], records["inventory"],
        records["customers"], records["service_policies"], records["products"],
    )  # fmt: skip
    found = corroborate(find_claims(segments), feedback, known, Rules(zone=zone))
    orders = found["feedback_id"].map(feedback.drop_duplicates("feedback_id").set_index("feedback_id")["order_id"])
    return found.assign(order_id=found["record_id"].where(found["record_kind"] == "order", orders))


def theme_lifts(heard: Heard, claims: pd.DataFrame, records: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """What is over-represented among those who say a theme or an upper theme (of complaint: who complain), give a reason, or claim
    something; `theme_id` is the id of any of these, a claim's is its name."""
    properties = order_properties(heard.feedback, records)
    said = heard.segments.dropna(subset=["theme_id"])
    bad = set(heard.themes.loc[heard.themes["sentiment"] < 0, "theme_id"])
    said = said[~said["theme_id"].isin(bad) | (said["sentiment"] < 0)]
    outcomes = {str(t): set(g) for t, g in said.groupby("theme_id")["feedback_id"]}
    above = said["theme_id"].map(heard.themes.set_index("theme_id")["parent_id"])
    outcomes |= {str(t): set(g) for t, g in said.groupby(above)["feedback_id"]}
    outcomes |= {str(r): set(g) for r, g in said.groupby("reason_id")["feedback_id"] if len(g) >= SEEN}
    outcomes |= {str(c): set(g) for c, g in claims.groupby("claim")["feedback_id"]}
    own = properties[properties["feedback_id"].isin(set(heard.segments["feedback_id"]))]
    at = heard.feedback.drop_duplicates("feedback_id").set_index("feedback_id")["at"]
    return lifts(outcomes, own, at).rename(columns={"outcome": "theme_id"})


def order_properties(feedback: pd.DataFrame, records: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """feedback_id, dimension, level: what the records say of each comment's order, goods, customer and latest contacts."""
    told = feedback.reindex(columns=["feedback_id", "customer_id", "order_id", "product_id", "at"])
    parts = []

    def add(rows: pd.DataFrame, **columns: str) -> None:
        for dimension, column in columns.items():
            if column in rows:
                part = rows[["feedback_id", column]].dropna().rename(columns={column: "level"})
                parts.append(part.assign(dimension=dimension.replace("_", " ")))

    orders, lines, products = records["orders"], records["order_lines"], records["products"]
    own = told[["feedback_id", "order_id", "product_id"]].dropna(subset=["order_id"])
    if len(orders):
        add(own.merge(orders.drop_duplicates("order_id"), on="order_id"), warehouse="ship_from", carrier="carrier", region="ship_to_region", order_channel="channel")  # fmt: skip
    if len(lines):
        goods = own.rename(columns={"product_id": "asked"}).merge(lines, on="order_id")
        if len(products):
            known = products.drop_duplicates("product_id")[["product_id", "name", "category", "order_type"]]
            goods = goods.merge(known, on="product_id", how="left")
            add(_most_special(goods), order_type="order_type")
        same = (goods["product_id"] == goods["asked"]).fillna(False)
        goods = goods[same | ~same.groupby(goods["feedback_id"]).transform("any")]
        add(goods, product="name", category="category", packaging="packaging", lot="lot")
    elif len(products):
        add(told.merge(products, on="product_id"), product="name", category="category")
    if len(records["returns"]):
        add(own.merge(records["returns"].drop_duplicates("return_id")[["order_id", "disposition"]], on="order_id"), return_settled_by="disposition")  # fmt: skip
    if len(records["customers"]):
        add(
            told.merge(records["customers"].drop_duplicates("customer_id"), on="customer_id"),
            industry="industry",
            customer_region="region",
        )
    if len(records["interactions"]):
        add(_contacts(told, records["interactions"]), contact_channel="channel")
    if not parts:
        return pd.DataFrame(columns=["feedback_id", "dimension", "level"])
    every: pd.DataFrame = pd.concat(parts, ignore_index=True).drop_duplicates()
    return every


def _most_special(goods: pd.DataFrame) -> pd.DataFrame:
    """One order type a comment: an order takes as long as the most special of its lines (SCOR: stock, assemble, make, engineer)."""
    rank = goods["order_type"].map({t: i for i, t in enumerate(SPECIAL)})
    return (
        goods.assign(rank=rank)
        .dropna(subset=["rank"])
        .sort_values("rank", kind="stable")
        .drop_duplicates("feedback_id", keep="last")
    )


def _contacts(told: pd.DataFrame, interactions: pd.DataFrame) -> pd.DataFrame:
    """The channels by which the customer asked something in the fourteen days before the comment."""
    asked = interactions[interactions["direction"].fillna("inbound") == "inbound"][["customer_id", "at", "channel"]]
    both = told[["feedback_id", "customer_id", "at"]].dropna().merge(asked.rename(columns={"at": "asked"}), on="customer_id")
    days = (pd.to_datetime(both["at"], utc=True) - pd.to_datetime(both["asked"], utc=True)).dt.total_seconds() / 86400
    near: pd.DataFrame = both[(days >= 0) & (days <= CONTACT_DAYS)][["feedback_id", "channel"]].drop_duplicates()
    return near


def theme_drivers(heard: Heard) -> pd.DataFrame:
    """How much each theme moves the rating and NPS (METRICS C8), channel and month held equal."""
    said = heard.segments.dropna(subset=["theme_id"])
    table = pd.crosstab(said["feedback_id"], said["theme_id"]).clip(upper=1)
    feedback = heard.feedback.drop_duplicates("feedback_id").set_index("feedback_id")
    feedback = feedback.loc[feedback.index.isin(set(heard.segments["feedback_id"]))]
    months = pd.to_datetime(feedback["at"], utc=True).dt.strftime("%Y-%m")
    controls = pd.get_dummies(pd.DataFrame({"channel": feedback["channel"], "month": months}), drop_first=True).astype(float)
    made = []
    for measure in ("rating", "nps"):
        score = pd.to_numeric(feedback[measure], errors="coerce").astype("float64")
        if measure == "rating" and feedback.loc[score.notna(), "rating_scale"].nunique() > 1:
            continue  # ratings of several scales cannot be added
        found = drivers(score, table.reindex(score.index).fillna(0), feedback["customer_id"], controls=controls)
        made.append(found.rename(columns={"theme": "theme_id"}).assign(measure=measure, r2=found.attrs["r2"]))
    return pd.concat([m for m in made if len(m)], ignore_index=True) if any(len(m) for m in made) else pd.DataFrame()


def known_names(store: Store, draft: Snapshot) -> dict[str, list[str]]:
    """Names that must not make themes, by what stands for them: also what several products share ("ball bearing" of "ball bearing
    6308"), and the first names of colleagues."""
    found: dict[str, list[str]] = {}
    for stand_in, table, column in (
        ("the product", "products", "name"), ("the product", "products", "product_id"), ("our company", "customers", "name"),
        ("the carrier", "orders", "carrier"), ("the warehouse", "orders", "ship_from"), ("the colleague", "contacts", "name"),
        ("the colleague", "interactions", "agent"),
    ):  # fmt: skip
        if table in draft.tables:
            values = store.read(table, draft.tables[table].version, (column,))[column]
            names = [str(v) for v in pc.unique(values).to_pylist() if v]
            if (table, column) == ("products", "name"):
                names += families(names)
            if column == "agent":
                names += [n.split()[0] for n in names]
            found.setdefault(stand_in, []).extend(names)
    return found


def families(names: list[str]) -> list[str]:
    """What the names of at least two products begin with, before a size, a number or a code; one and many of it."""
    heads: Counter[str] = Counter()
    for name in names:
        words = name.split()
        cut = next(
            (i for i, w in enumerate(words) if i and (any(c.isdigit() for c in w) or len(w) < 3 or w.isupper())), len(words)
        )
        head = " ".join(words[:cut])
        if cut > 1 or len(head) >= FAMILY:
            heads[head] += 1
    shared = [h for h, n in heads.items() if n > 1]
    return [*shared, *(f"{h}s" for h in shared)]


def with_customers(themes: pd.DataFrame, segments: pd.DataFrame, feedback: pd.DataFrame) -> pd.DataFrame:
    """Adds how many customers said each theme."""
    said = segments[["feedback_id", "theme_id"]].dropna().merge(feedback[["feedback_id", "customer_id"]], on="feedback_id")
    counts = said.dropna().groupby("theme_id")["customer_id"].nunique()
    return themes.assign(customers=themes["theme_id"].map(counts).fillna(0).astype("int64"))


def _themes(store: Store, draft: Snapshot) -> pd.DataFrame:
    """The themes; none, with their columns, where too little was said to find any."""
    found = _frame(store, draft, "themes")
    return (
        found
        if len(found.columns)
        else found.reindex(columns=["theme_id", "name", "parent_id", "sentiment"]).astype({"sentiment": float})
    )


def _frame(store: Store, draft: Snapshot, name: str, columns: tuple[str, ...] | None = None) -> pd.DataFrame:
    """The table as a frame, text as plain objects; empty where the company has none."""
    version = draft.tables.get(name)
    if version is None:
        return pd.DataFrame(columns=list(columns or ()), dtype=object)
    rows: pd.DataFrame = store.read(name, version.version, columns).to_pandas()
    return rows
