"""What the records add to a theme, beside an independent count; and a comment that a person puts into a theme."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from integrations import decide
from integrations.build import build
from integrations.settings import load
from integrations.theme_evidence import evidence, frame, recounted
from integrations.wiring import Workspace
from knowledge.access import Reader, Scope
from knowledge.errors import NotAllowed, UnknownName
from knowledge.snapshot import current
from tests.integrations.serving import copied
from tests.integrations.test_cli_contract import rapport


@pytest.fixture(scope="module")
def reader(company: Path) -> Reader:
    return Reader(company, current(company), Scope.of_role("admin"))


def test_claims_are_counted_once_a_comment_and_shown_with_words_and_record(reader: Reader) -> None:
    segments, claims = reader.frame("feedback_segments"), reader.frame("claims")
    texts = reader.frame("feedback_text").set_index("feedback_id")["text"]
    shown = 0
    for theme in reader.frame("themes")["theme_id"]:
        own = segments[segments["theme_id"] == theme]
        keys = set(zip(own["feedback_id"], own["segment"], strict=True))
        mine = claims[[k in keys for k in zip(claims["feedback_id"], claims["segment"], strict=True)]]
        once = {(c["feedback_id"], c["claim"]): c["verdict"] for c in mine.to_dict("records")}
        found = evidence(reader, theme)["checked"]
        assert (found is None) == (not once)
        if found is None:
            continue
        assert sum(found["counts"].values()) == len(once)
        assert found["counts"]["contradicted"] == sum(v == "contradicted" for v in once.values())
        for verdict, quotes in found["shown"].items():
            assert len(quotes) == min(3, found["counts"][verdict])
            for quote in quotes:
                shown += 1
                assert quote["text"] == texts[quote["feedback_id"]][quote["start"] : quote["end"]]
                assert quote["evidence"]
    assert shown


def test_money_is_that_of_those_who_complain_and_margin_is_for_those_with_the_right(reader: Reader, company: Path) -> None:
    segments, feedback = reader.frame("feedback_segments"), reader.frame("feedback").set_index("feedback_id")
    theme = str(segments[segments["sentiment"] < 0]["theme_id"].value_counts().index[0])
    said = segments[(segments["theme_id"] == theme) & (segments["sentiment"] < 0)]["feedback_id"].unique()
    who = set(feedback.loc[said, "customer_id"].dropna())
    behind = evidence(reader, theme)["behind"]
    assert behind["customers"] == len(who)
    orders, lines = reader.frame("orders"), reader.frame("order_lines")
    since = pd.Timestamp(reader.snapshot.as_of.date()) - pd.Timedelta(days=364)
    live = orders[orders["customer_id"].isin(who) & (orders["status"] != "cancelled")]
    live = live[live["ordered_at"].dt.tz_localize(None) >= since]
    sold = lines[lines["order_id"].isin(live["order_id"])]
    revenue = (
        sold["qty_ordered"].astype(float) * sold["unit_price"].astype(float) - sold["discount"].astype(float).fillna(0)
    ).sum()
    assert behind["revenue"]["value"] == pytest.approx(revenue, rel=1e-6)
    assert behind["gross_margin"]["value"] < revenue
    quality = Reader(company, current(company), Scope.of_role("quality"))
    assert "gross_margin" not in evidence(quality, theme)["behind"]


def test_a_theme_without_anything_has_nothing(reader: Reader) -> None:
    found = evidence(reader, "T-none")
    assert found == {"who": [], "checked": None, "moves": [], "trend": None, "behind": {}, "safety": []}


def test_some_accounts_get_themes_counted_over_these_alone(reader: Reader, company: Path) -> None:
    feedback, segments = reader.frame("feedback"), reader.frame("feedback_segments")
    account = str(feedback["customer_id"].value_counts().index[0])
    rep = Reader(company, current(company), replace(Scope.of_role("rep"), accounts=frozenset({account})))
    themes = reader.frame("themes")
    assert recounted(reader, themes) is themes
    own = recounted(rep, themes).set_index("theme_id")
    mine = segments[segments["feedback_id"].isin(set(feedback.loc[feedback["customer_id"] == account, "feedback_id"]))]
    counts = mine.dropna(subset=["theme_id"]).groupby("theme_id")["feedback_id"].nunique()
    assert own["comments"].to_dict() == counts.to_dict()
    assert set(own["customers"]) == {1}
    assert list(own.columns) == [c for c in themes.columns if c != "theme_id"]
    nobody = Reader(company, current(company), replace(Scope.of_role("rep"), accounts=frozenset({"C-none"})))
    assert recounted(nobody, themes).empty
    assert frame(nobody, "theme_lifts").empty


def test_a_comment_put_into_a_theme_is_there_after_the_next_build(company: Path, tmp_path: Path) -> None:
    home = copied(company, tmp_path)
    space = Workspace(home)
    reader = space.reader(space.scope(None))
    segments = reader.frame("feedback_segments")
    target = str(segments["theme_id"].value_counts().index[0])
    homeless = segments.groupby("feedback_id")["theme_id"].count()
    comment = str(homeless.idxmin())
    assert not ((segments["feedback_id"] == comment) & (segments["theme_id"] == target)).any()
    told = rapport("theme", "assign", comment, target, "--workspace", str(home), "--json", cwd=tmp_path)
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)
    build(home, load(home))
    after = space.reader(space.scope(None)).frame("feedback_segments")
    mine = after[after["feedback_id"] == comment]
    assert target in set(mine["theme_id"])
    for wrong in (("F-none", target), (comment, "T-none")):
        with pytest.raises(UnknownName):
            decide.assign(reader, space.state(), *wrong)
    with pytest.raises(NotAllowed):
        decide.assign(Reader(home, current(home), Scope.of_role("rep")), space.state(), comment, target)
    assert space.state().decisions_revision() == 1
