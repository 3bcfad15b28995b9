"""`rapport build`: derives everything from the imported tables, aside, and publishes it as one snapshot.

The way of the data: canonical tables -> as-of -> voice of the customer -> customer facts and models -> search index -> vocabulary
-> publish. A build that dies anywhere leaves the last snapshot as it was: nothing names the new files until `publish`.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from integrations import build_models, build_voice, erasure, learning
from integrations.settings import Settings
from knowledge import currencies
from knowledge import snapshot as snapshots
from knowledge.access import Reader, Scope
from knowledge.asof import as_of
from knowledge.errors import NoData, Unavailable
from knowledge.lock import building
from knowledge.metrics import definitions
from knowledge.schema import TABLES
from knowledge.snapshot import Snapshot
from knowledge.state.records import Decision
from knowledge.tables import Store, TableVersion

Progress = Callable[[str], None]


@dataclass(frozen=True)
class BuildReport:
    """What a build made: the snapshot, seconds by step, and what was reused because its inputs had not changed."""

    snapshot: Snapshot
    seconds: dict[str, float]
    reused: tuple[str, ...]
    rows: dict[str, int]


def build(workspace: Path, settings: Settings, *, full: bool = False, progress: Progress = lambda _: None) -> BuildReport:
    """Makes and publishes the next snapshot; what did not change since the last is reused unless `full`. Whoever was erased and
    came again with an import is erased again first. Waits while another build runs.

    Fails: NoData (`nothing_imported`) where no table holds a row."""
    with building(workspace):
        again = erasure.come_again(workspace, settings)
        made = _build(workspace, settings, full, progress)
        if again:
            erasure.leave_nothing_old(workspace)
    return made


def _build(workspace: Path, settings: Settings, full: bool, progress: Progress) -> BuildReport:
    clock = _Clock(progress)
    store = Store(workspace / "tables")
    tables = {n: v for n in TABLES if store.exists(n) and (v := store.version(n)).rows}
    if not tables:
        raise NoData(
            f"Nothing has been imported into {workspace} yet.",
            "Run `rapport import --mapping … FILE`, or `rapport demo`.",
            code="nothing_imported",
        )
    last = _last(workspace)
    made, folder = snapshots.new_folder(workspace)
    try:
        facts = _facts(workspace, settings, currencies.of_orders(store, tables))
        clock.step("reading the tables")
        decisions = _decisions(workspace, settings)
        revision = decisions[-1].id if decisions else 0
        moment = as_of(store, tables, settings.zone)
        draft = Snapshot(made, datetime.now(UTC), moment.today, tables, {**facts, **moment.facts()}, revision, folder)
        draft, reused = _derive(workspace, settings, store, draft, last, decisions, clock, full=full)
        clock.step("publishing")
        snapshots.publish(workspace, draft)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _tidy(workspace, settings)
    clock.stop()
    return BuildReport(draft, clock.seconds, reused, {n: v.rows for n, v in draft.tables.items()})


def _derive(
    workspace: Path,
    settings: Settings,
    store: Store,
    draft: Snapshot,
    last: Snapshot | None,
    decisions: list[Decision],
    clock: _Clock,
    *,
    full: bool,
) -> tuple[Snapshot, tuple[str, ...]]:
    from assistant.understand.entities import build_vocabulary
    from knowledge.models.customer_facts import customer_facts

    reused: list[str] = []
    heard: dict[str, Any] = {}
    all_seen = Scope.of_role("admin")
    before = None if full else last

    def with_tables(more: dict[str, TableVersion]) -> Snapshot:
        return replace(draft, tables={**draft.tables, **more})

    if "feedback" in draft.tables:
        if before and build_voice.unchanged(before, draft):
            draft = with_tables({n: before.tables[n] for n in build_voice.HEARD if n in before.tables})
            shutil.copy2(before.folder / build_voice.MODEL, draft.folder / build_voice.MODEL)
            reused.append("voice of the customer")
        else:
            clock.step("listening to the comments")
            frames, heard = build_voice.listen(store, draft, settings, last, decisions, full=full)
            draft = with_tables({n: store.replace(n, arrow(f)) for n, f in frames.items() if len(f)})
        if (
            before
            and _same(before, draft, (*build_voice.RECORDS, "feedback", "feedback_segments"))
            and before.as_of == draft.as_of
        ):
            draft = with_tables({n: before.tables[n] for n in build_voice.CHECKED if n in before.tables})
        else:
            clock.step("checking complaints against the records")
            draft = with_tables(
                {n: store.replace(n, arrow(f)) for n, f in build_voice.check(store, draft, settings).items() if len(f)}
            )
    if "customers" in draft.tables:
        clock.step("customer facts")
        facts = customer_facts(Reader(workspace, draft, all_seen))
        draft = with_tables({"customer_facts": store.replace("customer_facts", arrow(facts))})
        if before is not None and build_models.reusable(before, draft):
            kept = {n: before.tables[n] for n in build_models.MODELS if n in before.tables}
            reused.append("models")
        else:
            clock.step("models of customers, articles and demand")
            made = build_models.model_tables(
                Reader(workspace, draft, all_seen), Reader(workspace, last, all_seen) if last else None
            )
            kept = {n: store.replace(n, arrow(t)) for n, t in made.items()}
        draft = build_models.with_models(draft, kept)
    clock.step("search index")
    if before and _same(before, draft, ("feedback", "documents", "themes")) and (before.folder / "index").is_dir():
        shutil.copytree(before.folder / "index", draft.folder / "index")
        reused.append("search index")
    else:
        build_search(workspace, draft, settings, heard)
    clock.step("vocabulary")
    words = build_vocabulary(Reader(workspace, draft, all_seen))
    (draft.folder / "vocabulary.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
    return draft, tuple(reused)


def build_search(workspace: Path, draft: Snapshot, settings: Settings, heard: dict[str, Any]) -> None:
    """Indexes comments and documents for hybrid retrieval; texts that were `heard` in this build are not encoded again."""
    from knowledge.search import build_index
    from nlp.encoder import load_encoder

    reader = Reader(workspace, draft, Scope.of_role("admin"))
    parts = []
    if reader.rows("feedback_text"):
        texts = reader.frame("feedback_text")[["feedback_id", "text"]]
        whose = reader.frame("feedback")[["feedback_id", "customer_id"]]
        said = texts.merge(whose, on="feedback_id")
        parts.append(said.rename(columns={"feedback_id": "id"}).assign(kind="feedback", title=""))
    if reader.rows("documents"):
        documents = reader.frame("documents")
        parts.append(
            documents.rename(columns={"document_id": "id"})[["id", "customer_id", "title", "text"]].assign(kind="document")
        )
    if not parts:
        return
    passages = pd.concat(parts, ignore_index=True)[["id", "kind", "customer_id", "title", "text"]]
    passages = passages[passages["text"].fillna("").str.strip() != ""].sort_values("id", ignore_index=True)
    encoder = load_encoder(settings.encoder or None)

    def encode(texts: Sequence[str]) -> Any:
        unheard = [t for t in texts if t not in heard or not heard[t].any()]
        new = dict(zip(unheard, encoder.encode(unheard), strict=True))
        return np.array([new[t] if t in new else heard[t] for t in texts], dtype=np.float32)

    build_index(passages, encode, draft.folder / "index")


def arrow(frame: pd.DataFrame) -> pa.Table:
    """The frame as Arrow, a column that holds nothing but nulls as text (Delta has no null type)."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    fields = [pa.field(f.name, pa.string()) if pa.types.is_null(f.type) else f for f in table.schema]
    return table.cast(pa.schema(fields))


def _facts(workspace: Path, settings: Settings, ordered_in: tuple[str, ...]) -> dict[str, Any]:
    from knowledge.ingest import imported_settings

    facts: dict[str, Any] = {**imported_settings(workspace)}
    facts["zone"] = settings.zone
    facts["currency"] = currencies.of_workspace(settings.currency, facts.get("currency", ""), ordered_in)
    facts["currencies"] = list(ordered_in)
    facts["fiscal_year_start"] = settings.fiscal_year_start
    if settings.service_population != "all":
        facts["service_population"] = settings.service_population
    facts["voice"] = build_voice.VERSION
    facts["classifier"] = learning.version(workspace)
    facts["settings"] = settings.model_dump(mode="json")
    if added := definitions.document(workspace):
        facts[definitions.FACT] = added
    return facts


def _decisions(workspace: Path, settings: Settings) -> list[Decision]:
    """What people decided about themes, in the order made."""
    from knowledge.state import open_state

    return open_state(settings.state_url or workspace).decisions()


def _last(workspace: Path) -> Snapshot | None:
    try:
        return snapshots.current(workspace)
    except NoData:
        return None


def _same(before: Snapshot, now: Snapshot, names: tuple[str, ...]) -> bool:
    same_inputs = all(before.tables.get(n) == now.tables.get(n) for n in names)
    return same_inputs and before.facts.get("settings") == now.facts.get("settings")


def _tidy(workspace: Path, settings: Settings) -> None:
    """Removes what nothing names any more; nothing, while it cannot be known what answers name."""
    from knowledge.cleanup import forget
    from knowledge.state import open_state

    try:
        state = open_state(settings.state_url or workspace)
    except Unavailable as err:
        logging.getLogger("rapport").warning("No clean-up: %s", err.message)
        return
    if settings.keep_answers_days is not None:
        state.forget_answers(datetime.now(UTC) - timedelta(days=settings.keep_answers_days))
    forget(workspace, settings.keep_snapshots, state.snapshots_named())
    state.close()


class _Clock:
    """Seconds by step, told as they begin."""

    def __init__(self, progress: Progress) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._step = ""
        self._since = datetime.now(UTC)

    def step(self, name: str) -> None:
        self.stop()
        self._step, self._since = name, datetime.now(UTC)
        self._progress(name)

    def stop(self) -> None:
        if self._step:
            took = (datetime.now(UTC) - self._since).total_seconds()
            self.seconds[self._step] = round(self.seconds.get(self._step, 0.0) + took, 3)
        self._step = ""
