"""A workspace that is being served: follows the published snapshot, and lends desks (an engine and its database) to doors."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import BoundedSemaphore, Lock, Thread
from typing import Any

from assistant.engine import Engine, get_ready
from assistant.questions import Answer, Turn
from assistant.serialise import to_json
from assistant.shape import YOURS
from assistant.vocabularies import Vocabularies
from integrations.wiring import Workspace
from knowledge.access import Reader, Scope
from knowledge.errors import NoData, Overloaded, RapportError, Unavailable
from knowledge.metrics import definitions
from knowledge.metrics.own import NOTHING, Own, in_force
from knowledge.snapshot import Snapshot, current, forget_checks
from knowledge.state import State, User
from knowledge.tables import whole_files

READY_FOR = ("manager", "rep")
DESKS = max(2, os.cpu_count() or 2)
MOST_WAITING, PATIENCE = 64, 20.0
"""How many may wait for a desk, and for how many seconds; whoever comes after, or waits longer, is told to come again."""


class Lent:
    """A Memory that is lent for one answer: it gives the contexts put into it and keeps nothing."""

    def __init__(self) -> None:
        self.contexts: list[dict[str, Any]] = []

    def recall(self, conversation: str, principal: str) -> list[dict[str, Any]]:  # noqa: ARG002
        return self.contexts

    def remember(self, *_: Any) -> None:
        """Nothing is kept."""

    def log(self, *_: Any) -> None:
        """Nothing is kept."""


@dataclass(frozen=True)
class Desk:
    """What one answer at a time is made with: nothing in it is shared with another desk."""

    snapshot: Snapshot
    engine: Engine
    reader: Callable[[Scope], Reader]
    lent: Lent
    rehearsal: Engine


class Live:
    """Safe to share between threads; at most `desks` answers are made at once, others wait."""

    def __init__(self, folder: Path, desks: int = DESKS) -> None:
        self.home = Workspace(folder)
        self.folder = folder
        self.settings = self.home.settings
        self.state: State = self.home.state()
        self.briefs = self.home.briefs()
        self._gate = BoundedSemaphore(desks)
        self._waiting, self._took = 0, 0.1
        self._desks = desks
        self._lock = Lock()
        self._idle: list[Desk] = []
        self._scopes: dict[tuple[str, User], Scope] = {}
        self._vocabularies = Vocabularies()

    @contextmanager
    def _turn(self, progress: Callable[[str], None]) -> Iterator[None]:
        """Waits for one's turn, and says how many are before. Fails: Overloaded."""
        with self._lock:
            before = self._waiting
            if before >= MOST_WAITING:
                raise self._too_much()
            self._waiting += 1
        try:
            if not self._gate.acquire(blocking=False):
                progress(f"waiting, {before} before you" if before else "waiting, you are next")
                if not self._gate.acquire(timeout=PATIENCE):
                    raise self._too_much()
        finally:
            with self._lock:
                self._waiting -= 1
        began = time.monotonic()
        try:
            yield
        finally:
            self._gate.release()
            self._took += 0.1 * (time.monotonic() - began - self._took)

    def _too_much(self) -> Overloaded:
        wait = min(60.0, max(1.0, self._took * self._waiting / self._desks))
        return Overloaded("Too much is asked at once.", f"Try again in {wait:.0f} s.", wait=wait)

    @contextmanager
    def desk(self, progress: Callable[[str], None] = lambda _: None) -> Iterator[Desk]:
        """A desk over the snapshot that is published now, with the company's own metrics in force; it stays on that one until it
        is given back.

        Fails: NoData (`no_snapshot`) before the first build; Overloaded."""
        with self._turn(progress):
            mine = self._free(current(self.folder).id) or self._new()
            try:
                with whole_files(), in_force(definitions.of_snapshot(mine.snapshot)):
                    yield mine
            except Unavailable:
                forget_checks()
                raise
            finally:
                self._give_back(mine)

    @contextmanager
    def reading(self, scope: Scope) -> Iterator[Reader]:
        """A reader of the published snapshot. A desk is taken for it when it first reads a table, so that whoever wants only what is
        kept waits for nobody. Fails: NoData (`no_snapshot`); Overloaded, when it first reads."""
        snapshot = current(self.folder)
        with ExitStack() as taken, in_force(definitions.of_snapshot(snapshot)):
            yield Reader(self.folder, snapshot, scope, lambda: taken.enter_context(self.desk()).reader(scope).engine)

    def added(self) -> Own:
        """What the company added to the catalogue, as of the last build; nothing before the first."""
        try:
            return definitions.of_snapshot(current(self.folder))
        except NoData:
            return NOTHING

    def catalogue(self) -> list[dict[str, Any]]:
        """Every metric there is, the company's own last."""
        from knowledge.query import catalogue

        return catalogue(self.added())

    def prepare(self) -> None:
        """Gets the desks ready for the questions of those who see all accounts, and the reader for everybody's, in the background;
        before the first build there is no desk to get ready."""

        def now() -> None:
            for _ in range(self._desks):
                with suppress(RapportError), self._turn(lambda _: None):
                    self._give_back(self._ready(self._new()))
            learned = self.home.learned()
            if learned is not None:
                with suppress(RapportError), in_force(self.added()):
                    get_ready(learned)

        Thread(target=now, name="prepare", daemon=True).start()

    def _ready(self, desk: Desk) -> Desk:
        with whole_files(), in_force(definitions.of_snapshot(desk.snapshot)):
            for role in READY_FOR:
                desk.engine.prepare(Scope.of_role(role))
        return desk

    def _give_back(self, desk: Desk) -> None:
        """Puts a desk where the next finds it; one too many is let go of."""
        with self._lock:
            if len(self._idle) < self._desks:
                self._idle.append(desk)

    def reply(self, turn: Turn, progress: Callable[[str], None] = lambda _: None) -> Answer:
        """The answer to one turn; waits for a free desk first."""
        with self.desk(progress) as desk:
            return desk.engine.reply(turn, progress)

    def reply_before(self, turn: Turn, least: Scope, progress: Callable[[str], None] = lambda _: None) -> tuple[Answer, bool]:
        """The answer, and whether a reader with the `least` rights who asks the same would be given exactly that."""
        with self.desk() as desk:
            desk.lent.contexts = self.state.recall(turn.conversation, turn.scope.principal) if turn.conversation else []
            theirs = desk.rehearsal.reply(replace(turn, scope=least))
            mine = desk.engine.reply(turn, progress)
        return mine, _shown(mine) == _shown(theirs)

    def rehearse(self, turn: Turn, contexts: list[dict[str, Any]]) -> Answer:
        """The answer that would be given after these contexts; nothing of it is kept."""
        with self.desk() as desk:
            desk.lent.contexts = contexts
            return desk.rehearsal.reply(turn)

    def scope(self, user: User) -> Scope:
        """The rights of a person, as the published snapshot has their accounts."""
        if user.accounts == "all":
            return self.home.scope_of(user)
        key = (current(self.folder).id, user)
        if key not in self._scopes:
            if len(self._scopes) > 1000:
                self._scopes.clear()
            self._scopes[key] = self.home.scope_of(user)
        return self._scopes[key]

    def close(self) -> None:
        self.state.close()

    def _free(self, snapshot: str) -> Desk | None:
        with self._lock:
            while self._idle:
                found = self._idle.pop()
                if found.snapshot.id == snapshot:
                    return found
        return None

    def _new(self) -> Desk:
        readers, lent = self.home.readers(self._desks), Lent()
        snapshot = readers(Scope.of_role("admin")).snapshot
        engine, rehearsal = (self.home.engine(readers, m, self._vocabularies) for m in (None, lent))
        return Desk(snapshot, engine, readers, lent, rehearsal)


def _shown(answer: Answer) -> dict[str, Any]:
    """Everything of an answer that people see; whose accounts it is of is said to each in their own way."""
    said = {k: v for k, v in to_json(answer).items() if k not in ("id", "plan", "timings_ms")}
    return {**said, "text": said["text"].replace(YOURS, "")}
