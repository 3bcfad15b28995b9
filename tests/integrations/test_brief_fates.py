"""Accounts of every fate get a brief whose three things say it; 200 briefs, all roles: nothing untraced, nothing forbidden."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assistant.brief import Brief, make, markdown
from assistant.brief.book import Book
from assistant.brief.checks import forbidden, not_literal, untraced
from assistant.brief.wording import text
from integrations.demo import generate
from integrations.wiring import Workspace
from knowledge.access import ROLE_RIGHTS, Scope
from knowledge.metrics import find
from knowledge.query import run
from knowledge.records import Figure, Filter, MetricQuery
from tests.integrations.test_brief import is_metric

BAD = re.compile(r"\b(?:None|nan|NaT)\b|  |(?<!\.)\.\.(?!\.)|;;")
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tenth")]

SAID = {
    "growing": "They are growing.", "slipping": "They are buying less.|They have gone silent.", "strategic": "They carry weight.", "new": "They are new.",
    "silent": "They have gone silent.", "tiny": "They are small.", "unheard": "We do not hear from them.", "no orders": "No orders yet.",
}  # fmt: skip


@pytest.fixture(scope="module")
def fates(tenth: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    ledger = generate(tmp_path_factory.mktemp("fates"), seed=7, scale=0.1)
    customers = Workspace(tenth).reader(Scope.of_role("manager")).frame("customers")
    named = dict(zip(customers["name"], customers["customer_id"], strict=True))
    mine = {"growing": named["Globex"], "slipping": named["Halvorsen Marine"], "strategic": named["Acme Industrial"]}
    return tenth, {**mine, **ledger.fates}


@pytest.fixture(scope="module")
def book(fates: tuple[Path, dict[str, str]]) -> Book:
    return Book(Workspace(fates[0]).reader(Scope.of_role("manager")))


def three(made: Brief) -> list[str]:
    section = made.section("three")
    assert section is not None
    return [line.lead for line in section.lines]


def test_each_fate_is_among_the_three_things(fates: tuple[Path, dict[str, str]], book: Book) -> None:
    told = {fate: three(make(who, book.reader, book)) for fate, who in fates[1].items()}
    assert {fate: said for fate, said in told.items() if not set(SAID[fate].split("|")) & set(said)} == {}


def test_a_loss_maker_says_so(book: Book) -> None:
    losing = [i for i, m in book.models.items() if (m[0].get("net_margin") or 0) < 0]
    if not losing:
        pytest.skip("nobody loses money at this scale")
    worst = min(losing, key=lambda i: book.models[i][0]["net_margin"])
    assert "We lose money on them." in three(make(worst, book.reader, book))


def test_two_hundred_briefs_of_all_roles(fates: tuple[Path, dict[str, str]], book: Book) -> None:
    everybody = sorted(book.customers)
    made = 0
    for role in ROLE_RIGHTS:
        for accounts in (None, frozenset(everybody[:25])):
            reader = Workspace(fates[0]).reader(Scope(role, role, accounts, ROLE_RIGHTS[role]))
            mine = Book(reader)
            for who in everybody[:25]:
                brief = make(who, reader, mine)
                assert [*untraced(brief), *not_literal(brief, mine), *forbidden(brief, mine)] == []
                if "commercial" not in ROLE_RIGHTS[role]:
                    shown = markdown(brief).lower()
                    assert not any(word in shown for word in ("margin", "cost to serve", "lifetime value", "trust index"))
                made += 1
    assert made >= 200


def test_every_figure_of_ten_briefs_equals_a_query_of_its_own(fates: tuple[Path, dict[str, str]], book: Book) -> None:
    seen: dict[tuple[str, str, str], Figure] = {}
    for who in fates[1].values():
        for figure in make(who, book.reader, book).figures():
            if is_metric(figure.metric) and figure.filters.get("customer") == [who]:
                seen[(figure.metric, f"{figure.period} {figure.filters}", who)] = figure
    assert len(seen) > 300
    for (metric, _, who), figure in sorted(seen.items(), key=lambda i: i[0])[:: max(1, len(seen) // 150)]:
        where = tuple(Filter(dimension, tuple(members)) for dimension, members in figure.filters.items())
        again = run(MetricQuery(metric, where=where, period=figure.period if find(metric).over_time else None), book.reader)
        assert (figure.value, figure.display) == (again.figures[0].value, again.figures[0].display), (metric, who)


def test_the_words_read_as_sentences(fates: tuple[Path, dict[str, str]], book: Book) -> None:
    for who in sorted(book.customers)[:60]:
        for line in make(who, book.reader, book).lines():
            said = text(line.parts)
            assert not BAD.search(said), said
