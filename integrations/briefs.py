"""Briefs of a workspace: books of the current snapshot kept by reader, what each person read last, and the forms of a brief.

Safe to share between threads; one brief is made at a time, all from one database: what costs is the reading, and what was read is
shared by all who have the same rights to the same accounts."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from assistant.brief import Brief, make
from assistant.brief.account import Account
from assistant.brief.book import Book
from assistant.brief.delta import Reading, from_json, reading, to_json
from assistant.brief.make import find_account
from integrations.exports import template
from integrations.exports.brief_forms import File, rendered
from knowledge.access import Reader, Scope
from knowledge.errors import UnknownName
from knowledge.snapshot import current
from knowledge.tables import Engine as Database

if TYPE_CHECKING:
    from knowledge.state import State

SPACE = "briefs read"
BOOKS, READINGS = 8, 10
ROOM = 0  # a book reads a base once or twice and keeps the figures: to keep the base too costs more than it saves


class Briefs:
    """Makes and renders briefs; `state` keeps what each person read."""

    def __init__(self, folder: Path, zone: str, state: State) -> None:
        self.folder, self.zone, self.state = folder, zone, state
        self._books: OrderedDict[tuple[Any, ...], Book] = OrderedDict()
        self._database: tuple[str, Database] | None = None
        self._finding, self._reading = Lock(), Lock()

    def make(
        self, customer: str, scope: Scope, *, since: date | None = None, keep: bool = True, drawings: bool = True
    ) -> Brief:
        """The brief of an account, with what changed since that day, else since this person's last brief; or of many accounts.

        What a person (not a mere role) reads is kept for the next time. Fails: as `assistant.brief.make`."""
        book, lock = self.book(scope)
        with lock:
            try:
                account = Account(book, find_account(customer, book))
            except UnknownName:
                of_many = make(customer, book.reader, book)
                if keep:
                    self._tell(of_many.id or customer, scope, book)
                return of_many
            then = self._as_of(account.id, scope, since) if since is not None else self._last_read(account, scope)
            made = make(account.id, book.reader, book, then, drawings=drawings)
            if keep and scope.principal != scope.role:
                self._keep(account, scope)
        if keep:
            self._tell(account.id, scope, book)
        return made

    def _tell(self, subject: str, scope: Scope, book: Book) -> None:
        """Tells the audit log who read the brief of whom."""
        told = {"customer": subject, "snapshot": book.reader.snapshot.id}
        self.state.audit(scope.principal, scope.role, "brief", told)

    def warm(self, scope: Scope) -> None:
        """Reads what briefs with these rights are made from, so that the first who opens one need not wait for it."""
        book, _ = self.book(scope)
        if book.customers:
            self.make(min(book.customers), scope, keep=False, drawings=False)

    def render(self, brief: Brief, form: str) -> File:
        """The brief in a form, as the workspace's template wants it."""
        return rendered(brief, form, template.load(self.folder))

    def book(self, scope: Scope, as_of: datetime | None = None) -> tuple[Book, Lock]:
        """The book of those rights over the current snapshot (as of a moment in the past), and its lock: hold it while reading.

        Fails: NoData (`no_snapshot`)."""
        snapshot = current(self.folder)
        seen = replace(snapshot, as_of=as_of) if as_of is not None else snapshot
        key = (snapshot.id, as_of, scope.accounts, scope.rights)
        with self._finding:
            reader = Reader(self.folder, seen, scope, self._database_of(snapshot.id))
            if key not in self._books:
                self._books[key] = Book(reader, latest=as_of is None)
                while len(self._books) > BOOKS:
                    self._books.popitem(last=False)
            self._books.move_to_end(key)
            return self._books[key].read_by(reader), self._reading

    def _database_of(self, snapshot: str) -> Database:
        """The database of that snapshot; what is of another is let go of."""
        if self._database is None or self._database[0] != snapshot:
            self._books.clear()
            self._database = (snapshot, Database(self.folder / "tables", self.zone, ROOM))
        return self._database[1]

    def _as_of(self, customer: str, scope: Scope, day: date) -> Reading:
        """The account as it was at the end of that day; what the models said then is not known."""
        moment = datetime.combine(day, time(23, 59, 59), ZoneInfo(self.zone))
        book, _ = self.book(scope, min(moment, current(self.folder).as_of))
        return reading(Account(book, customer))

    def _last_read(self, account: Account, scope: Scope) -> Reading | None:
        """What this person read of the account last, of an earlier state of the data."""
        kept = self.state.kept(SPACE, _key(scope, account.id)) or []
        earlier = [r for r in kept if r["on"] < account.today.isoformat()]
        return from_json(earlier[-1]) if earlier else None

    def _keep(self, account: Account, scope: Scope) -> None:
        key, now = _key(scope, account.id), to_json(reading(account))
        kept = [r for r in self.state.kept(SPACE, key) or [] if r["on"] != now["on"]]
        self.state.keep(SPACE, key, [*kept, now][-READINGS:])


def _key(scope: Scope, customer: str) -> str:
    return f"{scope.principal}\n{customer}"
