"""The card of a theme, as different readers may see it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from integrations.review import theme_card, theme_list
from knowledge.access import Reader, Scope
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
