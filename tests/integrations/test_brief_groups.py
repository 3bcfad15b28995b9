"""Briefs of many accounts and of themes: figures equal queries with a filter, rights hold, names are found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.brief import make, markdown
from assistant.brief.book import Book
from assistant.brief.checks import untraced
from assistant.brief.groups import ROWS, find_group, total
from integrations.wiring import Workspace
from knowledge.access import ROLE_RIGHTS, Scope
from knowledge.errors import UnknownName
from knowledge.query import run
from knowledge.records import Figure, Filter, MetricQuery


@pytest.fixture(scope="session")
def book(company: Path) -> Book:
    return Book(Workspace(company).reader(Scope.of_role("manager")))


def test_figures_of_a_segment_equal_the_query_with_its_filter(book: Book) -> None:
    group = find_group("food processing customers", book)
    assert group is not None
    for metric in ROWS:
        mine = total(group, metric, book.spans.quarter, book)
        query = MetricQuery(metric, where=(Filter("industry", ("food processing",)),), period=book.spans.quarter)
        theirs = run(query, book.reader).figures[0]
        if mine is None:
            assert theirs.value in (None, 0)
        else:
            assert (mine.display, mine.rows, mine.interval) == (theirs.display, theirs.rows, theirs.interval)
            assert mine.value == pytest.approx(theirs.value, abs=1e-6)


@pytest.mark.parametrize("asked", ["healthcare customers", "region north", "my accounts", "all accounts", "the gold tier"])
def test_groups_are_found_and_every_digit_is_traced(asked: str, book: Book) -> None:
    made = make(asked, book.reader, book)
    assert made.subject in ("segment", "portfolio")
    assert list(untraced(made)) == []
    assert made.section("attention") is not None


def test_who_ordered_is_who_has_an_order_in_the_span(company: Path) -> None:
    mine = Book(Workspace(company).reader(Scope.of_role("manager")))
    week = replace(mine.spans.week, label="last 90 days")
    mine.spans = replace(mine.spans, quarter=week)  # so short that not everybody ordered
    told = make("my accounts", mine.reader, mine).section("who")
    assert told is not None
    counts = [p.value for x in told.lines for p in x.parts if isinstance(p, Figure) and p.label == "Accounts that ordered"]
    ordered = {
        f.group["customer"] for f in run(MetricQuery("orders", ("customer",), period=week), mine.reader).figures if f.value
    }
    assert 0 < len(ordered) < len(mine.customers)
    assert counts == [len(ordered)]


def test_a_person_with_accounts_sees_those(company: Path, book: Book) -> None:
    owner = next(c["account_owner"] for c in book.customers.values() if c["account_owner"])
    own = {i for i, c in book.customers.items() if c["account_owner"] == owner}
    by_owner = Book(Workspace(company).reader(Scope(owner, "manager", None, ROLE_RIGHTS["manager"])))
    found = find_group("my accounts", by_owner)
    assert found is not None
    assert set(found.ids) == own
    limited = Book(Workspace(company).reader(Scope("ann", "rep", frozenset(own), ROLE_RIGHTS["rep"])))
    text = markdown(make("my accounts", limited.reader, limited))
    assert "argin" not in text
    for identity, row in book.customers.items():
        if identity not in own:
            assert f"{row['name']}:" not in text


def test_a_theme_by_id_or_name(book: Book) -> None:
    identity, name = next(iter(book.names("themes", "theme_id").items()))
    assert make(identity, book.reader, book).title == make(name, book.reader, book).title == name
    with pytest.raises(UnknownName):
        make("the colour of the sky", book.reader, book)
