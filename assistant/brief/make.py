"""Makes briefs: finds whom it is about, lets every section speak, and lets nothing out that cannot be traced."""

from __future__ import annotations

from dataclasses import replace

from assistant.brief import charts, checks, delta
from assistant.brief.account import Account
from assistant.brief.book import Book
from assistant.brief.content import Brief, Line, Section, line
from assistant.brief.delta import Reading
from assistant.brief.groups import find_group, group_brief
from assistant.brief.headlines import as_line, as_step, chosen, headlines
from assistant.brief.sections import glance, money, orders, outlook, plan, points, service, trust, value, voice, who
from assistant.brief.themes import find_theme, theme_brief
from knowledge.access import Reader
from knowledge.errors import Ambiguous, UnknownName

CHARTS = {
    "value": charts.value_chart, "service": charts.service_chart, "orders": charts.orders_chart, "voice": charts.theme_chart,
}  # fmt: skip


def make(
    customer: str, reader: Reader, book: Book | None = None, then: Reading | None = None, *, drawings: bool = True
) -> Brief:
    """The brief of an account by id or name, else of a segment ("healthcare customers"), the reader's accounts ("my accounts")
    or a theme, as the reader may see it; of an account with what changed since an earlier reading.

    Fails: UnknownName (also for what is hidden), Ambiguous."""
    book = book or Book(reader)
    try:
        account = Account(book, find_account(customer, book))
    except UnknownName:
        other = _of_many(customer, book)
        if other is None:
            raise
        return checks.checked(other, book)
    found = chosen(headlines(account))
    first = tuple(as_line(h) for h in found)
    three = Section("three", "Three things to know", first or (_quiet(),), place="page")
    steps = tuple(as_step(h) for h in found if h.step)
    todo = Section("steps", "Do next", steps or (line("Nothing presses; keep the rhythm."),), place="page")
    since = [delta.section(account, then)] if then is not None else []
    page = [who.section(account), three, *since, glance.section(account), todo, points.open_points(account)]
    below = [
        value.section(account), service.section(account), orders.section(account), orders.returns(account),
        money.section(account), voice.section(account), trust.section(account), outlook.section(account), plan.section(account),
        points.blind_spots(account),
    ]  # fmt: skip
    below = [replace(s, charts=CHARTS[s.key](account)) if drawings and s.key in CHARTS else s for s in below]
    scope = reader.scope
    made = Brief(
        "customer", account.id, account.name.text, scope.principal, scope.role, book.as_of, reader.snapshot.id,
        str(reader.snapshot.facts.get("zone", "UTC")), book.currency, tuple(s for s in (*page, *below) if s.lines or s.tables), then.on if then is not None else None,
    )  # fmt: skip
    return checks.checked(made, book)


def _of_many(wanted: str, book: Book) -> Brief | None:
    """The brief of a segment, a portfolio or a theme of that name; None where there is none."""
    group = find_group(wanted, book)
    if group is not None:
        return group_brief(group, book)
    theme = find_theme(wanted, book)
    return theme_brief(theme, book) if theme is not None else None


def find_account(wanted: str, book: Book) -> str:
    """The id of the account meant by an id or a name, as far as the reader may see it.

    Fails: UnknownName with the nearest names, Ambiguous with three."""
    text = wanted.strip().casefold()
    names = {i: str(c["name"] or i) for i, c in book.customers.items()}
    exact = [i for i in names if i.casefold() == text] or [i for i, n in names.items() if n.casefold() == text]
    begins = exact or [i for i, n in names.items() if f" {n.casefold()}".find(f" {text}") >= 0]
    if len(begins) == 1:
        return begins[0]
    if begins:
        told = [f"{names[i]} ({i})" for i in sorted(begins, key=lambda i: (names[i], i))]
        raise Ambiguous(
            f"{len(begins)} customers are called like `{wanted}`.", f"Say which: {', '.join(told[:3])}.", choices=tuple(told)
        )
    return _nearest(wanted, names)


def _nearest(wanted: str, names: dict[str, str]) -> str:
    from rapidfuzz import fuzz, process, utils

    ranked = process.extract(wanted, names, scorer=fuzz.WRatio, processor=utils.default_process, limit=3, score_cutoff=70)
    clear = ranked and ranked[0][1] >= 88 and (len(ranked) == 1 or ranked[0][1] - ranked[1][1] >= 4)
    if clear:
        return str(ranked[0][2])
    near = tuple(f"{name} ({identity})" for name, _, identity in ranked)
    hint = f"Nearest: {', '.join(near)}." if near else "`rapport query orders --by customer` lists those you may see."
    raise UnknownName(f"No customer `{wanted}` is known to you.", hint, nearest=near, code="unknown_customer")


def _quiet() -> Line:
    return line("Nothing stands out.")
