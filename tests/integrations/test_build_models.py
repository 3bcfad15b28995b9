"""The models' tables are made by a build, kept while nothing changes, and read within each reader's rights."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from integrations.build import build
from integrations.build_models import MODELS, reusable
from integrations.settings import load
from knowledge.access import COMMERCIAL, ROLE_RIGHTS, WHOLE_COMPANY, Reader, Scope
from knowledge.errors import BadInput, NoData, NotAllowed
from knowledge.models.customer_model import COLUMNS
from knowledge.models.inputs import Inputs
from knowledge.query import run
from knowledge.records import MetricQuery
from knowledge.snapshot import current

MADE = [n for n in MODELS if n != "white_space"]  # the small company has no five peers of a kind


def reader(home: Path, role: str = "admin", accounts: frozenset[str] | None = None) -> Reader:
    return Reader(home, current(home), Scope(role, role, accounts, ROLE_RIGHTS[role]))


def test_a_build_writes_every_table_of_the_models(company: Path) -> None:
    read = reader(company)
    assert set(MADE) <= set(read.snapshot.tables)
    assert list(read.frame("customer_model").columns) == list(COLUMNS)
    customers = set(read.frame("customers")["customer_id"])
    for name in ("customer_model", "next_products", "customer_months", "customer_costs"):
        assert set(read.frame(name)["customer_id"]) <= customers
    assert len(read.frame("customer_model")) == len(customers)


def test_notes_say_when_and_from_what_each_model_was_made(company: Path) -> None:
    read = reader(company)
    notes = read.frame("model_notes")
    assert set(notes["as_of"]) == {Inputs(read).now}
    assert notes["version"].eq(read.snapshot.facts["models"]).all()
    versions = json.loads(notes["inputs"].iloc[0])
    assert versions["orders"] == read.snapshot.tables["orders"].version
    assert notes["sentence"].str.strip().ne("").all()
    assert not notes["sentence"].str.contains(r"\bnan\b|\bNone\b").any()


def test_models_are_kept_while_their_inputs_are_the_same(company: Path, tmp_path: Path) -> None:
    home = shutil.copytree(company, tmp_path / "w")
    before = current(home)
    report = build(home, load(home))
    assert "models" in report.reused
    assert all(report.snapshot.tables[n] == before.tables[n] for n in MADE)
    older = before.facts | {"models": "0"}
    assert not reusable(type(before)(**{**before.__dict__, "facts": older}), report.snapshot)


def test_a_full_build_gives_the_same_models_again(company: Path, tmp_path: Path) -> None:
    home = shutil.copytree(company, tmp_path / "w")
    before = {n: reader(home).frame(n) for n in MADE if n != "model_notes"}
    build(home, load(home), full=True)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(_sorted(frame), _sorted(reader(home).frame(name)))


def test_segments_of_the_companys_own_rules(company: Path, tmp_path: Path) -> None:
    home = shutil.copytree(company, tmp_path / "w")
    rules = '[[segments]]\nname = "large"\nwhere = ["revenue >= 50000"]\n[[segments]]\nname = "rest"\nwhere = ["orders > 0"]\n'
    (home / "rapport.toml").write_text(rules)
    build(home, load(home))
    read = reader(home)
    spent = read.frame("customer_facts").set_index("customer_id")["revenue"]
    sums = spent.groupby(np.where(spent >= 50000, "large", "rest")).sum()
    found = run(MetricQuery("revenue", by=("own_segment",)), read).figures
    assert {f.group["own_segment"]: float(f.value or 0) for f in found} == pytest.approx(sums.to_dict())
    (home / "rapport.toml").write_text('[[segments]]\nname = "odd"\nwhere = ["shoe_size > 44"]\n')
    with pytest.raises(BadInput):
        build(home, load(home))
    assert current(home).id == read.snapshot.id


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    keys = [
        c for c in ("customer_id", "product_id", "category", "month", "week", "activity", "period_start", "rank") if c in frame
    ]
    return frame.sort_values(keys, ignore_index=True)


def test_some_accounts_see_their_rows_only_and_nothing_made_over_all(company: Path) -> None:
    own = frozenset(sorted(reader(company).frame("customers")["customer_id"])[:2])
    read = reader(company, "manager", own)
    for name in set(MADE) - WHOLE_COMPANY:
        assert set(read.frame(name)["customer_id"]) <= own
    for name in (n for n in WHOLE_COMPANY if read.rows(n)):
        with pytest.raises(NoData) as caught:
            read.table(name)
        assert caught.value.code == "some_accounts"


def test_commercial_columns_need_the_right(company: Path) -> None:
    read, whole = reader(company, "rep"), reader(company)
    for name, hidden in COMMERCIAL.items():
        if name == "white_space":
            continue
        if hidden is None:
            with pytest.raises(NotAllowed):
                read.table(name)
        else:
            assert hidden <= set(whole.table(name).columns)
            assert not hidden & set(read.table(name).columns)
