"""The card of a theme, as different readers may see it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from integrations.review import theme_card, theme_list
from knowledge.access import Reader, Scope
from knowledge.query import run
from knowledge.records import MetricQuery
from knowledge.snapshot import current


def test_a_reader_of_some_accounts_gets_the_card_without_what_adds_up_all_accounts(company: Path) -> None:
    snapshot = current(company)
    everything = Reader(company, snapshot, Scope.of_role("quality"))
    theme = next(t for t in theme_list(everything) if theme_card(everything, t["theme_id"])["who"])
    own = frozenset(everything.frame("feedback")["customer_id"].dropna().unique())
    some = Reader(company, snapshot, replace(Scope.of_role("rep"), accounts=own))
    card = theme_card(some, theme["theme_id"])
    assert card["name"] == theme["name"]
    assert card["who"] == []
    assert card["trend"] is None


def test_the_card_says_why_since_when_who_whether_it_is_so_and_what_it_costs(company: Path) -> None:
    reader = Reader(company, current(company), Scope.of_role("manager"))
    cards = (theme_card(reader, t["theme_id"]) for t in theme_list(reader))
    card = next(c for c in cards if c["checked"] and c["behind"] and c["reasons"])
    assert "True?" in card["evidence"]
    assert "Costs:" in card["evidence"]
    rising = reader.frame("reason_trends").set_index("reason_id")
    segments, texts = reader.frame("feedback_segments"), reader.frame("feedback_text").set_index("feedback_id")
    counting = segments[segments["feedback_id"].map(texts["duplicate_of"]).isna()]
    for reason in card["reasons"]:
        said = counting.loc[counting["reason_id"] == reason["reason_id"], "feedback_id"].nunique()
        assert reason["comments"] == said
        assert reason["told"].startswith(f"{said} ({reason['share']:.0%})")
        assert sum(json.loads(rising["months"][reason["reason_id"]]).values()) == said


def test_a_question_and_the_card_count_a_theme_alike(company: Path) -> None:
    reader = Reader(company, current(company), Scope.of_role("manager"))
    asked = run(MetricQuery("feedback_count", ("theme",)), reader)
    counted = {f.group["theme"]: f.value for f in asked.figures}
    listed = {t["theme_id"]: t["comments"] for t in theme_list(reader)}
    assert listed == {theme: counted[theme] for theme in listed}
    assert asked.total is not None
    assert asked.total.value == len(reader.frame("feedback"))
