"""What is made once for each snapshot and set of rights, and then kept: boards, cards, lists of accounts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from threading import Lock
from typing import Any, TypeVar

from knowledge.access import Reader, Scope
from knowledge.snapshot import Snapshot

KEPT = 2000
T = TypeVar("T")


class Prepared:
    """Safe to share between threads; the same thing is made once, whoever else wants it waits. What was not asked for longest goes."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._lock = Lock()
        self._found: OrderedDict[Hashable, tuple[Lock, list[Any]]] = OrderedDict()
        self._begun: dict[Hashable, Future[Any]] = {}
        self._maker = ThreadPoolExecutor(1, "making")

    def of(self, reader: Reader, what: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives for readers with these rights on this snapshot."""
        key = (*_rights(reader.snapshot, reader.scope), what)
        with self._lock:
            lock, box = self._found.setdefault(key, (Lock(), []))
            self._found.move_to_end(key)
            while len(self._found) > self._most:
                self._found.popitem(last=False)
        if not box:
            _ = reader.engine  # whoever makes it has a desk first: nobody waits for one while others wait for them
        with lock:
            if not box:
                box.append(make())
        found: T = box[0]
        return found

    def soon(self, snapshot: Snapshot, scope: Scope, what: Hashable, make: Callable[[], T], patience: float) -> T | None:
        """What `make` gives, made in the background, one thing at a time; None where it is not there within `patience` seconds: ask
        again. Fails as `make` does, which the next one to ask tries again."""
        key = (*_rights(snapshot, scope), what)
        with self._lock:
            if key in self._found and self._found[key][1]:
                self._found.move_to_end(key)
                there: T = self._found[key][1][0]
                return there
            if key not in self._begun:
                self._begun[key] = self._maker.submit(make)
            begun = self._begun[key]
        try:
            found: T = begun.result(patience)
        except NotYet:
            if not begun.done():
                return None
            raise
        finally:
            if begun.done():
                self._keep(key, begun)
        return found

    def _keep(self, key: Hashable, begun: Future[Any]) -> None:
        """Puts what was made among what is kept."""
        with self._lock:
            if self._begun.get(key) is begun:
                del self._begun[key]
                if begun.exception() is None:
                    self._found[key] = (Lock(), [begun.result()])

    def close(self) -> None:
        """Lets what is being made come to its end, and begins nothing more."""
        self._maker.shutdown(wait=False, cancel_futures=True)

    def forget_others(self, snapshot: Snapshot) -> None:
        """Lets go of what is of other snapshots."""
        with self._lock:
            for key in [k for k in self._found if isinstance(k, tuple) and k[0] != snapshot.id]:
                del self._found[key]


def _rights(snapshot: Snapshot, scope: Scope) -> tuple[Hashable, ...]:
    return snapshot.id, scope.accounts, scope.rights
