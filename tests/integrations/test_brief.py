"""Account briefs over the small demo company: every figure again by a query of its own, rights, names, words without digits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.brief import make, markdown, to_json
from assistant.brief.book import Book
from assistant.brief.checks import untraced
from assistant.brief.content import Brief, Section, line
from integrations.wiring import Workspace
from knowledge.access import ROLE_RIGHTS, Reader, Scope
from knowledge.errors import Ambiguous, RapportError, UnknownName
from knowledge.metrics import find
from knowledge.panel import panel
from knowledge.query import run
from knowledge.records import Filter, MetricQuery, Period
from tests.integrations.test_cli_contract import rapport


@pytest.fixture(scope="session")
def manager(company: Path) -> Book:
    return Book(Workspace(company).reader(Scope.of_role("manager")))


def is_metric(name: str) -> bool:
    try:
        find(name)
    except UnknownName:
        return False
    return True


def test_figures_are_those_of_a_query_of_its_own(manager: Book) -> None:
    checked = 0
    for who in ("C-1005",):
        for figure in {f.metric + str(f.period): f for f in make(who, manager.reader, manager).figures()}.values():
            if is_metric(figure.metric) and figure.filters.get("customer") == [who]:
                where = tuple(Filter(d, tuple(map(str, v))) for d, v in figure.filters.items())
                again = run(MetricQuery(figure.metric, where=where, period=figure.period), manager.reader)
                assert (figure.value, figure.display, figure.rows) == (
                    again.figures[0].value, again.figures[0].display, again.figures[0].rows,
                )  # fmt: skip
                checked += 1
    assert checked > 20


def test_a_panel_equals_queries(manager: Book) -> None:
    spans = (manager.spans.year, manager.spans.quarter)
    queries = [
        MetricQuery(m, by=("customer",), period=s) for m in ("otd", "aov", "order_cycle_time", "return_rate") for s in spans
    ]
    found = panel(queries, manager.reader)
    assert not found.refused
    for query in queries:
        each = {f.group["customer"]: (f.value, f.display, f.interval) for f in run(query, manager.reader).figures}
        assert {k[0]: (f.value, f.display, f.interval) for k, f in found.figures[query].items()} == each


def test_a_panel_says_why_it_has_nothing(manager: Book) -> None:
    outside = MetricQuery(
        "revenue", by=("customer",), period=Period(manager.today.replace(year=1999), manager.today.replace(year=1999))
    )
    nowhere = MetricQuery("recovery_rate", by=("customer",))
    found = panel([outside, nowhere], manager.reader)
    assert {q: e.code for q, e in found.refused.items()} == {outside: "outside_period", nowhere: "no_dimension"}


def test_every_account_has_a_brief_without_stray_digits(manager: Book) -> None:
    for who in manager.customers:
        assert list(untraced(make(who, manager.reader, manager))) == []


def test_a_digit_in_words_is_noticed(manager: Book) -> None:
    made = make(next(iter(manager.customers)), manager.reader, manager)
    bad = Brief(**{**made.__dict__, "sections": (Section("x", "X", (line("about 12 orders"),)),)})
    assert list(untraced(bad)) == ["a number in words: 'about 12 orders'"]


@pytest.mark.parametrize("role", ["rep", "quality"])
def test_no_commercial_figure_for_roles_without_the_right(company: Path, role: str) -> None:
    reader = Workspace(company).reader(Scope.of_role(role))
    book = Book(reader)
    for who in list(book.customers)[:6]:
        made = make(who, reader, book)
        for figure in made.figures():
            if is_metric(figure.metric):
                assert find(figure.metric).sensitivity in ROLE_RIGHTS[role]  # type: ignore[arg-type]
        assert "margin" not in markdown(made).lower()


def test_hidden_reads_as_unknown(company: Path, manager: Book) -> None:
    shown, hidden, *_ = sorted(manager.customers)
    reader = Workspace(company).reader(Scope("ann", "rep", frozenset({shown}), ROLE_RIGHTS["rep"]))
    assert make(shown, reader).id == shown
    told = []
    for wanted in (hidden, "C-999999"):
        with pytest.raises(UnknownName) as caught:
            make(wanted, reader)
        told.append(caught.value.message.replace(wanted, "X"))
        assert manager.customers[hidden]["name"] not in str(caught.value)
    assert told[0] == told[1]


def test_names_are_found_or_asked_for(manager: Book) -> None:
    assert make("halversen marin", manager.reader, manager).title == "Halvorsen Marine"
    with pytest.raises(Ambiguous) as caught:
        make("acme", manager.reader, manager)
    assert len(caught.value.choices) == 3


def test_the_same_brief_twice(company: Path, manager: Book) -> None:
    again = Book(Workspace(company).reader(Scope.of_role("manager")))
    assert to_json(make("C-1005", again.reader, again)) == to_json(make("C-1005", manager.reader, manager))


def test_the_command(company: Path, tmp_path: Path) -> None:
    done = rapport("brief", "C-1005", "--format", "json", "--workspace", str(company), cwd=tmp_path)
    told = json.loads(done.stdout)
    assert told["title"] == "Halvorsen Marine"
    assert {"who", "three", "steps", "value", "service", "voice", "unknown"} <= {s["key"] for s in told["sections"]}
    done = rapport("brief", "nobody at all", "--workspace", str(company), cwd=tmp_path)
    assert done.returncode == 1
    assert "unknown_customer" in done.stderr
    assert rapport("brief", "C-1005", "--format", "exe", "--workspace", str(company), cwd=tmp_path).returncode == 2


def test_a_workspace_without_most_tables_says_so(tmp_path: Path) -> None:
    import pandas as pd

    from tests.support import reader, workspace

    frames = {"customers": pd.DataFrame({"customer_id": ["A"], "name": ["Alone Ltd"]})}
    text = markdown(make("alone", reader(workspace(tmp_path, frames, "2026-01-31"))))
    assert "not known: orders; none were ever loaded." in text
    assert "None" not in text


def test_errors_are_ours(company: Path) -> None:
    reader: Reader = Workspace(company).reader(Scope.of_role("manager"))
    for wanted in ("", "   ", "*", "x" * 500):
        with pytest.raises(RapportError):
            make(wanted, reader)
